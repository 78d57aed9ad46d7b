// The names that AWS uses and that this server answers for.
#pragma once

#include <array>
#include <string_view>

namespace toolgate::app {

inline constexpr std::array<std::string_view, 3> aws_domains{"amazonaws.com", "amazoncognito.com",
                                                             "api.aws"};
// Of the token endpoints, which no endpoint variable covers.
inline constexpr std::string_view token_domain = aws_domains[1];

// True for names below these ("name." is the same name). They never leave the process.
[[nodiscard]] bool is_aws_shaped(std::string_view host);

}  // namespace toolgate::app
