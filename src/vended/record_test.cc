// The record's members and texts, and what it must not say.
#include "vended/record.h"

#include <gtest/gtest.h>

#include "json/json.h"

namespace toolgate::vended {
namespace {

const Entry base{.at = 1'759'370'851'622,
                 .account = "123456789012",
                 .region = "us-east-1",
                 .gateway_id = "shop-abc",
                 .request_id = "12345678-1234-4234-8234-123456789012",
                 .id = "1"};

// As through the queue.
Json record(Recorder& recorder, const Entry& entry) {
  std::string packed(packed_size(entry), '\0');
  pack(entry, packed.data());
  const std::string text = recorder.record(unpack(packed)).print();
  const auto parsed = json::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : Json{};
}
std::string body(const Json& record, std::string_view member) {
  return std::string{json::find_string(record, "body", member).value_or("(none)")};
}

TEST(Record, HasTheMembersOfAgentCore) {
  Recorder recorder;
  Entry entry = base;
  entry.body = R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})";
  entry.traceparent = "00-160fc209c3befef4857ab1007d041db0-81346de89c725310-01";
  const Json started = record(recorder, entry);
  EXPECT_EQ(json::find_string(started, "resource_arn"),
            "arn:aws:bedrock-agentcore:us-east-1:123456789012:gateway/shop-abc");
  EXPECT_EQ(json::find_int(started, "event_timestamp"), 1'759'370'851'622);
  EXPECT_EQ(json::find_string(started, "account_id"), "123456789012");
  EXPECT_EQ(json::find_string(started, "request_id"), base.request_id);
  EXPECT_EQ(json::find_string(started, "trace_id"), "160fc209c3befef4857ab1007d041db0");
  EXPECT_EQ(json::find_string(started, "span_id"), "81346de89c725310");
  EXPECT_EQ(json::find_bool(started, "body", "isError"), false);
  EXPECT_EQ(body(started, "log"), "Started processing request with requestId: 1");
  EXPECT_EQ(body(started, "requestBody"), entry.body);
  EXPECT_EQ(body(started, "id"), "1");
  EXPECT_EQ(body(started, "responseBody"), "(none)");
}

TEST(Record, TellsHowItEnded) {
  Recorder recorder;
  Entry entry = base;
  entry.step = Entry::Step::finished;
  entry.outcome = "ok";
  entry.id = R"("a\"b")";
  entry.body = R"({"result":{"content":[]}})";
  const Json good = record(recorder, entry);
  EXPECT_EQ(body(good, "log"), "Successfully processed request with requestId: a\"b");
  EXPECT_EQ(body(good, "responseBody"), entry.body);
  EXPECT_EQ(json::find(good, "trace_id"), nullptr);
  entry.body = R"({"result":{"content":[],"isError":true}})";
  const Json tool = record(recorder, entry);
  EXPECT_EQ(json::find_bool(tool, "body", "isError"), true);
  EXPECT_EQ(body(tool, "log"), "Failed to process request with requestId: a\"b: tool_error");
  entry.outcome = "timeout";
  entry.body = "{}";
  EXPECT_EQ(body(record(recorder, entry), "log"),
            "Failed to process request with requestId: a\"b: timeout");
}

TEST(Record, IgnoresATraceparentThatIsNone) {
  Recorder recorder;
  for (const std::string_view wrong :
       {"", "00-xyz", "00-160fc209c3befef4857ab1007d041db0-81346de89c72531\"-01",
        "00-160FC209C3BEFEF4857AB1007D041DB0-81346de89c725310-01"}) {
    Entry entry = base;
    entry.traceparent = wrong;
    EXPECT_EQ(json::find(record(recorder, entry), "trace_id"), nullptr) << wrong;
  }
}

TEST(Record, CutsABodyBetweenCharactersAndSaysSo) {
  Recorder recorder;
  std::string text;
  while (text.size() <= body_bytes_max) text += "x€";
  Entry entry = base;
  entry.body = text;
  const auto shown = body(record(recorder, entry), "requestBody");
  EXPECT_LT(shown.size(), body_bytes_max + 64);
  EXPECT_TRUE(shown.ends_with("[cut: " + std::to_string(text.size()) + " bytes in all]")) << shown;
  EXPECT_EQ(shown.find("\xEF\xBF\xBD"), std::string::npos) << "a broken character";
}

TEST(Record, TakesSecretsOfTheRequestOutOfItsAnswer) {
  Recorder recorder;
  Entry entry = base;
  entry.body = R"({"params":{"arguments":{"password":"hunter22"}}})";
  EXPECT_EQ(body(record(recorder, entry), "requestBody"),
            R"({"params":{"arguments":{"password":"[REDACTED]"}}})");
  entry.step = Entry::Step::finished;
  entry.outcome = "ok";
  entry.secret = "key-of-a-provider";
  entry.body = R"({"result":{"t":"you said hunter22 and I was shown key-of-a-provider"}})";
  EXPECT_EQ(body(record(recorder, entry), "responseBody"),
            R"({"result":{"t":"you said [REDACTED] and I was shown [REDACTED]"}})");
  // Forgotten with the answer.
  entry.secret = {};
  EXPECT_EQ(body(record(recorder, entry), "responseBody"), entry.body);
}

TEST(Record, PrintsOnlyTheFieldsThatADeliveryWants) {
  Recorder recorder;
  const std::vector<std::string> fields{"request_id", "event_timestamp"};
  EXPECT_EQ(
      recorder.record(base).print(fields),
      R"({"event_timestamp":1759370851622,"request_id":"12345678-1234-4234-8234-123456789012"})");
}

TEST(Entry, KeepsWhatWasPackedWithinItsBounds) {
  Entry entry = base;
  const std::string large(1024 * 1024, 'x');
  entry.method = entry.secret = entry.marked = entry.outcome = entry.traceparent = large;
  entry.body = entry.request_id = entry.id = entry.gateway_id = large;
  EXPECT_LE(packed_size(entry), entry_bytes_max);
  std::string packed(packed_size(entry), '\0');
  pack(entry, packed.data());
  const Entry back = unpack(packed);
  EXPECT_EQ(back.account, base.account);
  EXPECT_EQ(back.body.size(), body_bytes_max);
  EXPECT_EQ(back.body_bytes, large.size());
}

}  // namespace
}  // namespace toolgate::vended
