#include "services/logs/filter_pattern.h"

#include <gtest/gtest.h>

namespace toolgate::services::logs {
namespace {

bool matches(std::string_view pattern, std::string_view text) {
  const auto parsed = parse_filter_pattern(pattern);
  EXPECT_TRUE(parsed) << pattern << ": " << (parsed ? "" : parsed.error().message);
  return parsed && (!*parsed || (*parsed)->matches(text));
}

struct Row {
  const char* pattern;
  const char* text;
  bool matches;
};
class Pattern : public ::testing::TestWithParam<Row> {};

TEST_P(Pattern, MatchesAsTheUserGuideSays) {
  const Row& row = GetParam();
  EXPECT_EQ(matches(row.pattern, row.text), row.matches) << row.pattern << " on " << row.text;
}

INSTANTIATE_TEST_SUITE_P(
    Terms, Pattern,
    ::testing::Values(Row{"", "anything", true}, Row{" ", "anything", true},
                      Row{"ERROR", "[ERROR 400] BAD REQUEST", true},
                      Row{"ERROR", "an error", false},
                      Row{"ERROR ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS", true},
                      Row{"ERROR ARGUMENTS", "[ERROR 401] UNAUTHORIZED", false},
                      Row{"?ERROR ?ARGUMENTS", "[ERROR 401] UNAUTHORIZED", true},
                      Row{"?ERROR ?ARGUMENTS", "fine", false},
                      Row{"ERROR -ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS", false},
                      Row{"ERROR -ARGUMENTS", "[ERROR 401]", true}, Row{"-ERROR", "fine", true},
                      Row{"\"INTERNAL SERVER ERROR\"", "[500] INTERNAL SERVER ERROR", true},
                      Row{"\"INTERNAL SERVER ERROR\"", "INTERNAL ERROR", false},
                      Row{"\"say \\\"x\\\"\"", "say \"x\" now", true},
                      Row{"%E[A-Z]+R%", "an ERROR", true}, Row{"%^E%", "an ERROR", false}));

INSTANTIATE_TEST_SUITE_P(
    Json, Pattern,
    ::testing::Values(
        Row{"{ $.eventType = \"UpdateTrail\" }", R"({"eventType":"UpdateTrail"})", true},
        Row{"{ $.eventType = UpdateTrail }", R"({"eventType":"UpdateTrail"})", true},
        Row{"{ $.eventType = \"Update*\" }", R"({"eventType":"UpdateTrail"})", true},
        Row{"{ $.eventType = \"UpdateTrail\" }", R"({"eventType":"x"})", false},
        Row{"{ $.sourceIP != 123.123.* }", R"({"sourceIP":"111.1.1.1"})", true},
        Row{"{ $.sourceIP != 123.123.* }", R"({"sourceIP":"123.123.1.1"})", false},
        Row{"{ $.sourceIP != x }", R"({"other":1})", false},
        Row{"{ $.list[0] = \"value\" }", R"({"list":["value","two"]})", true},
        Row{"{ $.list[1].flag IS TRUE }", R"({"list":[{},{"flag":true}]})", true},
        Row{"{ $.list[*].n = 2 }", R"({"list":[{"n":1},{"n":2}]})", true},
        Row{"{ $.a IS NULL }", R"({"a":null})", true},
        Row{"{ $.a NOT EXISTS }", R"({"b":1})", true},
        Row{"{ $.a NOT EXISTS }", R"({"a":1})", false},
        Row{"{ $.bandwidth > 75 }", R"({"bandwidth":75.5})", true},
        Row{"{ $.bandwidth > 75 }", R"({"bandwidth":"80"})", false},
        Row{"{ $.latency = 1e3 }", R"({"latency":1000})", true},
        Row{"{ $.a = 1 && $.b = 2 }", R"({"a":1,"b":2})", true},
        Row{"{ $.a = 1 && $.b = 2 }", R"({"a":1,"b":3})", false},
        Row{"{ $.a = 1 || $.b = 2 && $.c = 3 }", R"({"a":1})", true},
        Row{"{ ($.a = 1 || $.b = 2) && $.c = 3 }", R"({"a":1})", false},
        Row{"{ $.user.email = %@example\\.com$% }", R"({"user":{"email":"a@example.com"}})", true},
        Row{"{ $.a = 1 }", "not json", false}, Row{"{ $.a = 1 }", "[1]", false},
        Row{"{ $.\"a b\" = 1 }", R"({"a b":1})", true}));

constexpr const char* line =
    "127.0.0.1 - frank [10/Oct/2000:13:35:19 -0700] \"GET /index.html HTTP/1.0\" 404 1534";
INSTANTIATE_TEST_SUITE_P(
    Fields, Pattern,
    ::testing::Values(Row{"[ip, id, user, timestamp, request, status_code, bytes]", line, true},
                      Row{"[ip, id, user, timestamp, request, status_code]", line, false},
                      Row{"[ip, id, user, timestamp, request, status_code = 4*, bytes]", line,
                          true},
                      Row{"[ip, id, user, timestamp, request = \"GET /index*\", ...]", line, true},
                      Row{"[..., status_code = 404, bytes > 1000]", line, true},
                      Row{"[..., status_code = 404, bytes > 2000]", line, false},
                      Row{"[ip, ..., status_code = 4* && status_code != 404, bytes]", line, false},
                      Row{"[ip, ..., status_code = 500 || status_code = 404, bytes]", line, true},
                      Row{"[ip = %127\\.0%, ...]", line, true},
                      Row{"[w1 = ERROR, w2]", "ERROR now", true},
                      Row{"[w1 = ERROR, w2]", "INFO now", false}));

TEST(FilterPattern, SaysWhatItExpected) {
  for (const char* broken :
       {"{ $.a }", "{ $.a = }", "{ $.a = 1", "{ a = 1 }", "{ $.a > x }", "{ $.a[x] = 1 }",
        "{ $.a = 1 } more", "[a, b", "[a > x]", "[..., ...]", "[a = 1 && b = 2]", "\"open",
        "foo.bar", "%[%", "%open", "- x", "{ $.a IS 5 }", "{ $ = 1 }", "[]"}) {
    const auto parsed = parse_filter_pattern(broken);
    ASSERT_FALSE(parsed) << broken;
    EXPECT_EQ(parsed.error().code, Code::invalid);
    EXPECT_TRUE(parsed.error().message.starts_with("Invalid filter pattern: expected "));
  }
  EXPECT_EQ(parse_filter_pattern("{ $.a }").error().message,
            "Invalid filter pattern: expected =, !=, <, <=, >, >=, IS or NOT EXISTS at character "
            "7");
}

TEST(FilterPattern, BoundsItsDepth) {
  const std::string deep = "{" + std::string(200, '(') + "$.a = 1" + std::string(200, ')') + "}";
  EXPECT_FALSE(parse_filter_pattern(deep));
}

}  // namespace
}  // namespace toolgate::services::logs
