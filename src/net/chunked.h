// Chunked transfer coding (RFC 9112 §7.1): the decoder, strict about line ends and sizes.
#pragma once

#include <cstdint>
#include <string_view>

namespace toolgate::net {

class ChunkDecoder {
 public:
  enum class State : std::uint8_t { more, data, end, broken };

  // Takes bytes from the front of `bytes`. `data`: a piece of the body is in `piece`, call again;
  // `more`: all bytes are taken; `end`: the body is over, the rest of `bytes` belongs to others.
  State next(std::string_view& bytes, std::string_view& piece);
  void reset() { *this = {}; }
  // True when nothing of a next chunk has been seen yet.
  [[nodiscard]] bool ended() const { return at_ == At::end; }

 private:
  enum class At : std::uint8_t {
    size, extension, size_lf, data, data_cr, data_lf,
    trailer_first, trailer, trailer_lf, last_lf, end, broken,
  };
  // One byte outside of data; false when it must not stand there.
  bool step(char c);

  At at_ = At::size;
  std::uint64_t left_ = 0;  // of this chunk's data
  int digits_ = 0;
  std::uint32_t line_bytes_ = 0;  // of extensions and trailers
};

}  // namespace toolgate::net
