#include "net/sse.h"

#include "base/result.h"

namespace toolgate::net {

Result<void> SseParser::feed(std::string_view bytes,
                             const std::function<bool(const SseEvent&)>& on_event) {
  while (!bytes.empty()) {
    if (skip_lf_) {
      skip_lf_ = false;
      if (bytes.front() == '\n') {
        bytes.remove_prefix(1);
        continue;
      }
    }
    const auto end = bytes.find_first_of("\r\n");
    const auto piece = bytes.substr(0, end);
    if (line_.size() + piece.size() + data_.size() > event_bytes_max_) {
      return fail(Code::too_large, "An event of the stream is longer than the limit.");
    }
    if (end == std::string_view::npos) {
      line_ += piece;
      return {};
    }
    skip_lf_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    // A line that is whole in `bytes` is read where it is.
    if (!line_.empty()) line_ += piece;
    const bool go_on = take_line(line_.empty() ? piece : std::string_view{line_}, on_event);
    line_.clear();
    if (!go_on) return {};
  }
  return {};
}

bool SseParser::take_line(std::string_view line,
                          const std::function<bool(const SseEvent&)>& on_event) {
  if (at_start_) {
    at_start_ = false;
    if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  }
  if (line.empty()) return dispatch(on_event);
  const auto colon = line.find(':');
  const auto field = line.substr(0, colon);
  auto value = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data") {
    if (has_data_) data_ += '\n';
    data_ += value;
    has_data_ = true;
  } else if (field == "event") {
    type_ = value;
  } else if (field == "id" && value.find('\0') == std::string_view::npos) {
    id_ = value;
  }
  return true;
}

bool SseParser::dispatch(const std::function<bool(const SseEvent&)>& on_event) {
  const bool go_on =
      !has_data_ ||
      on_event(SseEvent{type_.empty() ? std::string_view{"message"} : type_, data_, id_});
  has_data_ = false;
  data_.clear();
  type_.clear();
  return go_on;
}

}  // namespace toolgate::net
