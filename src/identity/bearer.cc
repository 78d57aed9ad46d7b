#include "identity/bearer.h"

#include "base/text.h"

namespace toolgate::identity {

std::optional<std::string_view> bearer_token(const net::Request& request) {
  constexpr std::string_view scheme = "bearer ";
  const auto value = request.headers.find("authorization");
  if (!value || value->size() <= scheme.size()) return std::nullopt;
  if (!equal_ignoring_case(value->substr(0, scheme.size()), scheme)) return std::nullopt;
  return trim(value->substr(scheme.size()));
}

}  // namespace toolgate::identity
