#include "net/parser.h"

#include <array>
#include <cstring>

#include "base/limits.h"
#include "base/text.h"
#include "net/ip.h"

namespace toolgate::net {
namespace {

constexpr auto token_table = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view{"!#$%&'*+-.^_`|~0123456789"
                                       "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"}) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}();

constexpr auto host_table = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view{"-._~%!$&'()*+,;=0123456789"
                                       "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"}) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}();

// Without branches, so that it is vectorised: tokens of a kilobyte are common.
bool has_control(std::string_view value) {
  unsigned char bad = 0;
  for (const char c : value) {
    const auto u = static_cast<unsigned char>(c);
    bad |= static_cast<unsigned char>(((u < 0x20) & (u != '\t')) | (u == 0x7f));
  }
  return bad != 0;
}

bool all_of_table(std::string_view text, const std::array<bool, 256>& table) {
  for (const char c : text) {
    if (!table[static_cast<unsigned char>(c)]) return false;
  }
  return true;
}

}  // namespace

bool is_token(std::string_view text) { return !text.empty() && all_of_table(text, token_table); }

std::optional<AuthorityParts> split_authority(std::string_view authority) {
  AuthorityParts parts;
  std::string_view rest;
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    parts.host = authority.substr(1, end - 1);
    rest = authority.substr(end + 1);
    const auto ip = Ip::parse(parts.host);
    if (!ip || !ip->v6()) return std::nullopt;
    if (!rest.empty() && rest.front() != ':') return std::nullopt;
  } else {
    const auto colon = authority.find(':');
    parts.host = authority.substr(0, colon);
    rest = colon == std::string_view::npos ? std::string_view{} : authority.substr(colon);
    if (!all_of_table(parts.host, host_table)) return std::nullopt;
  }
  if (!rest.empty()) {
    parts.has_port = true;
    parts.port = rest.substr(1);
    if (parts.port.size() > 5) return std::nullopt;
    for (const char c : parts.port) {
      if (c < '0' || c > '9') return std::nullopt;
    }
  }
  return parts;
}

void HeadParser::reset_fields() {
  fields.clear();
  host_ = content_length_ = transfer_encoding_ = expect_ = refusal_ = {};
  has_host_ = has_length_ = has_encoding_ = says_close_ = says_keep_alive_ = false;
  first_line_done_ = empty_line_skipped_ = false;
  length_ = 0;
  line_begin_ = seen_ = 0;
  refusal_status_ = 0;
}

bool HeadParser::refuse(int status, std::string_view why) {
  refusal_status_ = status;
  refusal_ = why;
  return false;
}

std::optional<std::string_view> HeadParser::next_line(std::string_view bytes, Parsed& state) {
  const auto* lf = static_cast<const char*>(
      std::memchr(bytes.data() + seen_, '\n', bytes.size() - seen_));
  const auto end = lf == nullptr ? bytes.size() : static_cast<std::size_t>(lf - bytes.data());
  if (!first_line_done_ && end - line_begin_ > target_bytes_max + 64) {
    refuse(414, "The request line is longer than 16 KiB.");
    state = Parsed::refused;
    return std::nullopt;
  }
  if (end >= limits::http_head_bytes_max) {
    refuse(431, "The head is longer than 32 KiB.");
    state = Parsed::refused;
    return std::nullopt;
  }
  if (lf == nullptr) {
    seen_ = bytes.size();
    state = Parsed::more;
    return std::nullopt;
  }
  if (end == line_begin_ || bytes[end - 1] != '\r') {
    refuse(400, "A line of the head ends with LF alone; CR LF is expected.");
    state = Parsed::refused;
    return std::nullopt;
  }
  const auto line = bytes.substr(line_begin_, end - 1 - line_begin_);
  line_begin_ = seen_ = end + 1;
  return line;
}

bool HeadParser::take_field(std::string_view line) {
  const auto* found = static_cast<const char*>(std::memchr(line.data(), ':', line.size()));
  const auto colon = found == nullptr ? 0 : static_cast<std::size_t>(found - line.data());
  if (line.front() == ' ' || line.front() == '\t') {
    return refuse(400, "A header field is folded over several lines.");
  }
  const auto name = line.substr(0, colon);
  if (!is_token(name)) {
    return refuse(400, "A header field's name is not a token directly followed by a colon.");
  }
  const auto value = trim(line.substr(colon + 1));
  if (has_control(value)) return refuse(400, "A header field's value holds a control character.");
  if (fields.size() >= limits::http_headers_count_max) {
    return refuse(431, "The head has more than 128 header fields.");
  }
  fields.add({name, value});
  return take_known_field(name, value);
}

bool HeadParser::take_known_field(std::string_view name, std::string_view value) {
  switch (name.size()) {
    case 4:
      if (!equal_ignoring_case(name, "host")) return true;
      if (has_host_) return refuse(400, "The Host field is given twice.");
      has_host_ = true;
      host_ = value;
      return true;
    case 6:
      if (equal_ignoring_case(name, "expect")) expect_ = value;
      return true;
    case 10:
      if (!equal_ignoring_case(name, "connection")) return true;
      for (std::string_view rest = value; !rest.empty();) {
        const auto comma = rest.find(',');
        const auto option = trim(rest.substr(0, comma));
        rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
        says_close_ |= equal_ignoring_case(option, "close");
        says_keep_alive_ |= equal_ignoring_case(option, "keep-alive");
      }
      return true;
    case 14:
      if (!equal_ignoring_case(name, "content-length")) return true;
      if (has_length_) return refuse(400, "Content-Length is given twice.");
      has_length_ = true;
      content_length_ = value;
      return true;
    case 17:
      if (!equal_ignoring_case(name, "transfer-encoding")) return true;
      if (has_encoding_) return refuse(400, "Transfer-Encoding is given twice.");
      has_encoding_ = true;
      transfer_encoding_ = value;
      return true;
    default:
      return true;
  }
}

bool HeadParser::check_framing() {
  if (has_encoding_) {
    if (has_length_) return refuse(400, "Both Content-Length and Transfer-Encoding are given.");
    if (!equal_ignoring_case(transfer_encoding_, "chunked")) {
      return refuse(501, "A transfer encoding other than chunked is not supported.");
    }
  }
  if (!has_length_) return true;
  // 18 digits fit in 64 bits.
  if (content_length_.empty() || content_length_.size() > 18) {
    return refuse(400, "Content-Length is not a number.");
  }
  length_ = 0;
  for (const char c : content_length_) {
    if (c < '0' || c > '9') return refuse(400, "Content-Length is not a number.");
    length_ = length_ * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return true;
}

}  // namespace toolgate::net
