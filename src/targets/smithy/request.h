// A call's arguments as the request that the operation's protocol asks for.
#pragma once

#include <string>

#include "base/result.h"
#include "json/tape.h"
#include "targets/http_exchange.h"
#include "targets/smithy/recipe.h"

namespace toolgate::targets::smithy {

// A request without its host.
struct Request {
  std::string method;
  std::string target;  // path and query, %-encoded
  net::Headers headers;
  std::string body;
};

// `arguments` is one JSON object that has passed the tool's schema. Fails with Code::invalid,
// naming the argument.
// With `without_bucket` S3's bucket is not in the path, because it is in the endpoint's URL.
[[nodiscard]] Result<Request> write_request(const Operation& operation, const json::Tape& arguments,
                                            bool without_bucket);

// Where the request goes: the endpoint that was decided on, or what the rules make of the
// arguments; with the operation's host prefix. Fails with Code::invalid.
[[nodiscard]] Result<Endpoint> endpoint_for(const Operation& operation,
                                            const json::Tape& arguments);
// "{AccountId}." with its labels filled in; empty for an operation without one.
[[nodiscard]] Result<std::string> host_prefix_for(const Operation& operation,
                                                  const json::Tape& arguments);

// checksum.cc: adds the header that the operation's checksum traits ask for.
Result<void> add_checksum(const Operation& operation, const json::Tape& arguments,
                          Request& request);

}  // namespace toolgate::targets::smithy
