#include "net/chunked.h"

#include <string>

#include <gtest/gtest.h>

namespace toolgate::net {
namespace {

struct Decoded {
  std::string body;
  ChunkDecoder::State state;
  std::string rest;
};

Decoded decode(std::string_view text, std::size_t step) {
  ChunkDecoder decoder;
  Decoded out{{}, ChunkDecoder::State::more, {}};
  for (std::size_t at = 0; at < text.size(); at += step) {
    auto bytes = text.substr(at, step);
    std::string_view piece;
    while ((out.state = decoder.next(bytes, piece)) == ChunkDecoder::State::data) out.body += piece;
    if (out.state == ChunkDecoder::State::end) {
      out.rest = std::string{bytes} + std::string{text.substr(std::min(at + step, text.size()))};
      break;
    }
    if (out.state == ChunkDecoder::State::broken) break;
  }
  return out;
}

TEST(ChunkDecoder, DecodesWhateverThePieces) {
  for (const std::size_t step : {1UL, 2UL, 5UL, 1'000UL}) {
    const auto out =
        decode("5\r\nhello\r\n00A;x=\"y\"\r\n0123456789\r\n0\r\nT: v\r\n\r\nnext", step);
    EXPECT_EQ(out.state, ChunkDecoder::State::end);
    EXPECT_EQ(out.body, "hello0123456789");
    EXPECT_EQ(out.rest, "next");
  }
}

TEST(ChunkDecoder, WaitsForTheEnd) {
  for (const auto* text : {"", "5", "5\r\nhel", "5\r\nhello\r\n0\r\n", "0\r\n\r"}) {
    EXPECT_EQ(decode(text, 100).state, ChunkDecoder::State::more) << text;
  }
}

TEST(ChunkDecoder, RefusesWhatReadersCouldTakeDifferently) {
  for (const auto* text :
       {"5\nhello\r\n0\r\n\r\n", "5\r\nhello\n0\r\n\r\n", "5\r\nhelloX", "\r\n", "x\r\n", "-1\r\n",
        "+5\r\n", "0x5\r\n", "5 \r\n", " 5\r\n", "1000000000000000\r\n", "ffffffffffffffff\r\n",
        "5;a\nb\r\n", "0\r\nT: v\nX: y\r\n\r\n", "0\r\n\rX", "5\r\r\n"}) {
    EXPECT_EQ(decode(text, 100).state, ChunkDecoder::State::broken) << text;
    EXPECT_EQ(decode(text, 1).state, ChunkDecoder::State::broken) << text;
  }
}

TEST(ChunkDecoder, BoundsExtensionsAndTrailers) {
  EXPECT_EQ(decode("5;" + std::string(10'000, 'x'), 1'000).state, ChunkDecoder::State::broken);
  std::string trailers = "0\r\n";
  for (int i = 0; i < 1'000; ++i) trailers += "name: value\r\n";
  EXPECT_EQ(decode(trailers, 1'000).state, ChunkDecoder::State::broken);
}

}  // namespace
}  // namespace toolgate::net
