// The first line of a request, and what its fields say of the body.
#include "base/text.h"
#include "net/parser.h"

namespace toolgate::net {
namespace {

constexpr std::size_t method_bytes_max = 32;

// Everything printable but '#': what RFC 3986 leaves out of a path does no harm inside it.
bool good_target(std::string_view target) {
  unsigned char bad = 0;
  for (const char c : target) {
    const auto u = static_cast<unsigned char>(c);
    bad |= static_cast<unsigned char>((u <= ' ') | (u >= 0x7f) | (u == '#'));
  }
  return bad == 0;
}

// False for what no end of line can make a request of: its sender would wait for a timeout.
bool may_begin(std::string_view bytes) {
  return bytes.empty() || bytes.front() == '\r' || bytes.front() == '\n' ||
         is_token(bytes.substr(0, 1));
}

}  // namespace

void RequestParser::reset() {
  reset_fields();
  head = {};
  absolute_host_ = {};
}

Parsed RequestParser::parse(std::string_view bytes) {
  auto state = Parsed::more;
  while (const auto line = next_line(bytes, state)) {
    if (!first_line_done_) {
      // One empty line before a request is passed over (RFC 9112 §2.2).
      if (line->empty() && !empty_line_skipped_) {
        empty_line_skipped_ = true;
        continue;
      }
      if (!take_request_line(*line)) return Parsed::refused;
      first_line_done_ = true;
    } else if (line->empty()) {
      return finish() ? Parsed::done : Parsed::refused;
    } else if (!take_field(*line)) {
      return Parsed::refused;
    }
  }
  if (state == Parsed::more && !first_line_done_ && !may_begin(bytes)) {
    refuse(400, "The request begins with no method. Is it TLS, on a port that speaks plain HTTP?");
    return Parsed::refused;
  }
  return state;
}

bool RequestParser::take_request_line(std::string_view line) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return refuse(400, "The request line is not: method, target, HTTP version.");
  }
  head.method = line.substr(0, first);
  if (!is_token(head.method) || head.method.size() > method_bytes_max) {
    return refuse(400, "The method is not a token of at most 32 bytes.");
  }
  const auto version = line.substr(last + 1);
  const bool digits = version.size() == 8 && version.starts_with("HTTP/") && version[5] >= '0' &&
                      version[5] <= '9' && version[6] == '.' && version[7] >= '0' &&
                      version[7] <= '9';
  if (!digits) return refuse(400, "The request line does not end with an HTTP version.");
  if (version[5] != '1') return refuse(505, "Only HTTP/1.1 and HTTP/1.0 are spoken here.");
  head.version_1_0 = version[7] == '0';
  const auto target = line.substr(first + 1, last - first - 1);
  if (target.size() > target_bytes_max) return refuse(414, "The target is longer than 16 KiB.");
  return take_target(target);
}

bool RequestParser::take_target(std::string_view target) {
  if (target.empty() || !good_target(target)) {
    return refuse(400, "The target holds characters that a URL must not hold.");
  }
  head.target = target;
  if (head.method == "CONNECT") {
    const auto parts = split_authority(target);
    absolute_host_ = target;
    return (parts && !parts->host.empty() && !parts->port.empty()) ||
           refuse(400, "The target of CONNECT is host:port.");
  }
  if (target.front() == '/') return true;
  if (target == "*") {
    return head.method == "OPTIONS" || refuse(400, "The target * belongs to OPTIONS alone.");
  }
  // Absolute form, as to a proxy: its authority counts, not the Host field (RFC 9112 §3.2.2).
  const auto scheme_end = target.find("://");
  const auto scheme = target.substr(0, scheme_end);
  if (scheme_end == std::string_view::npos ||
      !(equal_ignoring_case(scheme, "http") || equal_ignoring_case(scheme, "https"))) {
    return refuse(400, "The target is neither a path nor an http or https URL.");
  }
  const auto rest = target.substr(scheme_end + 3);
  const auto path = rest.find_first_of("/?");
  absolute_host_ = rest.substr(0, path);
  const auto parts = split_authority(absolute_host_);
  if (!parts || parts->host.empty()) return refuse(400, "The target's host is malformed.");
  head.target = path == std::string_view::npos ? std::string_view{"/"} : rest.substr(path);
  if (head.target.front() != '/') return refuse(400, "The target has a query but no path.");
  return true;
}

bool RequestParser::finish() {
  if (!has_host_ && !head.version_1_0) return refuse(400, "The Host field is missing.");
  if (has_host_) {
    const auto parts = split_authority(host_);
    if (!parts || parts->host.empty()) return refuse(400, "The Host field is malformed.");
    head.host = host_;
  }
  if (!absolute_host_.empty()) head.host = absolute_host_;
  if (has_encoding_ && head.version_1_0) {
    return refuse(400, "Transfer-Encoding does not exist in HTTP/1.0.");
  }
  if (!check_framing()) return false;
  if (head.method == "CONNECT" && (has_encoding_ || has_length_)) {
    return refuse(400, "CONNECT has no body.");
  }
  if (has_encoding_) {
    head.body = BodyKind::chunked;
  } else if (length_ > 0) {
    head.body = BodyKind::length;
    head.body_bytes = length_;
  }
  if (!expect_.empty() && !head.version_1_0) {
    if (!equal_ignoring_case(expect_, "100-continue")) {
      return refuse(417, "Only 100-continue can be expected.");
    }
    head.expects_continue = true;
  }
  head.keep_alive = head.version_1_0 ? says_keep_alive_ && !says_close_ : !says_close_;
  return true;
}

}  // namespace toolgate::net
