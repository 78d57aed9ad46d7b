#include "search/parts.h"

#include <gtest/gtest.h>

namespace toolgate::search {
namespace {

using Parts = std::vector<std::string>;

TEST(PartsOf, ASingleRequestStaysWhole) {
  EXPECT_EQ(parts_of("What is the weather in Paris?"), (Parts{"What is the weather in Paris?"}));
  EXPECT_EQ(parts_of(""), (Parts{""}));
  EXPECT_EQ(parts_of("Hi. Send the invoice now"), (Parts{"Hi. Send the invoice now"}));
  EXPECT_EQ(parts_of("alsoran and 3.5 percent"), (Parts{"alsoran and 3.5 percent"}));
}

TEST(PartsOf, CutsAtSentencesLinesAndJoints) {
  const std::string two = "Find a flight to Rome. Book a hotel there!";
  EXPECT_EQ(parts_of(two), (Parts{two, "Find a flight to Rome", "Book a hotel there!"}));
  const std::string joints =
      "look up the order, and then refund the payment Also tell the customer";
  EXPECT_EQ(parts_of(joints),
            (Parts{joints, "look up the order", "refund the payment", "tell the customer"}));
  const std::string lines = "first of all\nthen the second\n\nok";
  EXPECT_EQ(parts_of(lines), (Parts{lines, "first of all", "then the second"}));
}

TEST(PartsOf, GivesAtMostSix) {
  std::string many;
  for (int i = 0; i < 100; ++i) many += "do this thing. ";
  EXPECT_EQ(parts_of(many).size(), 7U);
}

}  // namespace
}  // namespace toolgate::search
