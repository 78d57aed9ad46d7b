// Chunked bodies: the first byte says by how many bytes the rest comes in. However they are cut,
// the body is the same and ends at the same byte; a decoder that broke stays broken; and a body
// that was taken reads the same when it is chunked again.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include <fmt/format.h>

#include "base/result.h"
#include "net/chunked.h"

using namespace toolgate;
using State = net::ChunkDecoder::State;

namespace {

struct Decoded {
  State state = State::more;
  std::string body;
  std::size_t taken = 0;
};

Decoded decode(std::string_view bytes, std::size_t step) {
  net::ChunkDecoder decoder;
  Decoded out;
  while (out.taken < bytes.size() && out.state == State::more) {
    auto window = bytes.substr(out.taken, step);
    const auto size = window.size();
    do {
      std::string_view piece;
      out.state = decoder.next(window, piece);
      if (out.state == State::data) {
        ASSERT(!piece.empty() && piece.size() <= size);
        out.body += piece;
      }
    } while (out.state == State::data);
    ASSERT(out.state != State::more || window.empty());
    out.taken += size - window.size();
  }
  ASSERT(decoder.ended() == (out.state == State::end));
  if (out.state == State::broken) {
    std::string_view good{"0\r\n\r\n"};
    std::string_view piece;
    ASSERT(decoder.next(good, piece) == State::broken);
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  const auto whole = decode(bytes, bytes.size());
  const auto pieces = decode(bytes, 1 + data[0]);
  ASSERT(whole.state == pieces.state && whole.body == pieces.body && whole.taken == pieces.taken);
  if (whole.state != State::end) return 0;

  std::string again;
  for (std::string_view rest = whole.body; !rest.empty();) {
    const auto piece = rest.substr(0, 1 + data[0]);
    again += fmt::format("{:x}\r\n{}\r\n", piece.size(), piece);
    rest.remove_prefix(piece.size());
  }
  again += "0\r\n\r\n";
  const auto echo = decode(again, again.size());
  ASSERT(echo.state == State::end && echo.body == whole.body && echo.taken == again.size());
  return 0;
}
