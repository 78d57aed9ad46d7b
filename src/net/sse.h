// Server-sent events (HTML Living Standard, "9.2 Server-sent events"): the parser, for answers of
// MCP servers that come as a stream.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace toolgate::net {

struct SseEvent {
  std::string_view type;  // "message" when the stream names none
  std::string_view data;  // lines joined by \n
  std::string_view id;    // last id seen
};

// Feed it pieces of any size; it calls back for each event that is complete. CR, LF and CRLF end
// lines; a BOM at the start, comments and unknown fields are passed over.
class SseParser {
 public:
  explicit SseParser(std::size_t event_bytes_max) : event_bytes_max_{event_bytes_max} {}
  // The views are valid during the call. A callback that returns false stops the feeding. Fails
  // with Code::too_large when one event is longer than the limit.
  Result<void> feed(std::string_view bytes, const std::function<bool(const SseEvent&)>& on_event);

 private:
  // Both say whether to go on.
  bool take_line(std::string_view line, const std::function<bool(const SseEvent&)>& on_event);
  bool dispatch(const std::function<bool(const SseEvent&)>& on_event);

  std::size_t event_bytes_max_;
  std::string line_;
  std::string data_;
  std::string type_;
  std::string id_;
  bool has_data_ = false;
  bool skip_lf_ = false;
  bool at_start_ = true;
};

}  // namespace toolgate::net
