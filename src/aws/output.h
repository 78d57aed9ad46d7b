// Prints what an operation gave back, in each protocol. A member that the output's shape does not
// have, or of another type, is a bug of the operation: it is left out, and the log says so.
#pragma once

#include <string>
#include <string_view>

#include "aws/call.h"
#include "aws/contract.h"
#include "json/json.h"
#include "net/http.h"

namespace toolgate::aws {

[[nodiscard]] net::Response print_rest(const Contract& contract, const OperationShape& operation,
                                       Answer answer);
[[nodiscard]] net::Response print_json_body(const Contract& contract,
                                            const OperationShape& operation, Answer answer);
[[nodiscard]] net::Response print_query(const Contract& contract, const OperationShape& operation,
                                        Answer answer, std::string_view request_id);

// The value as JSON of the wire. `where` names it in the log.
void print_value(std::string& out, const Member& member, const Json& value, std::string_view where);
// The same as XML: the element named `name` with all that is in it.
void print_element(std::string& out, const Member& member, std::string_view name, const Json& value,
                   std::string_view where);

// False, with a line in the log, when the value is not of the member's type.
[[nodiscard]] bool printable(const Member& member, const Json& value, std::string_view where);
// Logs what an operation gave that its output shape does not have.
void log_unknown(const Shape& shape, const JsonObject& object, std::string_view where);

}  // namespace toolgate::aws
