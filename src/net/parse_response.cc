// The first line of an answer, and what its fields say of the body.
#include "net/parser.h"

namespace toolgate::net {

void ResponseParser::reset() {
  reset_fields();
  head = {};
  version_1_0_ = false;
}

Parsed ResponseParser::parse(std::string_view bytes) {
  auto state = Parsed::more;
  while (const auto line = next_line(bytes, state)) {
    if (!first_line_done_) {
      if (!take_status_line(*line)) return Parsed::refused;
      first_line_done_ = true;
    } else if (line->empty()) {
      return finish() ? Parsed::done : Parsed::refused;
    } else if (!take_field(*line)) {
      return Parsed::refused;
    }
  }
  return state;
}

bool ResponseParser::take_status_line(std::string_view line) {
  const auto digit = [&](std::size_t at) { return line[at] >= '0' && line[at] <= '9'; };
  // "HTTP/1.1 200 OK"; the reason may be missing, with or without its space.
  const bool good = line.size() >= 12 && line.starts_with("HTTP/1.") && digit(7) &&
                    line[8] == ' ' && digit(9) && digit(10) && digit(11) &&
                    (line.size() == 12 || line[12] == ' ');
  if (!good) return refuse(502, "The status line is not one of HTTP/1.1 or HTTP/1.0.");
  version_1_0_ = line[7] == '0';
  head.status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  return head.status >= 100 || refuse(502, "The status is below 100.");
}

bool ResponseParser::finish() {
  if (has_encoding_ && version_1_0_) {
    return refuse(502, "Transfer-Encoding does not exist in HTTP/1.0.");
  }
  if (!check_framing()) return false;
  if (has_encoding_) {
    head.body = BodyKind::chunked;
  } else if (has_length_) {
    head.body = BodyKind::length;
    head.body_bytes = length_;
  } else {
    head.body = BodyKind::until_close;
  }
  head.keep_alive = version_1_0_ ? says_keep_alive_ && !says_close_ : !says_close_;
  return true;
}

}  // namespace toolgate::net
