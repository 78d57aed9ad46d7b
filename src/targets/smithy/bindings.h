// HTTP bindings of members: labels, query parameters and headers of a request.
#pragma once

#include <string>

#include "base/result.h"
#include "net/http.h"
#include "targets/smithy/node.h"
#include "targets/smithy/recipe.h"

namespace toolgate::targets::smithy {

// Path and query, %-encoded. Fails with Code::invalid for a label without a value.
[[nodiscard]] Result<std::string> bound_target(const Operation& operation, Node arguments,
                                               bool without_bucket);
Result<void> bound_headers(const Shape& input, Node arguments, net::Headers& headers);

}  // namespace toolgate::targets::smithy
