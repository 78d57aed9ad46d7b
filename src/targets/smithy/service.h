// The one service of a model: its protocol, its names on the wire, its operations.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "targets/smithy/model.h"

namespace toolgate::targets::smithy {

enum class Protocol : std::uint8_t {
  aws_json_1_0,
  aws_json_1_1,
  rest_json_1,
  rest_xml,
  aws_query,
  ec2_query,
};
[[nodiscard]] std::string_view name_of(Protocol protocol);
[[nodiscard]] bool is_rest(Protocol protocol);

struct Service {
  const Shape* shape = nullptr;
  Protocol protocol = Protocol::rest_json_1;
  std::string_view version;              // "2012-08-10"
  std::string_view sdk_id;               // "DynamoDB"
  std::string_view endpoint_prefix;      // "dynamodb"
  std::string_view signing_name;         // "dynamodb"
  std::vector<const Shape*> operations;  // its own and its resources', each once
};

// Fails with Code::invalid: no service or several, none of the protocols that are spoken, an
// operation that is not in the model.
[[nodiscard]] Result<Service> read_service(const Model& model);

// The shape that an operation names as its "input" or "output"; null for none and for Unit.
[[nodiscard]] const Shape* part_of(const Model& model, const Shape& operation,
                                   std::string_view part);

}  // namespace toolgate::targets::smithy
