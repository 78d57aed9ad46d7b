#include "search/words.h"

#include <gtest/gtest.h>

namespace toolgate::search {
namespace {

using Words = std::vector<std::string>;

TEST(SplitWords, SplitsIdentifiers) {
  const std::pair<std::string_view, Words> cases[] = {
      {"", {}},
      {" ,;- ", {}},
      {"getHTTPResponse_v2.list", {"get", "http", "response", "v2", "list"}},
      {"orders___Create-Refund", {"orders", "create", "refund"}},
      {"XMLHttpRequest", {"xml", "http", "request"}},
      {"userID", {"user", "id"}},
      {"oauth2Token", {"oauth2token"}},
      {"B2B sales 2023", {"b2b", "sales", "2023"}},
      {"What's up?", {"what", "s", "up"}},
      {"ALL CAPS", {"all", "caps"}},
      {"aB", {"a", "b"}},
  };
  for (const auto& [text, words] : cases) EXPECT_EQ(split_words(text), words) << text;
}

TEST(SplitWords, KnowsOtherScripts) {
  const std::pair<std::string_view, Words> cases[] = {
      {"\xC3\x89t\xC3\xA9 na\xC3\xAFve", {"\xC3\xA9t\xC3\xA9", "na\xC3\xAFve"}},
      {"\xD0\x9F\xD0\xBE\xD0\xB3\xD0\xBE\xD0\xB4\xD0\xB0",
       {"\xD0\xBF\xD0\xBE\xD0\xB3\xD0\xBE\xD0\xB4\xD0\xB0"}},
      {"\xE5\xA4\xA9\xE6\xB0\x97 api", {"\xE5\xA4\xA9", "\xE6\xB0\x97", "api"}},
      {"\xE2\x80\x9Cquoted\xE2\x80\x9D\xE2\x80\x94text\xE3\x80\x82", {"quoted", "text"}},
      {"\xF0\xA0\x80\x80x", {"\xF0\xA0\x80\x80", "x"}},
  };
  for (const auto& [text, words] : cases) EXPECT_EQ(split_words(text), words) << text;
}

TEST(SplitWords, TakesBrokenUtf8ForASeparator) {
  for (const std::string_view text : {"a\xFF"
                                      "b",
                                      "a\xC3", "\x80z", "a\xE5\xA4",
                                      "\xF0\xA0"
                                      "xx"}) {
    for (const auto& word : split_words(text))
      EXPECT_EQ(word.find_first_of("\xFF\xC3\xE5"), word.npos);
  }
  EXPECT_EQ(split_words("a\xFF"
                        "b"),
            (Words{"a", "b"}));
}

TEST(StopWords, SayNothing) {
  for (const std::string_view word : {"the", "please", "i", "which"}) {
    EXPECT_TRUE(is_stop_word(word)) << word;
  }
  for (const std::string_view word : {"weather", "get", "2", ""}) {
    EXPECT_FALSE(is_stop_word(word)) << word;
  }
}

}  // namespace
}  // namespace toolgate::search
