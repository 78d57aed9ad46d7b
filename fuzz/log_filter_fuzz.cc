// Filter patterns of strangers on strangers' events: a pattern, a newline, an event. Whatever the
// bytes, a pattern that is accepted decides each event, the same way twice; one that is refused
// says what was expected.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "services/logs/filter_pattern.h"

using namespace toolgate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const auto newline = bytes.find('\n');
  const std::string_view pattern = bytes.substr(0, newline).substr(0, 1024);
  const std::string_view event =
      newline == std::string_view::npos ? std::string_view{} : bytes.substr(newline + 1);
  const auto matcher = services::logs::parse_filter_pattern(pattern);
  if (!matcher) {
    ASSERT(matcher.error().code == Code::invalid && !matcher.error().message.empty());
    return 0;
  }
  if (*matcher) ASSERT((*matcher)->matches(event) == (*matcher)->matches(event));
  return 0;
}
