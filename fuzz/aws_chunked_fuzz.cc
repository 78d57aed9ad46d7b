// Payloads in aws-chunked coding: the first byte says by how many bytes the rest comes in. However
// they are cut, the payload, the trailers and the end are the same; a decoder that broke stays
// broken.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "aws/aws_chunks.h"
#include "base/result.h"

using namespace toolgate;
using Event = aws::AwsChunkDecoder::Event;

namespace {

struct Decoded {
  Event last = Event::more;
  std::string body;
  std::string marks;  // chunks, their signatures and the trailers
};

Decoded decode(std::string_view bytes, std::size_t step) {
  aws::AwsChunkDecoder decoder;
  Decoded out;
  while (!bytes.empty() && out.last != Event::broken) {
    auto window = bytes.substr(0, step);
    bytes.remove_prefix(window.size());
    do {
      std::string_view piece;
      const auto before = window.size();
      out.last = decoder.next(window, piece);
      ASSERT(window.size() < before || out.last == Event::broken);
      if (out.last == Event::data) {
        ASSERT(!piece.empty());
        out.body += piece;
      }
      if (out.last == Event::chunk)
        out.marks += std::to_string(out.body.size()) + decoder.signature();
    } while (!window.empty() && out.last != Event::broken);
  }
  for (const auto& [name, value] : decoder.trailers()) out.marks += name + ':' + value + '\n';
  out.marks += decoder.trailer_signature();
  if (out.last == Event::broken) {
    std::string_view more = "0\r\n\r\n";
    std::string_view piece;
    ASSERT(decoder.next(more, piece) == Event::broken);
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  const auto whole = decode(bytes, bytes.size() + 1);
  const auto cut = decode(bytes, std::size_t{data[0]} + 1);
  ASSERT((whole.last == Event::broken) == (cut.last == Event::broken));
  ASSERT((whole.last == Event::end) == (cut.last == Event::end));
  if (whole.last == Event::broken) return 0;
  ASSERT(whole.body == cut.body);
  ASSERT(whole.marks == cut.marks);
  return 0;
}
