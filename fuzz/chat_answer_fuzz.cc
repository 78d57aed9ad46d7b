// What a chat-completions endpoint may answer: whole, as the lines of a stream, as an error. The
// events of a stream that ends well open and close one block after the other.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/text.h"
#include "services/bedrock_runtime/chat_answer.h"
#include "services/bedrock_runtime/chat_stream.h"

using namespace toolgate;
using namespace toolgate::services::bedrock_runtime;

namespace {

void check_order(const std::vector<Event>& events) {
  ASSERT(!events.empty() && events.front().name == "messageStart");
  ASSERT(events.back().name == "messageStop");
  std::int64_t block = 0;
  bool open = false;
  for (std::size_t i = 1; i + 1 < events.size(); ++i) {
    const auto& event = events[i];
    ASSERT(json::find_int(event.value, "contentBlockIndex") == block);
    if (event.name == "contentBlockStop") {
      ASSERT(open);
      open = false;
      ++block;
    } else {
      ASSERT(event.name != "contentBlockStart" || !open);
      open = true;
    }
  }
  ASSERT(!open);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (const auto reply = read_chat_answer(text)) check_order(events_of(*reply));
  (void)chat_error(400, text);
  ChatStream stream;
  std::vector<Event> events;
  for (const auto line : split(text, '\n')) {
    if (!stream.take(line, events)) return 0;
  }
  if (stream.finish(events)) check_order(events);
  return 0;
}
