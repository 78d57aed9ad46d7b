#include "json/json.h"

#include <gtest/gtest.h>

#include "json/scan.h"

namespace toolgate::json {
namespace {

TEST(ParseJson, GivesADocumentOrTheByteThatIsWrong) {
  const auto value = parse(R"( {"a":[1,-2.5,"x\u00e9",true,null]} )");
  ASSERT_TRUE(value);
  EXPECT_EQ(print(*value), "{\"a\":[1,-2.5,\"x\xC3\xA9\",true,null]}");
  const auto wrong = parse(R"({"a":1,})");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Code::invalid);
  EXPECT_TRUE(wrong.error().message.starts_with("invalid JSON at byte ")) << wrong.error().message;
}

TEST(ParseJson, RefusesWhatIsNoWholeDocument) {
  for (const std::string text :
       {"", " ", "{", "1 2", "{} x", "nul", "\"\xff\"", "[1,]", "\xEF\xBB\xBF{}"}) {
    EXPECT_FALSE(parse(text)) << text;
  }
  EXPECT_TRUE(parse(std::string(64, '[') + std::string(64, ']')));
  EXPECT_FALSE(parse(std::string(65, '[') + std::string(65, ']')));
}

TEST(ParseJson, LetsTheLastOfEqualMembersCount) {
  EXPECT_EQ(find_int(*parse(R"({"a":1,"a":2})"), "a"), 2);
}

TEST(PrintJson, WritesNumbersAsPeopleDo) {
  EXPECT_EQ(print(Json(1.5)), "1.5");
  EXPECT_EQ(print(Json(3.0)), "3.0");
  EXPECT_EQ(print(Json(-0.1)), "-0.1");
  EXPECT_EQ(print(Json(1e300)), "1e+300");
  EXPECT_EQ(print(Json(std::numeric_limits<double>::infinity())), "null");
  EXPECT_EQ(print(Json(std::numeric_limits<std::int64_t>::min())), "-9223372036854775808");
  EXPECT_EQ(print(Json(std::numeric_limits<std::uint64_t>::max())), "18446744073709551615");
}

TEST(QuoteJson, EscapesAndRepairs) {
  using namespace std::string_view_literals;
  EXPECT_EQ(quote(""), "\"\"");
  EXPECT_EQ(quote("a\"b\\c\n\r\t\0\x1f\x7f/\xC3\xA9"sv),
            "\"a\\\"b\\\\c\\n\\r\\t\\u0000\\u001f\x7f/\xC3\xA9\"");
  // A wrong byte, a cut character, an overlong form, an encoded surrogate.
  EXPECT_EQ(quote("\xff|\xE2\x82|\xC0\xAF|\xED\xA0\x80"),
            "\"\xEF\xBF\xBD|\xEF\xBF\xBD\xEF\xBF\xBD|\xEF\xBF\xBD\xEF\xBF\xBD|"
            "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
  for (std::size_t size = 0; size < 80; ++size) {
    const std::string text = std::string(size, 'x') + "\n" + std::string(size, 'y');
    EXPECT_EQ(quote(text), "\"" + std::string(size, 'x') + "\\n" + std::string(size, 'y') + "\"");
    std::string dense(size, '"');
    std::string quoted;
    for (std::size_t i = 0; i < size; ++i) {
      if (i % 3 == 1) dense[i] = '\x01';
      quoted += i % 3 == 1 ? "\\u0001" : "\\\"";
    }
    EXPECT_EQ(quote(dense), "\"" + quoted + "\"");
    EXPECT_EQ(*parse(quote(dense)), Json(dense));
  }
}

TEST(FindMember, StepsDownOrGivesNothing) {
  const Json value = *parse(R"({"a":{"b":{"s":"x","i":7,"t":true,"l":[1]}},"n":null})");
  EXPECT_EQ(find_string(value, "a", "b", "s"), "x");
  EXPECT_EQ(find_int(value, "a", "b", "i"), 7);
  EXPECT_EQ(find_bool(value, "a", "b", "t"), true);
  EXPECT_EQ(find_array(value, "a", "b", "l")->size(), 1U);
  EXPECT_FALSE(find_string(value, "a", "b", "i"));
  EXPECT_FALSE(find_int(value, "a", "x", "i"));
  EXPECT_EQ(find(value, "n", "x"), nullptr);
  EXPECT_EQ(find(Json{5}, "x"), nullptr);
}

TEST(Unescape, RefusesABrokenEscape) {
  for (const std::string raw :
       {"\\", "a\\", "\\u", "\\u12", "\\u123", "\\ult\\", "\\ud800\\u12", "\\u00zz"}) {
    // Exactly as long as it is, so that a sanitizer sees what is read behind it.
    const std::vector<char> bytes{raw.begin(), raw.end()};
    EXPECT_FALSE(
        unescape({.raw = {bytes.data(), bytes.size()}, .escaped = true}, Surrogates::replace))
        << raw;
  }
}

TEST(Unescape, UndoesEveryEscape) {
  const auto plain = [](std::string_view raw, Surrogates lone = Surrogates::refuse) {
    return unescape({.raw = raw, .escaped = true}, lone);
  };
  EXPECT_EQ(plain(R"(\"\\\/\b\f\n\r\t)"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(plain(R"(\u0041\u00e9\u20AC\ud83d\uDE00x)"), "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80x");
  EXPECT_EQ(plain(R"(\u0000)"), std::string(1, '\0'));
  for (const std::string_view lone : {R"(\ud800)", R"(\udc00)", R"(\ud800x)", R"(\ud800\n)"}) {
    EXPECT_FALSE(plain(lone)) << lone;
    EXPECT_TRUE(plain(lone, Surrogates::replace)->starts_with("\xEF\xBF\xBD")) << lone;
  }
  EXPECT_EQ(plain(R"(\ud800\ud83d\ude00)", Surrogates::replace), "\xEF\xBF\xBD\xF0\x9F\x98\x80");
  EXPECT_TRUE(equals({.raw = R"(\u0061)", .escaped = true}, "a"));
  EXPECT_FALSE(equals({.raw = R"(\u0061)", .escaped = false}, "a"));
}

TEST(Scanner, StepsAndSkips) {
  Scanner scan{R"( {"a" : [ {"x":[1,2]} , "s" , [] ] , "b":{}} )"};
  Text key;
  Text text;
  std::string_view raw;
  ASSERT_TRUE(scan.enter('{') && scan.next_member(key));
  EXPECT_EQ(key.raw, "a");
  ASSERT_TRUE(scan.enter('[') && scan.next_item() && scan.skip(raw));
  EXPECT_EQ(raw, R"({"x":[1,2]})");
  ASSERT_TRUE(scan.next_item() && scan.string(text));
  EXPECT_EQ(text.raw, "s");
  ASSERT_TRUE(scan.next_item() && scan.enter('['));
  EXPECT_FALSE(scan.next_item());
  EXPECT_FALSE(scan.next_item());
  ASSERT_TRUE(scan.next_member(key) && scan.enter('{'));
  EXPECT_FALSE(scan.next_member(key));
  EXPECT_FALSE(scan.next_member(key));
  EXPECT_TRUE(scan.finish());
}

TEST(Scanner, KeepsItsFirstFailure) {
  Scanner scan{R"({"a" 1})"};
  Text key;
  std::string_view raw;
  ASSERT_TRUE(scan.enter('{'));
  EXPECT_FALSE(scan.next_member(key));
  EXPECT_TRUE(scan.failed());
  EXPECT_EQ(scan.problem(), "byte 5: expected a colon");
  EXPECT_FALSE(scan.skip(raw));
  EXPECT_FALSE(scan.string(key));
  EXPECT_FALSE(scan.next_item());
  EXPECT_FALSE(scan.finish());
  EXPECT_EQ(scan.problem(), "byte 5: expected a colon");
}

}  // namespace
}  // namespace toolgate::json
