// The one table from Code and Error::name to what each family of AWS services answers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/contract.h"
#include "base/result.h"
#include "net/http.h"

namespace toolgate::aws {

// An error as a service's clients know it.
struct WireError {
  int status = 400;
  std::string code;     // "ResourceNotFoundException", "NoSuchEntity"
  std::string message;
  std::string reason;   // of ValidationException, where the contract has the member
  std::vector<Error::Field> fields;
};

[[nodiscard]] WireError wire_error(const Contract& contract, const Error& error);

// The error in the service's protocol. The detail of an internal one goes to the log only, with
// the request's id.
[[nodiscard]] net::Response print_error(const Contract& contract, const Error& error,
                                        std::string_view request_id);

// The second id of an answer of S3 (x-amz-id-2, HostId): of the first.
[[nodiscard]] std::string host_id(std::string_view request_id);

// Code::not_found, Error::name "UnknownOperationException".
[[nodiscard]] Error unknown_operation(const Contract& contract, std::string_view operation);
[[nodiscard]] Error no_such_operation(std::string message);

}  // namespace toolgate::aws
