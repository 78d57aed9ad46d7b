#include "net/chunked.h"

#include <algorithm>

namespace toolgate::net {
namespace {

constexpr int size_digits_max = 15;  // fits in 64 bits
// Of all extensions and trailers of one body; nobody reads them.
constexpr std::uint32_t ignored_bytes_max = 8 * 1024;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_text(char c) {
  const auto u = static_cast<unsigned char>(c);
  return (u >= 0x20 && u != 0x7f) || u == '\t';
}

}  // namespace

ChunkDecoder::State ChunkDecoder::next(std::string_view& bytes, std::string_view& piece) {
  while (at_ != At::end) {
    if (at_ == At::broken) return State::broken;
    if (bytes.empty()) return State::more;
    if (at_ == At::data) {
      const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
      piece = bytes.substr(0, n);
      bytes.remove_prefix(n);
      left_ -= n;
      if (left_ == 0) at_ = At::data_cr;
      return State::data;
    }
    const char c = bytes.front();
    bytes.remove_prefix(1);
    if (!step(c)) {
      at_ = At::broken;
      return State::broken;
    }
  }
  return State::end;
}

bool ChunkDecoder::step(char c) {
  switch (at_) {
    case At::size:
      if (const int value = hex_digit(c); value >= 0) {
        left_ = left_ * 16 + static_cast<std::uint64_t>(value);
        return ++digits_ <= size_digits_max;
      }
      at_ = c == '\r' ? At::size_lf : At::extension;
      return digits_ > 0 && (c == '\r' || c == ';');
    case At::extension:
      if (c == '\r') at_ = At::size_lf;
      return c == '\r' || (is_text(c) && ++line_bytes_ <= ignored_bytes_max);
    case At::size_lf:
      at_ = left_ > 0 ? At::data : At::trailer_first;
      digits_ = 0;
      return c == '\n';
    case At::data_cr:
      at_ = At::data_lf;
      return c == '\r';
    case At::data_lf:
      at_ = At::size;
      return c == '\n';
    case At::trailer_first:
      at_ = c == '\r' ? At::last_lf : At::trailer;
      return c == '\r' || (is_text(c) && ++line_bytes_ <= ignored_bytes_max);
    case At::trailer:
      if (c == '\r') at_ = At::trailer_lf;
      return c == '\r' || (is_text(c) && ++line_bytes_ <= ignored_bytes_max);
    case At::trailer_lf:
      at_ = At::trailer_first;
      return c == '\n';
    case At::last_lf:
      at_ = At::end;
      return c == '\n';
    case At::data:
    case At::end:
    case At::broken:
      break;
  }
  return false;
}

}  // namespace toolgate::net
