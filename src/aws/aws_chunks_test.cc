#include "aws/aws_chunks.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace toolgate::aws {
namespace {

using Event = AwsChunkDecoder::Event;

struct Decoded {
  std::string body;
  std::string signatures;  // the first digit of each
  Event last = Event::more;
};

Decoded decode(AwsChunkDecoder& decoder, std::string_view text, std::size_t step) {
  Decoded out;
  for (; !text.empty() && out.last != Event::broken;
       text.remove_prefix(std::min(step, text.size()))) {
    auto window = text.substr(0, step);
    do {
      std::string_view piece;
      out.last = decoder.next(window, piece);
      if (out.last == Event::data) out.body += piece;
      if (out.last == Event::chunk) {
        out.signatures += decoder.signature().empty() ? "-" : decoder.signature().substr(0, 1);
      }
    } while (out.last == Event::data || out.last == Event::chunk ||
             (out.last == Event::end && !window.empty()));
  }
  return out;
}

Event outcome(std::string_view text) {
  AwsChunkDecoder decoder;
  return decode(decoder, text, text.size()).last;
}

TEST(AwsChunkDecoder, GivesDataAndTrailersHoweverTheBytesAreCut) {
  const std::string signature(64, 'a');
  const std::string text =
      "5;chunk-signature=" + signature + "\r\nhello\r\n6\r\n world\r\n0\r\n" +
      "X-Amz-Checksum-CRC32: AAAAAA== \r\nx-amz-trailer-signature:" + signature + "\r\n\r\n";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    AwsChunkDecoder decoder;
    const auto out = decode(decoder, text, step);
    EXPECT_EQ(out.body, "hello world");
    EXPECT_EQ(out.signatures, "a--");
    EXPECT_EQ(out.last, Event::end);
    EXPECT_EQ(net::find_header(decoder.trailers(), "x-amz-checksum-crc32"), "AAAAAA==");
    EXPECT_EQ(decoder.trailer_signature(), signature);
  }
}

TEST(AwsChunkDecoder, KnowsWhenMoreIsToCome) {
  EXPECT_EQ(outcome("5\r\nhello"), Event::more);
  EXPECT_EQ(outcome("0\r\n"), Event::more);
  EXPECT_EQ(outcome("0\r\n\r\n"), Event::end);
}

TEST(AwsChunkDecoder, RefusesWhatIsNoChunk) {
  for (const std::string text :
       {"\r\n", "x\r\n", "-1\r\n", "fffffffffffffff\r\n", "1;chunk-signature=ab\r\n",
        "1;other=1\r\n", "1\r\nab\r\n", "1\r\na\n", "0\r\n\r\nmore", "0\r\nno colon\r\n",
        "0\r\n:empty\r\n", "0\r\nx-amz-trailer-signature:12\r\n"}) {
    EXPECT_EQ(outcome(text), Event::broken) << text;
  }
  EXPECT_EQ(outcome(std::string(2'000, '0')), Event::broken);
  std::string trailers = "0\r\n";
  for (int i = 0; i < 20; ++i) trailers += "a:b\r\n";
  EXPECT_EQ(outcome(trailers), Event::broken);
}

}  // namespace
}  // namespace toolgate::aws
