#include "targets/openapi/request.h"

#include "targets/openapi/testing.h"

namespace toolgate::targets::openapi {
namespace {

using testing::document;
using testing::header_of;
using testing::only_tool;
using testing::operation;
using testing::request;
using testing::target_of;

mcp::ToolDefinition with_parameter(std::string_view members, std::string_view path = "/p") {
  return only_tool(document(R"({")" + std::string{path} + R"(":{"get":{"operationId":"a",)" +
                            R"("parameters":[{"name":"c",)" + std::string{members} + "}]}}}"));
}

constexpr std::string_view list = R"({"c":["blue","b/l",7]})";
constexpr std::string_view object = R"({"c":{"R":100,"G":"a b"}})";
constexpr std::string_view text = R"({"c":"a b&c"})";

// OpenAPI 3.1.1, Style Examples.
TEST(BuildRequest, WritesQueriesInEveryStyle) {
  const struct {
    std::string_view members, arguments, query;
  } table[] = {
      {"", text, "c=a%20b%26c"},
      {"", list, "c=blue&c=b%2Fl&c=7"},
      {R"(,"explode":false)", list, "c=blue,b%2Fl,7"},
      {"", object, "R=100&G=a%20b"},
      {R"(,"explode":false)", object, "c=R,100,G,a%20b"},
      {R"(,"style":"spaceDelimited")", list, "c=blue%20b%2Fl%207"},
      {R"(,"style":"pipeDelimited")", list, "c=blue%7Cb%2Fl%7C7"},
      {R"(,"style":"pipeDelimited","explode":true)", list, "c=blue&c=b%2Fl&c=7"},
      {R"(,"style":"deepObject","explode":true)", object, "c%5BR%5D=100&c%5BG%5D=a%20b"},
      {R"(,"style":"deepObject")", R"({"c":{"a":{"b":[1,"x"]}}})",
       "c%5Ba%5D%5Bb%5D%5B0%5D=1&c%5Ba%5D%5Bb%5D%5B1%5D=x"},
      {R"(,"allowReserved":true)", R"({"c":"a/b?c=d&e#f+g"})", "c=a/b?c=d%26e%23f%2Bg"},
      {R"(,"content":{"application/json":{}})", R"({"c":{"a":[1.50]}})",
       "c=%7B%22a%22%3A%5B1.50%5D%7D"},
      {R"(,"content":{"application/json":{}})", R"({"c":"x"})", "c=%22x%22"},
      {"", R"({"c":true})", "c=true"},
      {"", R"({"c":1e400})", "c=1e400"},
      {"", R"({"c":123456789012345678901234567890})", "c=123456789012345678901234567890"},
      {"", R"({"c":"\u00e9\u0000"})", "c=%C3%A9%00"},
      {"", R"({"c":""})", "c="},
      {"", R"({"c":null})", ""},
      {"", R"({"c":[]})", ""},
      {"", "{}", ""},
  };
  for (const auto& [members, arguments, query] : table) {
    const auto tool = with_parameter(R"("in":"query")" + std::string{members});
    EXPECT_EQ(target_of(tool, std::string{arguments}),
              query.empty() ? "/v1/p" : "/v1/p?" + std::string{query})
        << members << arguments;
  }
}

TEST(BuildRequest, WritesPathsInEveryStyle) {
  const struct {
    std::string_view members, arguments, path;
  } table[] = {
      {"", text, "a%20b%26c"},
      {"", list, "blue,b%2Fl,7"},
      {R"(,"explode":true)", list, "blue,b%2Fl,7"},
      {"", object, "R,100,G,a%20b"},
      {R"(,"explode":true)", object, "R=100,G=a%20b"},
      {R"(,"style":"label")", text, ".a%20b%26c"},
      {R"(,"style":"label","explode":true)", list, ".blue.b%2Fl.7"},
      {R"(,"style":"label")", list, ".blue,b%2Fl,7"},
      {R"(,"style":"label","explode":true)", object, ".R=100.G=a%20b"},
      {R"(,"style":"matrix")", text, ";c=a%20b%26c"},
      {R"(,"style":"matrix")", list, ";c=blue,b%2Fl,7"},
      {R"(,"style":"matrix","explode":true)", list, ";c=blue;c=b%2Fl;c=7"},
      {R"(,"style":"matrix")", object, ";c=R,100,G,a%20b"},
      {R"(,"style":"matrix","explode":true)", object, ";R=100;G=a%20b"},
  };
  for (const auto& [members, arguments, path] : table) {
    const auto tool = with_parameter(R"("in":"path")" + std::string{members}, "/p/{c}/q");
    EXPECT_EQ(target_of(tool, std::string{arguments}), "/v1/p/" + std::string{path} + "/q")
        << members;
  }
}

TEST(BuildRequest, DoesNotLetAPathLeadElsewhere) {
  const auto tool = with_parameter(R"("in":"path")", "/p/{c}");
  EXPECT_EQ(target_of(tool, R"({"c":"../admin?x#y"})"), "/v1/p/..%2Fadmin%3Fx%23y");
  EXPECT_EQ(target_of(tool, R"({"c":"..."})"), "/v1/p/...");
  for (const std::string bad : {R"({"c":".."})", R"({"c":"."})", R"({"c":"\u002e."})"}) {
    EXPECT_EQ(target_of(tool, bad), "refused: A part of the path must not be '.' or '..'");
  }
  EXPECT_EQ(target_of(tool, R"({"c":""})"),
            "refused: Field '/c' must not be empty: it is a part of the path");
  EXPECT_EQ(target_of(tool, "{}"), "refused: Missing required field(s): 'c'");
}

TEST(BuildRequest, DoesNotLetAHeaderHoldAnother) {
  const auto tool = with_parameter(R"("in":"header")");
  for (const std::string bad :
       {R"({"c":"a\r\nx: y"})", R"({"c":"a\nb"})", R"({"c":"\u0000"})", R"({"c":["a","b\r"]})"}) {
    const auto call = request(tool, bad);
    ASSERT_FALSE(call) << bad;
    EXPECT_TRUE(call.error().message.starts_with("Field '/c' becomes a header")) << bad;
  }
  EXPECT_EQ(header_of(*request(tool, R"({"c":"a b, c"})"), "c"), "a b, c");
  EXPECT_EQ(header_of(*request(tool, std::string{object}), "c"), "R,100,G,a b");
  EXPECT_FALSE(net::find_header(request(tool, R"({"c":null})")->headers, "c"));
}

TEST(BuildRequest, JoinsCookies) {
  const auto tool = only_tool(document(R"({"/a":{"get":{"operationId":"a","parameters":[
    {"name":"s","in":"cookie"},{"name":"t","in":"cookie","explode":false}]}}})"));
  EXPECT_EQ(header_of(*request(tool, R"({"s":"a; b\r\n","t":[1,2]})"), "cookie"),
            "s=a%3B%20b%0D%0A; t=1,2");
}

TEST(BuildRequest, LeavesTheCredentialsNameToTheCredential) {
  const auto tool = only_tool(document(R"({"/a":{"get":{"operationId":"a","parameters":[
    {"name":"api_key","in":"query"},{"name":"o","in":"query","schema":{"type":"object"}},
    {"name":"q","in":"query"}]}}})"));
  net::Credential key;
  key.show = net::QueryCredential{"api_key", "real"};
  const auto call = request(tool, R"({"api_key":"mine","o":{"api_key":"x","z":1},"q":2})", key);
  ASSERT_TRUE(call);
  EXPECT_EQ(call->url.target, "/v1/a?z=1&q=2");
}

TEST(BuildRequest, KeepsAQueryOfThePathItself) {
  const auto tool = only_tool(document(
      R"({"/do?action=x":{"get":{"operationId":"a","parameters":[{"name":"q","in":"query"}]}}})"));
  EXPECT_EQ(target_of(tool, R"({"q":1})"), "/v1/do?action=x&q=1");
  EXPECT_EQ(target_of(tool, "{}"), "/v1/do?action=x");
}

TEST(BuildRequest, RefusesWhatIsNowhereAndWhatIsTooLong) {
  const auto tool = with_parameter(R"("in":"query")");
  EXPECT_EQ(target_of(tool, R"({"d":1})"), "refused: Field '/d' is not defined");
  EXPECT_TRUE(target_of(tool, R"({"c":")" + std::string(20'000, 'x') + "\"}").contains("longer"));
}

mcp::ToolDefinition with_body(std::string_view type, std::string_view schema,
                              std::string_view more = "", std::string_view required = "true") {
  return only_tool(operation(R"("requestBody":{"required":)" + std::string{required} +
                             R"(,"content":{")" + std::string{type} + R"(":{"schema":)" +
                             std::string{schema} + std::string{more} + "}}}"));
}

constexpr std::string_view some = R"({"type":"object","properties":{"a":{},"b":{}}})";

TEST(WriteBody, KeepsTheBytesOfJson) {
  const auto flat = request(with_body("application/json", some), R"({"b":1.50 ,"a":"\u00e9\/"})");
  ASSERT_TRUE(flat);
  EXPECT_EQ(flat->body, R"({"b":1.50,"a":"\u00e9\/"})");
  EXPECT_EQ(header_of(*flat, "content-type"), "application/json");
  EXPECT_EQ(request(with_body("application/vnd.x+json", R"({"type":"array"})"),
                    R"({"body":[1e2,{"x":null}]})")
                ->body,
            R"([1e2,{"x":null}])");
  EXPECT_EQ(
      request(with_body("application/json", R"({"type":"string"})"), R"({"body":"x\n"})")->body,
      R"("x\n")");
  EXPECT_EQ(
      request(with_body("application/json",
                        R"({"type":"object","properties":{"a":{}},"additionalProperties":true})"),
              R"({"a":1,"z":[2]})")
          ->body,
      R"({"a":1,"z":[2]})");
}

TEST(WriteBody, SendsNoneUnlessItIsRequiredOrGiven) {
  EXPECT_EQ(request(with_body("application/json", some), "{}")->body, "{}");
  const auto none = request(with_body("application/json", some, "", "false"), "{}");
  EXPECT_EQ(none->body, "");
  EXPECT_FALSE(net::find_header(none->headers, "content-type"));
}

TEST(WriteBody, WritesForms) {
  const std::string_view type = "application/x-www-form-urlencoded";
  EXPECT_EQ(request(with_body(type, some), R"({"a":"x y&","b":[1,2]})")->body,
            "a=x%20y%26&b=1&b=2");
  EXPECT_EQ(request(with_body(type, some), R"({"a":{"k":1}})")->body, "a=%7B%22k%22%3A1%7D");
  EXPECT_EQ(request(with_body(type, some, R"(,"encoding":{"a":{"style":"deepObject"}})"),
                    R"({"a":{"k":[1]}})")
                ->body,
            "a%5Bk%5D%5B0%5D=1");
  EXPECT_EQ(
      request(with_body(type, some, R"(,"encoding":{"b":{"explode":false}})"), R"({"b":[1,2]})")
          ->body,
      "b=1,2");
  EXPECT_EQ(request(with_body(type, R"({"type":"object"})"), R"({"body":{"p":1,"q":"r"}})")->body,
            "p=1&q=r");
}

TEST(WriteBody, WritesMultipart) {
  const auto tool =
      with_body("multipart/form-data",
                R"({"type":"object","properties":{"file":{"type":"string","format":"binary"},
         "files":{"type":"array","items":{"type":"string","format":"binary"}},
         "meta":{"type":"object"},"note":{"type":"string"}}})",
                R"(,"encoding":{"file":{"contentType":"image/png, image/gif"}})");
  const auto call = request(tool, R"({"file":"AAEC","files":["QQ==","Qg=="],"meta":{"x":1},
                                      "note":"a\r\n--b"})");
  ASSERT_TRUE(call);
  const std::string type = header_of(*call, "content-type");
  ASSERT_TRUE(type.starts_with("multipart/form-data; boundary="));
  const std::string line = "--" + type.substr(30) + "\r\n";
  const std::string named = "content-disposition: form-data; name=";
  EXPECT_EQ(call->body,
            line + named + "\"file\"; filename=\"file\"\r\ncontent-type: image/png\r\n\r\n" +
                (std::string{"\0\1\2", 3} + "\r\n") + line + named +
                "\"files\"; filename=\"files\"\r\ncontent-type: application/octet-stream\r\n\r\nA" +
                "\r\n" + line + named +
                "\"files\"; filename=\"files\"\r\ncontent-type: application/octet-stream\r\n\r\nB" +
                "\r\n" + line + named +
                "\"meta\"\r\ncontent-type: application/json\r\n\r\n{\"x\":1}\r\n" + line + named +
                "\"note\"\r\n\r\na\r\n--b\r\n--" + type.substr(30) + "--\r\n");
  const auto broken = request(tool, R"({"file":"?"})");
  ASSERT_FALSE(broken);
  EXPECT_TRUE(broken.error().message.starts_with("Field '/file' must be base64"));
  const Json input = testing::input_of(tool);
  EXPECT_EQ(json::find_string(input, "properties", "file", "contentEncoding"), "base64");
}

TEST(WriteBody, WritesTextAndBytes) {
  const auto note = request(with_body("text/plain", R"({"type":"string"})"), R"({"body":"a\nb"})");
  EXPECT_EQ(note->body, "a\nb");
  EXPECT_EQ(header_of(*note, "content-type"), "text/plain");
  const auto bytes = request(with_body("image/png", R"({"type":"string","format":"binary"})"),
                             R"({"body":"AAEC"})");
  EXPECT_EQ(bytes->body, (std::string{"\0\1\2", 3}));
  EXPECT_EQ(header_of(*bytes, "content-type"), "image/png");
}

TEST(WriteBody, WritesXmlByItsHints) {
  const auto tool = only_tool(operation(
      R"("requestBody":{"required":true,"content":{"application/xml":{"schema":
          {"$ref":"#/components/schemas/Pet"}}}})",
      R"({"schemas":{"Pet":{"type":"object","xml":{"name":"pet","namespace":"urn:p","prefix":"p"},
          "properties":{"id":{"type":"integer","xml":{"attribute":true}},"name":{"type":"string"},
          "tags":{"type":"array","xml":{"wrapped":true},"items":{"type":"object",
             "xml":{"name":"tag"},
             "properties":{"v":{"type":"string","xml":{"name":"value"}}}}},
          "urls":{"type":"array","xml":{"name":"url"},"items":{"type":"string"}}}}}})"));
  const auto call = request(tool, R"({"name":"<&\"","id":7,"tags":[{"v":"x"},{"v":null}],
                                      "urls":["a","b"]})");
  ASSERT_TRUE(call) << call.error().message;
  EXPECT_EQ(call->body,
            R"(<?xml version="1.0" encoding="UTF-8"?><p:pet xmlns:p="urn:p" id="7">)"
            R"(<name>&lt;&amp;&quot;</name><tags><tag><value>x</value></tag><tag></tag></tags>)"
            R"(<url>a</url><url>b</url></p:pet>)");
  EXPECT_FALSE(request(tool, R"({"name":"\u0001"})"));
}

TEST(WriteBody, PrefersJsonAmongTheMediaTypes) {
  const auto tool = only_tool(operation(
      R"("requestBody":{"content":{"application/xml":{},"multipart/form-data":{},
          "application/json":{"schema":{"type":"object","properties":{"a":{}}}}}})"));
  EXPECT_EQ(header_of(*request(tool, R"({"a":1})"), "content-type"), "application/json");
}

}  // namespace
}  // namespace toolgate::targets::openapi
