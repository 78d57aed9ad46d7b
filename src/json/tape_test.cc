#include "json/tape.h"

#include <gtest/gtest.h>

#include "json/decimal.h"

namespace toolgate::json {
namespace {

TEST(Tape, LaysATextOutFlat) {
  constexpr std::string_view text = R"( {"a":[1,2.0,"x\n"],"b":{"c":null},"d":[]} )";
  Tape tape;
  ASSERT_TRUE(tape.read(text));
  EXPECT_EQ(tape.size(), 12U);
  EXPECT_EQ(tape[0].count, 3U);
  EXPECT_EQ(tape[0].next, 12U);
  const auto a = tape.find(0, "a");
  EXPECT_EQ(tape[a].raw(), R"([1,2.0,"x\n"])");
  EXPECT_EQ(tape[a].count, 3U);
  EXPECT_EQ(tape[a + 1].kind, Tape::Kind::integer);
  EXPECT_EQ(tape[a + 2].kind, Tape::Kind::number);
  EXPECT_TRUE(tape[a + 3].escaped);
  const auto c = tape.find(tape.find(0, "b"), "c");
  EXPECT_EQ(tape[c].kind, Tape::Kind::null);
  EXPECT_EQ(tape.pointer_to(c), "/b/c");
  EXPECT_EQ(tape.pointer_to(a + 3), "/a/2");
  EXPECT_EQ(tape.pointer_to(0), "");
  EXPECT_EQ(tape.find(a, "x"), Tape::none);
  EXPECT_EQ(tape.find(0, "x"), Tape::none);
  EXPECT_EQ(tape[tape.find(0, "d")].count, 0U);
}

TEST(Tape, WritesPointersEscaped) {
  Tape tape;
  ASSERT_TRUE(tape.read(R"({"a/b~\u0063":{"":[0,{"x":1}]}})"));
  EXPECT_EQ(tape.pointer_to(static_cast<Tape::Index>(tape.size() - 1)), "/a~1b~0c//1/x");
}

TEST(Tape, RefusesWhatIsNoJson) {
  Tape tape;
  for (const std::string text :
       {"",        " ",         "{",   "[",      "[1",      "[1,",      "[1,]",       "[,]",
        "[1 2]",   "[1}",       "{]",  "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}", "{,}",
        "{1:2}",   "{\"a\" 1}", "1 2", "1,",     "tru",     "nulls",    "01",         "\"a",
        "\"\\x\"", "\"\n\"",    "-",   "1.e1",   "]"}) {
    EXPECT_FALSE(tape.read(text)) << text;
    EXPECT_EQ(tape.size(), 0U);
  }
  EXPECT_TRUE(tape.read(std::string(64, '[') + std::string(64, ']')));
  EXPECT_FALSE(tape.read(std::string(65, '[') + std::string(65, ']')));
}

bool same(const std::string& a, const std::string& b) {
  Tape left;
  Tape right;
  EXPECT_TRUE(left.read(a) && right.read(b)) << a << " " << b;
  const bool equals = equal(left, 0, right, 0);
  EXPECT_EQ(equals, equal(right, 0, left, 0));
  if (equals) EXPECT_EQ(hash(left, 0), hash(right, 0)) << a << " " << b;
  return equals;
}

TEST(EqualValues, AreTheSameWhateverTheirSpelling) {
  EXPECT_TRUE(same("1", "1.0"));
  EXPECT_TRUE(same("100", "1e2"));
  EXPECT_TRUE(same("0", "-0.000e5"));
  EXPECT_TRUE(same(R"("a\u0062")", R"("ab")"));
  EXPECT_TRUE(same(R"({"a":1,"b":[1,{"c":2}]})", R"({"b":[1.0,{"c":20e-1}],"\u0061":1})"));
  EXPECT_TRUE(same(R"(["\ud800"])", R"(["\ud800"])"));
  std::string many = "{";
  std::string reversed = "}";
  for (int i = 0; i < 30; ++i) {
    const std::string member = "\"k" + std::to_string(i) + "\":[" + std::to_string(i) + "]";
    many += (i == 0 ? "" : ",") + member;
    reversed = (i == 29 ? "{" : ",") + member + reversed;
  }
  EXPECT_TRUE(same(many + "}", reversed));
}

TEST(EqualValues, AreNotWhatOnlyLooksAlike) {
  EXPECT_FALSE(same("1", "true"));
  EXPECT_FALSE(same("0", "false"));
  EXPECT_FALSE(same("1", "\"1\""));
  EXPECT_FALSE(same("null", "false"));
  EXPECT_FALSE(same("[1,2]", "[2,1]"));
  EXPECT_FALSE(same("[1]", "[1,1]"));
  EXPECT_FALSE(same(R"({"a":1})", R"({"a":1,"b":1})"));
  EXPECT_FALSE(same(R"({"a":1})", R"({"b":1})"));
  EXPECT_FALSE(same("9007199254740993", "9007199254740992"));
  EXPECT_FALSE(same(R"("\ud800")", R"("\ud801")"));
}

int order(std::string_view a, std::string_view b) {
  const int result = compare(Decimal{a}, Decimal{b});
  const int back = compare(Decimal{b}, Decimal{a});
  EXPECT_EQ(result < 0, back > 0) << a << " " << b;
  EXPECT_EQ(result == 0, back == 0) << a << " " << b;
  return result < 0 ? -1 : result > 0 ? 1 : 0;
}

TEST(Decimal, ComparesByValue) {
  EXPECT_EQ(order("1", "1.000"), 0);
  EXPECT_EQ(order("0", "-0.0"), 0);
  EXPECT_EQ(order("0.1", "1e-1"), 0);
  EXPECT_EQ(order("-1", "1"), -1);
  EXPECT_EQ(order("-2", "-1"), -1);
  EXPECT_EQ(order("0.09", "0.1"), -1);
  EXPECT_EQ(order("9.99", "10"), -1);
  EXPECT_EQ(order("99", "100.5"), -1);
  EXPECT_EQ(order("1e400", "1e399"), 1);
  EXPECT_EQ(order("1e-400", "0"), 1);
  EXPECT_EQ(order("1e99999999999999999999", "2e99999999999999999999"), -1);
  EXPECT_EQ(order("12345678901234567890123", "12345678901234567890124"), -1);
  EXPECT_EQ(order("12345678901234567890123", "1.2345678901234567890123e22"), 0);
  EXPECT_EQ(order("12345678901234567890", "12345678901234567891"), -1);
  EXPECT_EQ(order("12345678901234567890000000000000000000000", "1234567890123456789e22"), 0);
  EXPECT_EQ(order("1000000000000000000000000", "1e24"), 0);
  EXPECT_EQ(order("0.30000000000000000001", "0.3"), 1);
}

TEST(Decimal, KnowsIntegers) {
  for (const std::string_view integer : {"0", "-0.0", "1.0", "1e3", "1.50e1", "1e400", "-20"}) {
    EXPECT_TRUE(Decimal{integer}.is_integer()) << integer;
  }
  for (const std::string_view fraction : {"0.5", "1e-1", "10.01", "123456789012345678901.5"}) {
    EXPECT_FALSE(Decimal{fraction}.is_integer()) << fraction;
    EXPECT_FALSE(Decimal{fraction}.to_int64());
  }
  EXPECT_EQ(Decimal{"-1.2e3"}.to_int64(), -1200);
  EXPECT_EQ(Decimal{"999999999999999999"}.to_int64(), 999999999999999999);
  EXPECT_FALSE(Decimal{"1e18"}.to_int64());
}

TEST(Decimal, DividesExactly) {
  struct {
    std::string_view number, divisor;
    bool multiple;
  } const cases[] = {
      {"10", "2", true},
      {"7", "2", false},
      {"0", "3", true},
      {"-6", "3", true},
      {"4.5", "1.5", true},
      {"0.3", "0.1", true},
      {"19.99", "0.01", true},
      {"19.999", "0.01", false},
      {"0.0075", "0.0001", true},
      {"0.00751", "0.0001", false},
      {"1e308", "0.5", true},
      {"1e308", "0.123456789", false},
      {"123456789012345678901234567890", "10", true},
      {"123456789012345678901234567890", "30", true},
      {"123456789012345678901234567891", "3", false},
      {"1e1000000000000", "7", false},
      {"5", "10", false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Decimal{c.number}.is_multiple_of(Decimal{c.divisor}), c.multiple)
        << c.number << " " << c.divisor;
  }
}

}  // namespace
}  // namespace toolgate::json
