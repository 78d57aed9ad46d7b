#include "targets/http_result.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "json/json.h"

namespace toolgate::targets {
namespace {

const net::Credential nobody;

struct Answered {
  explicit Answered(int status, std::string_view type, std::string_view body) {
    response.status = status;
    response.buffer = std::make_shared<std::string>(body);
    response.buffer->append(limits::json_padding_bytes, '\0');
    response.body = std::string_view{*response.buffer}.substr(0, body.size());
    if (!type.empty()) response.headers.add({"content-type", type});
  }
  [[nodiscard]] Result<Outcome> result(const json::Schema* output = nullptr,
                                       const net::Credential& credential = nobody) const {
    return http_result(response, {.output = output, .url = url, .credential = credential});
  }
  [[nodiscard]] Json shown(const json::Schema* output = nullptr) const {
    const auto made = result(output);
    EXPECT_TRUE(made) << made.error().message;
    return json::parse(made->result).value_or(Json{});
  }
  net::ClientResponse response;
  net::Url url = net::Url::parse("https://api.example/a/b?key=secret").value();
};

std::string text_of(const Json& result, std::size_t block = 0) {
  const auto* blocks = json::find_array(result, "content");
  return std::string{json::find_string((*blocks)[block], "text").value_or("?")};
}

TEST(HttpResult, GivesTheBytesOfJsonAsText) {
  const std::string_view body = R"( {"a" : 1.50,"b":"\u00e9"} )";
  const auto shown = Answered{200, "application/json", body}.shown();
  EXPECT_EQ(text_of(shown), body);
  EXPECT_EQ(json::find_bool(shown, "isError"), false);
  EXPECT_EQ(json::find(shown, "structuredContent"), nullptr);
}

TEST(HttpResult, AddsStructuredContentWhereTheToolHasAnOutputSchema) {
  const auto schema = json::Schema::compile(R"({"type":"object"})").value();
  const auto result = Answered{200, "application/json", R"({"a":1.50})"}.result(&schema);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->result.contains(R"("structuredContent":{"a":1.50})")) << result->result;
}

TEST(HttpResult, WrapsWhatIsNoObjectForAnOutputSchema) {
  const auto schema = json::Schema::compile(R"({"type":"object"})").value();
  const struct {
    std::string_view type, body, structured;
  } table[] = {{"application/json", "[1]", R"({"result":[1]})"},
               {"text/plain", "a\"b", R"({"result":"a\"b"})"},
               {"image/png", "\x89PNG", "{}"},
               {"", "", "{}"}};
  for (const auto& [type, body, structured] : table) {
    const auto shown = Answered{200, type, body}.shown(&schema);
    EXPECT_EQ(json::print(*json::find(shown, "structuredContent")), structured);
    EXPECT_EQ(json::find_bool(shown, "isError"), false);
  }
}

TEST(HttpResult, MakesAnAnswerThatBreaksItsSchemaAnErrorThatShowsIt) {
  const auto schema = json::Schema::compile(R"({"type":"object","required":["a"]})").value();
  for (const std::string_view body : {R"({"b":1})", R"([1])", "oops"}) {
    const auto shown = Answered{200, "application/json", body}.shown(&schema);
    EXPECT_EQ(json::find_bool(shown, "isError"), true) << body;
    EXPECT_EQ(text_of(shown, 1), body);
  }
}

TEST(HttpResult, ReadsTextInItsCharset) {
  const struct {
    std::string_view type, body, text;
  } table[] = {
      {"text/plain", "gr\xC3\xBC\xC3\x9F", "grüß"},
      {"text/plain; charset=ISO-8859-1", "gr\xFC\xDF", "grüß"},
      {"text/html;charset=\"windows-1252\"", "\x80 \x93x\x94", "€ “x”"},
      {"text/plain; charset=utf-16", {"\xFE\xFF\x00g\xD8\x3D\xDE\x00", 8}, "g😀"},
      {"application/json", "\xEF\xBB\xBF{}", "{}"},
      {"text/plain", "a\xFFz", "a\xEF\xBF\xBDz"},
      {"application/problem+xml", "<a/>", "<a/>"},
      {"", "plain words\n", "plain words\n"},
  };
  for (const auto& [type, body, text] : table) {
    EXPECT_EQ(text_of(Answered{200, type, body}.shown()), text) << type;
  }
}

TEST(HttpResult, EncodesWhatIsNoText) {
  const std::string_view bytes{"\x89PNG\x00\xFF", 6};
  const auto first = [](const Json& result) { return json::find_array(result, "content")->at(0); };
  const auto image = first(Answered{200, "image/png", bytes}.shown());
  EXPECT_EQ(json::print(image), R"({"type":"image","data":"iVBORwD/","mimeType":"image/png"})");
  const auto audio = first(Answered{200, "audio/mpeg", bytes}.shown());
  EXPECT_EQ(json::find_string(audio, "type"), "audio");
  const auto other = first(Answered{200, "application/zip", bytes}.shown());
  EXPECT_EQ(json::print(other), R"({"type":"resource","resource":{"uri":"https://api.example/a/b",)"
                                R"("mimeType":"application/zip","blob":"iVBORwD/"}})");
  const auto unnamed = first(Answered{200, "", bytes}.shown());
  EXPECT_EQ(json::find_string(unnamed, "resource", "mimeType"), "application/octet-stream");
}

TEST(HttpResult, SaysThatThereIsNoBody) {
  EXPECT_EQ(text_of(Answered{204, "", ""}.shown()), "HTTP 204 No Content, without a body");
}

TEST(HttpResult, FailsWithStatusAndBodyOutsideOf2xx) {
  const struct {
    int status;
    Code code;
  } table[] = {{401, Code::unauthenticated}, {403, Code::denied},  {404, Code::upstream},
               {429, Code::throttled},       {504, Code::timeout}, {500, Code::upstream}};
  for (const auto& [status, code] : table) {
    const auto result = Answered{status, "application/json", R"({"why":"so"})"}.result();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, code) << status;
    EXPECT_TRUE(
        result.error().message.starts_with("The target answered HTTP " + std::to_string(status)));
    EXPECT_TRUE(result.error().message.ends_with(R"(: {"why":"so"})")) << result.error().message;
  }
}

TEST(HttpResult, DoesNotRepeatTheCredential) {
  net::Credential key;
  key.show = net::QueryCredential{"api_key", "s3cr=t"};
  net::Credential bearer;
  bearer.show = net::HeaderCredential{{"authorization", "Bearer s3cr=t"}};
  for (const auto* credential : {&key, &bearer}) {
    const auto result =
        Answered{403, "text/plain", "bad key s3cr=t in Bearer s3cr=t"}.result(nullptr, *credential);
    ASSERT_FALSE(result);
    EXPECT_FALSE(result.error().message.contains("s3cr")) << result.error().message;
  }
}

TEST(HttpResult, CutsALongBodyInAMessage) {
  const auto result = Answered{500, "text/plain", std::string(100'000, 'x')}.result();
  ASSERT_FALSE(result);
  EXPECT_LT(result.error().message.size(), 5'000);
}

}  // namespace
}  // namespace toolgate::targets
