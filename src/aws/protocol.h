// One row a protocol of AWS: how it says which operation is meant, reads its input and prints its
// answer. Errors: errors.h.
#pragma once

#include <optional>
#include <string_view>

#include "aws/call.h"
#include "aws/contract.h"
#include "aws/input.h"
#include "base/result.h"
#include "net/http.h"

namespace toolgate::aws {

struct Route {
  const Contract* contract = nullptr;        // null: no service of ours
  const OperationShape* operation = nullptr; // null: none of the service's
  UriLabels labels;
  // Of services whose URIs are cut in a way of their own (bucket_uri.h): read labels and parameters
  // from here.
  std::optional<RequestUri> own_uri;
  std::string name;  // of the operation the request names, if it names one
};

struct Protocol {
  ProtocolName name;
  // Sets operation, labels and name.
  void (*find_operation)(Route& route, const net::Request& request, const RequestUri& uri);
  Result<Json> (*read)(const OperationShape& operation, const InputParts& parts);
  net::Response (*print)(const Contract& contract, const OperationShape& operation, Answer answer,
                         std::string_view request_id);
};

[[nodiscard]] const Protocol& protocol_of(const Contract& contract);

// The form of a query request: its body, or its query string when it has no body.
[[nodiscard]] std::string_view form_of(const net::Request& request);
// One parameter of a form, decoded; empty when it is not there.
[[nodiscard]] std::string form_parameter(std::string_view form, std::string_view name);

}  // namespace toolgate::aws
