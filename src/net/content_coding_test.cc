// Answers that come packed, whole and by pieces.
#include "net/content_coding.h"

#include <zlib.h>

#include <gtest/gtest.h>

#include "net/test_loop.h"

namespace toolgate::net {
namespace {

using namespace std::chrono_literals;

enum Bits : int { gzip_bits = 15 + 16, zlib_bits = 15, bare_bits = -15 };

std::string packed(std::string_view plain, Bits bits) {
  z_stream stream{};
  EXPECT_EQ(::deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY),
            Z_OK);
  std::string out(::deflateBound(&stream, plain.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(::deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  return out;
}

constexpr std::size_t plenty = 1 << 20;

ClientResponse answer_of(std::string_view coding, std::string body, int status = 200) {
  ClientResponse answer;
  answer.status = status;
  answer.buffer = std::make_shared<std::string>(std::string{coding} + std::move(body));
  const std::string_view all = *answer.buffer;
  answer.headers.add({"content-encoding", all.substr(0, coding.size())});
  answer.body = all.substr(coding.size());
  return answer;
}

// The plain text, or the message of the failure.
std::string decoded(ClientResponse answer, std::size_t bytes_max = plenty) {
  const auto done = decode_content(answer, bytes_max);
  return done ? std::string{answer.body} : done.error().message;
}

// The same by pieces of `step` bytes.
class Pieces final : public BodyReader {
 public:
  Pieces(std::string bytes, std::size_t step) : bytes_{std::move(bytes)}, step_{step} {}
  Task<Result<std::string_view>> read(Deadline /*deadline*/) override {
    const auto piece = std::string_view{bytes_}.substr(at_, step_);
    at_ += piece.size();
    co_return piece;
  }

 private:
  const std::string bytes_;
  const std::size_t step_;
  std::size_t at_ = 0;
};

std::string decoded_by_pieces(std::string_view coding, std::string body, std::size_t step,
                              std::size_t bytes_max = plenty) {
  testing::TestLoop loop;
  ClientStream stream;
  stream.status = 200;
  stream.headers.add({"content-encoding", coding});
  stream.body = std::make_unique<Pieces>(std::move(body), step);
  const auto begun = decode_content(stream, bytes_max);
  if (!begun) return begun.error().message;
  std::string plain;
  for (;;) {
    const auto piece = loop.run(stream.body->read(within(5s)));
    if (!piece) return piece.error().message;
    if (piece->empty()) return plain;
    plain += *piece;
  }
}

const std::string sample = [] {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i * 7919);
  return text;
}();

TEST(DecodeContent, UnpacksEachFormatWholeAndByPieces) {
  const auto twice = packed("one, ", gzip_bits) + packed("two", gzip_bits);
  EXPECT_EQ(decoded(answer_of("gzip", packed(sample, gzip_bits))), sample);
  EXPECT_EQ(decoded(answer_of(" X-GZip ", packed(sample, gzip_bits))), sample);
  EXPECT_EQ(decoded(answer_of("deflate", packed(sample, zlib_bits))), sample);
  EXPECT_EQ(decoded(answer_of("deflate", packed(sample, bare_bits))), sample);
  EXPECT_EQ(decoded(answer_of("aws-chunked, gzip", twice)), "one, two");
  EXPECT_EQ(decoded(answer_of("gzip", twice + std::string(512, '\0'))), "one, two");
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
    EXPECT_EQ(decoded_by_pieces("gzip", packed(sample, gzip_bits), step), sample);
    EXPECT_EQ(decoded_by_pieces("deflate", packed(sample, bare_bits), step), sample);
    EXPECT_EQ(decoded_by_pieces("gzip", twice, step), "one, two");
  }
}

TEST(DecodeContent, LeavesWhatIsNotPacked) {
  EXPECT_EQ(decoded(answer_of("identity", "as it is")), "as it is");
  EXPECT_EQ(decoded(answer_of("", "as it is")), "as it is");
  EXPECT_EQ(decoded(answer_of("gzip", "")), "");
  EXPECT_EQ(decoded_by_pieces("identity", "as it is", 3), "as it is");
  // No codings, but seen there; a coding without a body.
  for (const auto* field : {"utf-8", "none", "identity, identity", "aws-chunked", "x"}) {
    EXPECT_EQ(decoded(answer_of(field, "as it is")), "as it is") << field;
  }
  EXPECT_EQ(decoded_by_pieces("br", "", 3), "");
}

TEST(DecodeContent, NamesTheCodingThatItCannotRead) {
  constexpr std::string_view other =
      "read: Content-Encoding \"br\": the answer is packed, which was not asked for; gzip and "
      "deflate are read.";
  EXPECT_EQ(decoded(answer_of("br", "xyz")), other);
  EXPECT_EQ(decoded_by_pieces("BR", "xyz", 2), other);
  EXPECT_TRUE(decoded(answer_of("gzip, deflate", "xyz")).contains("which was not asked for"));
  EXPECT_EQ(decoded(answer_of("gzip", "{\"plain\":1}")),
            "read: Content-Encoding \"gzip\": the answer is not packed like that, or damaged.");
  const auto whole = packed(sample, gzip_bits);
  const auto cut = whole.substr(0, whole.size() - 5);
  EXPECT_EQ(decoded(answer_of("gzip", cut)),
            "read: Content-Encoding \"gzip\": the answer is cut off.");
  EXPECT_EQ(decoded_by_pieces("gzip", cut, 100),
            "read: Content-Encoding \"gzip\": the answer is cut off.");
}

TEST(DecodeContent, StopsWhereABombExceedsTheBound) {
  const auto bomb = packed(std::string(50'000'000, ' '), gzip_bits);
  ASSERT_LT(bomb.size(), 60'000U);
  constexpr std::string_view refusal = "read: the unpacked answer is longer than 1048576 bytes.";
  EXPECT_EQ(decoded(answer_of("gzip", bomb)), refusal);
  EXPECT_EQ(decoded_by_pieces("gzip", bomb, 100), refusal);
  EXPECT_EQ(decoded(answer_of("gzip", packed(std::string(plenty, 'x'), gzip_bits))).size(), plenty);
}

TEST(DecodeContent, KeepsTheStatusOfARefusalThatCannotBeRead) {
  auto answer = answer_of("br", "xyz", 502);
  ASSERT_TRUE(decode_content(answer, plenty));
  EXPECT_EQ(answer.status, 502);
  EXPECT_EQ(answer.body, "");
}

TEST(DecodeContent, IsDoneToWhatTheClientReceives) {
  const auto body = packed("plain", gzip_bits);
  testing::ScriptedServer server{[&](testing::RawSocket& socket, int) {
    for (int i = 0; i < 2; ++i) {
      socket.receive_until("\r\n\r\n");
      socket.send("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\nx-a: b\r\ncontent-length: " +
                  std::to_string(body.size()) + "\r\n\r\n" + body);
    }
  }};
  testing::TestLoop loop;
  const auto url = *Url::parse(server.url("/"));
  const auto sent = loop.send({.url = &url, .deadline = within(5s)});
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_EQ(sent->body, "plain");
  EXPECT_EQ(sent->headers.find("x-a"), "b");
  const ClientRequest request{.url = &url, .deadline = within(5s)};
  auto opened = loop.run(loop.client.open(request));
  ASSERT_TRUE(opened) << opened.error().message;
  const auto piece = loop.run(opened->body->read(within(5s)));
  ASSERT_TRUE(piece) << piece.error().message;
  EXPECT_EQ(*piece, "plain");
}

}  // namespace
}  // namespace toolgate::net
