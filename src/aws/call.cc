#include "aws/call.h"

namespace toolgate::aws {

std::string text(const Call& call, std::string_view member) {
  auto found = text_if(call, member);
  ASSERT(found.has_value());
  return std::move(*found);
}

std::optional<std::string> text_if(const Call& call, std::string_view member) {
  const auto found = json::find_string(call.input, member);
  if (!found) return std::nullopt;
  return std::string{*found};
}

}  // namespace toolgate::aws
