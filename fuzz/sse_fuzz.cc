// Streams of server-sent events: the first byte says by how many bytes the rest comes in. However
// they are cut, the events are the same, none is longer than the bound, and data never holds a CR.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/sse.h"

using namespace toolgate;

namespace {

constexpr std::size_t event_bytes_max = 512;

struct Read {
  std::vector<std::string> events;  // type, data and id, with a zero byte between
  bool too_large = false;
};

Read read(std::string_view bytes, std::size_t step) {
  net::SseParser parser{event_bytes_max};
  Read out;
  while (!bytes.empty() && !out.too_large) {
    const std::string window{bytes.substr(0, step)};
    bytes.remove_prefix(window.size());
    const auto fed = parser.feed(window, [&](const net::SseEvent& event) {
      ASSERT(event.data.size() <= event_bytes_max && !event.type.empty());
      ASSERT(event.data.find('\r') == std::string_view::npos);
      ASSERT(event.type.find_first_of("\r\n") == std::string_view::npos);
      ASSERT(event.id.find_first_of(std::string_view{"\r\n\0", 3}) == std::string_view::npos);
      out.events.push_back(std::string{event.type} + '\0' + std::string{event.data} + '\0' +
                           std::string{event.id});
      return true;
    });
    if (!fed) {
      ASSERT(fed.error().code == Code::too_large);
      out.too_large = true;
    }
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  const auto whole = read(bytes, bytes.size());
  const auto pieces = read(bytes, 1 + data[0] % 67);
  ASSERT(whole.too_large == pieces.too_large && whole.events == pieces.events);

  // A callback that has what it wants stops the reading at once.
  net::SseParser first{event_bytes_max};
  std::size_t count = 0;
  (void)first.feed(bytes, [&](const net::SseEvent&) { return ++count < 2; });
  ASSERT(count <= 2 && count == std::min<std::size_t>(whole.events.size(), 2));
  return 0;
}
