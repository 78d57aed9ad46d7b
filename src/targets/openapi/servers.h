// Where an operation is served, and its path below that.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "json/json.h"

namespace toolgate::targets::openapi {

// The first of the operation's servers, else of its path's, else of the document's, its variables
// with their defaults, without a slash at the end. Fails with Code::invalid, naming the URL: none,
// relative, no http or https, with a query, a variable without a default.
[[nodiscard]] Result<std::string> server_url(const Json& document, const Json& item,
                                             const Json& operation);

// A path template as it goes into a URL: parameters in braces stay, what a URL cannot hold is
// %-encoded, a fragment is cut off.
[[nodiscard]] std::string path_template(std::string_view path);

}  // namespace toolgate::targets::openapi
