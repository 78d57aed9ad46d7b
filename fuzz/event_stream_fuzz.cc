// Frames of an event stream: what can be read is printed back as the same bytes, unless a header
// is of a type that we never write.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "aws/event_stream.h"
#include "base/result.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace toolgate;
  using aws::EventHeader;
  std::string_view bytes{reinterpret_cast<const char*>(data), size};
  for (;;) {
    const std::string_view before = bytes;
    const auto message = aws::take_message(bytes);
    if (!message || !*message) {
      ASSERT(bytes.data() == before.data() && bytes.size() == before.size());
      return 0;
    }
    ASSERT(bytes.size() < before.size());
    const bool ours = std::ranges::all_of((*message)->headers, [](const EventHeader& header) {
      return header.type == EventHeader::string_type && header.value.size() <= 0x7FFF;
    });
    if (!ours) continue;
    ASSERT(aws::print_message(**message) == before.substr(0, before.size() - bytes.size()));
  }
}
