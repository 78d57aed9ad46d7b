// The token that a request shows.
#pragma once

#include <optional>
#include <string_view>

#include "net/http.h"

namespace toolgate::identity {

// Of "Authorization: Bearer …" (RFC 6750 §2.1); no other place is looked at. A view into the
// request.
[[nodiscard]] std::optional<std::string_view> bearer_token(const net::Request& request);

}  // namespace toolgate::identity
