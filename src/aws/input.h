// Reads the input of an operation from a request, in each protocol. What comes out is an object by
// the contract's names (Call::input), not yet checked against the contract's constraints: unknown
// members are left out, nulls are absent members. Fails with Code::invalid and Error::name
// "SerializationException" when the bytes are not what the protocol or a member's type asks for.
#pragma once

#include <string_view>

#include "aws/contract.h"
#include "aws/uri.h"
#include "base/result.h"
#include "json/json.h"
#include "net/http.h"

namespace toolgate::aws {

struct InputParts {
  const net::Request& request;
  const RequestUri& uri;
  const UriLabels& labels;
};

[[nodiscard]] Result<Json> read_rest(const OperationShape& operation, const InputParts& parts);
[[nodiscard]] Result<Json> read_rest_xml(const OperationShape& operation, const InputParts& parts);
// json 1.0 and 1.1
[[nodiscard]] Result<Json> read_json_body(const OperationShape& operation, std::string_view body);
// query: the form of the body, else the query string.
[[nodiscard]] Result<Json> read_query(const OperationShape& operation, std::string_view form);

// A JSON value of the wire, by a shape. `path` names it in messages.
[[nodiscard]] Result<Json> read_value(const Shape& shape, const Json& wire, std::string_view path);

}  // namespace toolgate::aws
