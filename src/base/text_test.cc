#include "base/text.h"

#include <gtest/gtest.h>

#include "base/ids.h"

namespace toolgate {
namespace {

TEST(PercentDecode, GivesBytesAndKeepsPlusUnlessAsked) {
  EXPECT_EQ(percent_decode("a%2Fb+c"), "a/b+c");
  EXPECT_EQ(percent_decode("a+b", Plus::is_space), "a b");
}

TEST(PercentDecode, RefusesBrokenEscapes) {
  for (const auto* text : {"%", "%2", "%zz", "a%4"}) EXPECT_FALSE(percent_decode(text)) << text;
}

TEST(PercentEncode, EscapesAllButUnreservedAndWhatIsKept) {
  EXPECT_EQ(percent_encode("a b/ü~"), "a%20b%2F%C3%BC~");
  EXPECT_EQ(percent_encode("a/b", "/"), "a/b");
}

TEST(Split, KeepsEmptyParts) {
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_EQ(split("", ','), std::vector<std::string_view>{""});
}

TEST(EqualIgnoringCase, KnowsAsciiOnly) {
  EXPECT_TRUE(equal_ignoring_case("Content-TYPE", "content-type"));
  EXPECT_FALSE(equal_ignoring_case("a", "ab"));
  EXPECT_FALSE(equal_ignoring_case("[", "{"));
}

TEST(RandomText, UsesItsAlphabetAndDoesNotRepeat) {
  const auto one = random_text(40, "ab");
  EXPECT_EQ(one.size(), 40U);
  EXPECT_EQ(one.find_first_not_of("ab"), std::string::npos);
  EXPECT_NE(random_text(40, lower_alphanumeric), random_text(40, lower_alphanumeric));
}

TEST(RandomUuid, HasVersionAndVariant) {
  const auto uuid = random_uuid();
  ASSERT_EQ(uuid.size(), 36U);
  EXPECT_EQ(uuid[14], '4');
  EXPECT_NE(std::string_view{"89ab"}.find(uuid[19]), std::string_view::npos);
}

}  // namespace
}  // namespace toolgate
