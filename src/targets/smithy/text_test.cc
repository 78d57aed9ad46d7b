#include <gtest/gtest.h>

#include "targets/smithy/plain_text.h"
#include "targets/smithy/read.h"
#include "targets/smithy/times.h"

namespace toolgate::targets::smithy {
namespace {

TEST(PlainText, KeepsWordsAndLinesOfHtml) {
  const struct {
    std::string_view html, text;
  } table[] = {
      {"<p>Creates a <code>thing</code>.</p><p>Then &amp; there.</p>",
       "Creates a thing.\nThen & there."},
      {"<ul> <li> <p>one</p> </li> <li>two</li> </ul>", "- one\n- two"},
      {"a < b and b > c", "a < b and b > c"},
      {"  much\n   space  ", "much space"},
      {"<!-- hidden -->shown<br/>below", "shown\nbelow"},
      {"&lt;tag&gt;", "<tag>"},
      {"<unfinished", "<unfinished"},
      {"", ""},
  };
  for (const auto& each : table) EXPECT_EQ(plain_text(each.html, 1'000), each.text);
}

TEST(PlainText, IsCutAfterASentenceOrWordAndNeverWithinACharacter) {
  EXPECT_EQ(plain_text("One sentence. Another one that is long.", 24), "One sentence.");
  EXPECT_EQ(plain_text("words without any end here", 20), "words without...");
  EXPECT_EQ(plain_text("éééééééééé", 12), "éééé...");
}

TEST(Times, AreReadInEveryFormAndPrintedInEachPlaces) {
  const struct {
    std::string_view text, date_time, http_date, epoch;
  } table[] = {
      {"2026-11-21T04:05:06Z", "2026-11-21T04:05:06Z", "Sat, 21 Nov 2026 04:05:06 GMT",
       "1795233906"},
      {"2026-11-21T05:05:06.5+01:00", "2026-11-21T04:05:06.500000Z",
       "Sat, 21 Nov 2026 04:05:06 GMT", "1795233906.5"},
      {"1795233906", "2026-11-21T04:05:06Z", "Sat, 21 Nov 2026 04:05:06 GMT", "1795233906"},
      {"Sat, 21 Nov 2026 04:05:06 GMT", "2026-11-21T04:05:06Z", "Sat, 21 Nov 2026 04:05:06 GMT",
       "1795233906"},
      {"2026-11-21", "2026-11-21T00:00:00Z", "Sat, 21 Nov 2026 00:00:00 GMT", "1795219200"},
      {"-0.25", "1969-12-31T23:59:59.750000Z", "Wed, 31 Dec 1969 23:59:59 GMT", "-0.25"},
  };
  for (const auto& each : table) {
    const auto moment = parse_moment(each.text);
    ASSERT_TRUE(moment) << each.text;
    EXPECT_EQ(print_moment(*moment, TimeFormat::date_time), each.date_time) << each.text;
    EXPECT_EQ(print_moment(*moment, TimeFormat::http_date), each.http_date) << each.text;
    EXPECT_EQ(print_moment(*moment, TimeFormat::epoch_seconds), each.epoch) << each.text;
  }
  for (const std::string_view wrong : {"", "yesterday", "2026-13-01T00:00:00Z", "1e300", "nan",
                                       "2026-11-21T04:05:06Zx", "2026-02-30"}) {
    EXPECT_FALSE(parse_moment(wrong)) << wrong;
  }
}

TEST(ParseXml, IsTheUpstreamsFault) {
  const auto root = parse_xml("<a>\n</b>");
  ASSERT_FALSE(root);
  EXPECT_EQ(root.error().code, Code::upstream);
  EXPECT_EQ(root.error().message, "the answer is no XML that can be read: line 2: mismatched tag");
}

}  // namespace
}  // namespace toolgate::targets::smithy
