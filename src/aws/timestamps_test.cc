#include "aws/timestamps.h"

#include <gtest/gtest.h>

namespace toolgate::aws {
namespace {

TEST(ParseTimestamp, TakesEveryFormOfAws) {
  struct Case {
    std::string_view text;
    double seconds;
  };
  for (const auto& [text, seconds] : {
           Case{"1970-01-01T00:00:00Z", 0}, Case{"2026-11-21T04:05:06Z", 1795233906},
           Case{"2026-11-21T04:05:06.789Z", 1795233906.789},
           Case{"2026-11-21T05:05:06+01:00", 1795233906},
           Case{"2026-11-20T22:35:06-0530", 1795233906}, Case{"2026-11-21T04:05:06", 1795233906},
           Case{"2026-11-21", 1795219200}, Case{"Sat, 21 Nov 2026 04:05:06 GMT", 1795233906},
           Case{"21 Nov 2026 05:05:06 +0100", 1795233906}, Case{"1795233906.789", 1795233906.789},
           Case{"-1", -1}, Case{"2024-02-29T00:00:00Z", 1709164800},
       }) {
    const auto found = parse_timestamp(text);
    ASSERT_TRUE(found.has_value()) << text;
    EXPECT_NEAR(*found, seconds, 1e-6) << text;
  }
}

TEST(ParseTimestamp, RefusesWhatIsNone) {
  for (const std::string_view text :
       {"", "now", "2026-13-01T00:00:00Z", "2025-02-29T00:00:00Z", "2026-11-21T24:00:00Z",
        "2026-11-21T04:05", "2026-11-21T04:05:06X", "2026-11-21T04:05:06.Z", "inf", "1e999",
        "Sat, 21 Foo 2026 04:05:06 GMT", "Sat, 21 Nov 2026 04:05:06", "2026-1-1T00:00:00Z"}) {
    EXPECT_FALSE(parse_timestamp(text).has_value()) << text;
  }
}

TEST(PrintTimestamp, RoundsToMilliseconds) {
  EXPECT_EQ(print_iso8601(1795233906.789, Fraction::milliseconds), "2026-11-21T04:05:06.789Z");
  EXPECT_EQ(print_iso8601(1795233906, Fraction::milliseconds), "2026-11-21T04:05:06.000Z");
  EXPECT_EQ(print_iso8601(1795233906.789, Fraction::none), "2026-11-21T04:05:06Z");
  EXPECT_EQ(print_iso8601(1e300, Fraction::none), "9999-12-31T23:59:59Z");
  EXPECT_EQ(print_rfc822(1795233906.789), "Sat, 21 Nov 2026 04:05:06 GMT");
  EXPECT_EQ(print_epoch(1795233906.789), "1795233906.789");
  EXPECT_EQ(print_epoch(1795233906.5), "1795233906.5");
  EXPECT_EQ(print_epoch(1795233906), "1795233906");
  EXPECT_EQ(print_epoch(-0.25), "-0.25");
}

}  // namespace
}  // namespace toolgate::aws
