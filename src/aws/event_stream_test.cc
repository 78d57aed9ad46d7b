#include "aws/event_stream.h"

#include <gtest/gtest.h>

#include "aws/output.h"
#include "aws/testing.h"
#include "crypto/hash.h"

namespace toolgate::aws {
namespace {

using testing::contract_text;
using testing::parsed;

constexpr std::string_view shapes = R"(
  "In":{"type":"structure","members":{}},"S":{"type":"string"},"I":{"type":"integer"},
  "Word":{"type":"structure","event":true,"members":{"text":{"shape":"S"},"at":{"shape":"I"}}},
  "ThrottlingException":{"type":"structure","exception":true,"members":{"message":{"shape":"S"}},
                         "error":{"httpStatusCode":429}},
  "Events":{"type":"structure","eventstream":true,
            "members":{"word":{"shape":"Word"},"throttled":{"shape":"ThrottlingException"}}},
  "Out":{"type":"structure","members":{"stream":{"shape":"Events"}},"payload":"stream"})";

struct Made {
  std::string text{contract_text("rest-json", R"("method":"POST","uri":"/")", shapes)};
  Contract contract{"test", text};
  [[nodiscard]] const OperationShape& operation() const { return contract.operations().front(); }
  [[nodiscard]] EventStream stream() const { return {contract, operation()}; }
};

EventMessage taken(std::string_view frame) {
  auto message = take_message(frame);
  EXPECT_TRUE(message && *message) << (message ? "not whole" : message.error().message);
  EXPECT_TRUE(frame.empty());
  return message && *message ? **message : EventMessage{};
}

// The frame with its two checksums made right again, so that what stands inside is what is judged.
std::string resealed(std::string frame) {
  const auto seal = [&](std::size_t at, std::string_view over) {
    std::uint32_t crc = 0xFFFFFFFF;
    for (const char c : over) {
      crc ^= static_cast<unsigned char>(c);
      for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320 : 0);
    }
    crc = ~crc;
    for (std::size_t i = 0; i < 4; ++i) frame[at + i] = static_cast<char>(crc >> (24 - 8 * i));
  };
  seal(8, frame.substr(0, 8));
  seal(frame.size() - 4, frame.substr(0, frame.size() - 4));
  return frame;
}

// The example of the format's description: one header and a payload of JSON.
TEST(PrintMessage, WritesTheFramesThatOthersWrite) {
  const EventMessage message{.headers = {{.name = "content-type", .value = "application/json"}},
                             .payload = "{'foo':'bar'}"};
  EXPECT_EQ(crypto::hex(print_message(message)),
            "0000003d0000002007fd83960c636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f"
            "6e7b27666f6f273a27626172277d8d9c08b1");
  EXPECT_EQ(crypto::hex(print_message({})), "000000100000000005c248eb7d98c8ff");
}

TEST(TakeMessage, ReadsBackWhatWasPrinted) {
  const EventMessage message{.headers = {{.name = ":a", .value = ""}, {.name = "b", .value = "x"}},
                             .payload = std::string("\0\xFF{}", 4)};
  const auto read = taken(print_message(message));
  EXPECT_EQ(read.payload, message.payload);
  ASSERT_EQ(read.headers.size(), 2U);
  EXPECT_EQ(read.text("b"), "x");
  EXPECT_EQ(read.text("c"), "");
}

TEST(TakeMessage, WaitsForTheRestAndLeavesTheNext) {
  const std::string frame = print_message({.headers = {}, .payload = "one"});
  for (std::size_t size = 0; size < frame.size(); ++size) {
    std::string_view part = std::string_view{frame}.substr(0, size);
    const auto message = take_message(part);
    ASSERT_TRUE(message) << size;
    EXPECT_FALSE(*message) << size;
    EXPECT_EQ(part.size(), size);
  }
  const std::string two = frame + print_message({.headers = {}, .payload = "two"});
  std::string_view rest = two;
  EXPECT_EQ((*take_message(rest))->payload, "one");
  EXPECT_EQ((*take_message(rest))->payload, "two");
  EXPECT_TRUE(rest.empty());
}

TEST(TakeMessage, RefusesEveryFlippedBit) {
  const std::string frame =
      print_message({.headers = {{.name = "a", .value = "b"}}, .payload = "text"});
  for (std::size_t bit = 0; bit < frame.size() * 8; ++bit) {
    std::string bent = frame;
    bent[bit / 8] = static_cast<char>(bent[bit / 8] ^ (1 << bit % 8));
    std::string_view bytes = bent;
    EXPECT_FALSE(take_message(bytes)) << bit;
  }
}

TEST(TakeMessage, RefusesLengthsAndHeadersThatCannotBe) {
  const std::string frame =
      print_message({.headers = {{.name = "ab", .value = "cd"}}, .payload = "text"});
  const struct {
    std::size_t at;
    char byte;
    std::string_view message;
  } table[] = {
      {3, 15, "impossible length"},    // shorter than a frame can be
      {7, 100, "impossible length"},   // headers longer than the frame
      {0, 0x7F, "impossible length"},  // 2 GB
      {12, 0, "name is cut"},          // a name of no bytes
      {12, 50, "name is cut"},         // a name beyond the headers
      {15, 10, "unknown type"},        // there are ten types
      {15, 9, "value is cut"},         // a UUID has 16 bytes
      {17, 50, "value is cut"},        // a string beyond the headers
  };
  for (const auto& row : table) {
    std::string bent = frame;
    bent[row.at] = row.byte;
    bent = resealed(bent);
    std::string_view bytes = bent;
    const auto message = take_message(bytes);
    ASSERT_FALSE(message) << row.at;
    EXPECT_TRUE(message.error().message.contains(row.message)) << message.error().message;
  }
}

TEST(TakeMessage, ReadsHeadersOfEveryType) {
  const std::string headers =
      std::string("\1a\0", 3) + std::string("\1b\1", 3) + std::string("\1c\2v", 4) +
      std::string("\1d\3vv", 5) + std::string("\1e\4vvvv", 7) + std::string("\1f\5vvvvvvvv", 11) +
      std::string("\1g\6\0\1v", 6) + std::string("\1h\7\0\1v", 6) +
      std::string("\1i\10vvvvvvvv", 11) + std::string("\1j\11vvvvvvvvvvvvvvvv", 19);
  std::string frame(12, '\0');
  frame += headers + std::string(4, '\0');
  frame[3] = static_cast<char>(frame.size());
  frame[7] = static_cast<char>(headers.size());
  const auto message = taken(resealed(frame));
  ASSERT_EQ(message.headers.size(), 10U);
  EXPECT_EQ(message.headers.back().value.size(), 16U);
  EXPECT_EQ(message.text("h"), "v");
  EXPECT_EQ(message.text("g"), "");  // bytes are no text
}

TEST(EventStream, PrintsAnEventByItsShape) {
  const Made made;
  const auto message =
      taken(made.stream().event("word", parsed(R"({"at":3,"text":"é","more":1})")));
  EXPECT_EQ(message.text(":message-type"), "event");
  EXPECT_EQ(message.text(":event-type"), "word");
  EXPECT_EQ(message.text(":content-type"), "application/json");
  EXPECT_EQ(message.payload, R"({"text":"é","at":3})");
}

TEST(EventStream, PrintsAnExceptionThatTheStreamKnows) {
  const Made made;
  const auto failed = fail(Code::throttled, "slow down");
  const auto message = taken(made.stream().exception(failed.error()));
  EXPECT_EQ(message.text(":message-type"), "exception");
  EXPECT_EQ(message.text(":exception-type"), "throttled");
  EXPECT_EQ(message.payload, R"({"message":"slow down"})");
}

TEST(EventStream, PrintsAnyOtherFailureAsAnErrorOfTheProtocol) {
  const Made made;
  const auto failed = fail(Code::internal, std::string(100'000, 'x'));
  const auto message = taken(made.stream().exception(failed.error()));
  EXPECT_EQ(message.text(":message-type"), "error");
  EXPECT_EQ(message.text(":error-code"), "InternalServerException");
  EXPECT_EQ(message.text(":error-message").size(), 4'096U);
}

TEST(PrintRest, SaysThatTheBodyIsAnEventStream) {
  const Made made;
  const auto response = print_rest(made.contract, made.operation(),
                                   {.output = JsonObject{}, .body = std::string{"frames"}});
  EXPECT_EQ(net::find_header(response.headers, "content-type"), event_stream_type);
  EXPECT_EQ(net::buffered(response), "frames");
}

}  // namespace
}  // namespace toolgate::aws
