#include "json/schema_pattern.h"

#include <gtest/gtest.h>

#include "json/schema_uri.h"

namespace toolgate::json {
namespace {

struct Case {
  std::string_view pattern, text;
  bool matches;
};

TEST(CompilePattern, MatchesAsEcmaScriptDoes) {
  using namespace std::string_view_literals;
  const std::string long_text(1500, 'x');
  const Case cases[] = {
      {"b", "abc", true},
      {"^b", "abc", false},
      {"^a$", "a\n", false},
      {"^.$", "\n", false},
      {"^.$", "\xE2\x80\xA8", false},
      {"^.$", "\xF0\x9F\x98\x80", true},
      {R"(^\d+$)", "\xD9\xA1", false},
      {R"(^\s$)", "\xC2\xA0", true},
      {R"(^\s$)", "\xEF\xBB\xBF", true},
      {R"(^\S$)", "\xC2\xA0", false},
      {R"(^[\s]$)", "\xC2\xA0", true},
      {R"(^\u0041\u{1F600}$)", "A\xF0\x9F\x98\x80", true},
      {R"(^\ud83d\ude00$)", "\xF0\x9F\x98\x80", true},
      {R"(^\cA\0$)", "\x01\0"sv, true},
      {R"(^a\/b\-c\_\@$)", "a/b-c_@", true},
      {R"(^[[a]$)", "[", true},
      {R"([^])", "\n", true},
      {R"([])", "a", false},
      {R"(^[\b]$)", "\b", true},
      {R"(^(?<year>\d{4})(?:x)$)", "2026x", true},
      {R"(^\p{Letter}\p{Script=Greek}$)", "\xC3\xA9\xCE\xB1", true},
      {R"(^\P{L}$)", "a", false},
      {"^a{,2}$", "a{,2}", true},
      {"^a{2}{$", "aa{", true},
      {"^x{1,2048}$", long_text, true},
      {"^x{1501,2048}$", long_text, false},
      {"^(?:xx|y){700,}$", long_text, true},
      {"^x{1500}?$", long_text, true},
      {"^x{1500}?$", "", false},
      {"^\xC3\xA9{1500}$", long_text, false},
  };
  for (const auto& c : cases) {
    const auto compiled = compile_pattern(c.pattern);
    ASSERT_TRUE(compiled) << c.pattern << ": " << compiled.error();
    EXPECT_EQ(matches(**compiled, c.text), c.matches) << c.pattern;
  }
}

TEST(CompilePattern, SaysWhatItDoesNotSupport) {
  struct {
    std::string_view pattern, why;
  } const cases[] = {
      {"(?=a)", "lookahead is not supported"},
      {"(?!a)", "lookahead is not supported"},
      {"(?<=a)b", "lookbehind is not supported"},
      {"(?<!a)b", "lookbehind is not supported"},
      {R"((a)\1)", "a reference to a group is not supported"},
      {R"((?<n>a)\k<n>)", "a reference to a group is not supported"},
      {"(?i)a", "this kind of group is not supported"},
      {"a{1,99999}", "a count over 10,000 is not supported"},
      {"a{99999999999999}", "a count over 10,000 is not supported"},
      {"((((a{2000}){2000}){2000}){2000}){2000}",
       "a count over 1,000 of something long is not supported"},
      {"a)", "a parenthesis has no partner"},
      {"[a", "a character class does not end"},
      {"a\\", "it ends with a backslash"},
      {"\\u12", "\\u must be followed by four hexadecimal digits"},
      {"(?<n", "a group's name does not end"},
      {"\\p{", "\\p must be followed by a name in braces"},
      {"\\c", "\\c must be followed by a letter"},
  };
  for (const auto& c : cases) {
    const auto compiled = compile_pattern(c.pattern);
    ASSERT_FALSE(compiled) << c.pattern;
    EXPECT_EQ(compiled.error(), c.why) << c.pattern;
  }
  for (const std::string_view broken : {"(a", "*", "a**", "[b-a]", "\\p{Nothing}"}) {
    EXPECT_FALSE(compile_pattern(broken)) << broken;
  }
}

TEST(ResolveUri, FollowsRfc3986) {
  struct {
    std::string_view base, reference, target;
  } const cases[] = {
      {"", "", ""},
      {"", "a.json#/x", "a.json"},
      {"http://h/a/b#c", "#d", "http://h/a/b"},
      {"http://h/a/b", "c", "http://h/a/c"},
      {"http://h/a/b", "./c/", "http://h/a/c/"},
      {"http://h/a/b", "../../c", "http://h/c"},
      {"http://h/a/b", "..", "http://h/"},
      {"http://h/a/b/", "..", "http://h/a/"},
      {"http://h/a/b", "/c?q", "http://h/c?q"},
      {"http://h/a/b?x", "?y", "http://h/a/b?y"},
      {"http://h", "c", "http://h/c"},
      {"http://h/a", "//k/c", "http://k/c"},
      {"http://h/a", "urn:x:y", "urn:x:y"},
      {"urn:x:y", "#z", "urn:x:y"},
      {"file:///a/b", "c", "file:///a/c"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(resolve_uri(c.base, c.reference), c.target) << c.base << " " << c.reference;
  }
  EXPECT_EQ(fragment_of("a#/x%25y%20"), "/x%y ");
  EXPECT_EQ(fragment_of("a"), "");
}

}  // namespace
}  // namespace toolgate::json
