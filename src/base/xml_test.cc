#include "base/xml.h"

#include <gtest/gtest.h>

namespace toolgate {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  escape_xml_to(out, text);
  return out;
}

TEST(EscapeXml, KeepsTextWhatItIsInContentAndInAttributes) {
  EXPECT_EQ(escaped("a<b>&\"c\" 'd' \xC3\xA4"), "a&lt;b&gt;&amp;&quot;c&quot; 'd' \xC3\xA4");
  EXPECT_EQ(escaped("a\r\n\tb"), "a&#xD;&#xA;&#x9;b");
}

TEST(EscapeXml, ReplacesWhatNoDocumentMayHold) {
  EXPECT_EQ(escaped(std::string_view{"a\0b\x1F", 4}),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");
  EXPECT_EQ(escaped("a\xEF\xBF\xBE\xEF\xBF\xBF"
                    "b"),
            "a\xEF\xBF\xBD\xEF\xBF\xBD"
            "b");
}

TEST(FitsXml, SaysWhetherTextWouldBeReplaced) {
  EXPECT_TRUE(fits_xml(""));
  EXPECT_TRUE(fits_xml("a\r\n\t<&\xEF\xBF\xBD"));
  EXPECT_FALSE(fits_xml("\x01"));
  EXPECT_FALSE(fits_xml("a\xEF\xBF\xBF"));
}

}  // namespace
}  // namespace toolgate
