// Checks an input against the constraints of the contract, as AWS's services do.
#pragma once

#include <string_view>

#include "aws/contract.h"
#include "base/result.h"
#include "json/json.h"

namespace toolgate::aws {

// How the message names a member: "targetConfiguration.mcp" with "items[0]", or as AWS's older
// services do, with a small first letter and "tags.1.member.key".
enum class PathStyle : unsigned char { plain, coral };

// Fails with Code::invalid and Error::name "ValidationException"; Error::fields has every member
// that is wrong, up to 20. Values of sensitive members are never repeated.
[[nodiscard]] Result<void> validate(const Shape& shape, const Json& input, PathStyle style);

}  // namespace toolgate::aws
