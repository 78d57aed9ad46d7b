#include "xml/document.h"

#include <gtest/gtest.h>

namespace toolgate::xml {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

TEST(ParseXml, ReadsElementsTextsAndAttributes) {
  const auto root = parse(
      "\xEF\xBB\xBF<?xml version=\"1.0\"?>\n<!-- c --><a:R xmlns:a='urn:x' b = \"1 &lt; 2\">"
      "x&amp;&#x41;&#66;<!-- c --><![CDATA[<&>]]><C/><D >t</D ><D>u</D></a:R>\n");
  ASSERT_TRUE(root) << root.error().message;
  EXPECT_EQ(root->name, "R");
  EXPECT_EQ(root->text, "x&AB<&>");
  ASSERT_EQ(root->attributes.size(), 2U);
  EXPECT_EQ(root->attributes[1], (std::pair<std::string, std::string>{"b", "1 < 2"}));
  ASSERT_EQ(root->children.size(), 3U);
  EXPECT_EQ(root->text_of("D"), "t");
  EXPECT_EQ(root->find("E"), nullptr);
  EXPECT_EQ(root->text_of("E"), "");
}

TEST(ParseXml, LeavesNoNameEmpty) {
  EXPECT_EQ(parse("<a:/>")->name, "a:");
  EXPECT_EQ(parse("<:a/>")->name, "a");
}

TEST(ParseXml, GivesUtf8WhateverTheEncoding) {
  const auto root = parse("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE9</a>");
  ASSERT_TRUE(root) << root.error().message;
  EXPECT_EQ(root->text, "\xC3\xA9");
}

TEST(ParseXml, RefusesWhatIsNoDocument) {
  for (const std::string_view text :
       {"", "text", "<a>", "<a></b>", "<a/><b/>", "<a b></a>", "<a b=1/>", "<a>&nbsp;</a>",
        "<a>&#0;</a>", "<a>&#xD800;</a>", "<a><!-- </a>", "<a><![CDATA[</a>", "<a b='<'/>",
        "<a b='1' b='2'/>", "<a>\x01</a>", "<a>\xFF</a>", "<a", "<a>&amp</a>",
        "<?xml version='1.0' encoding='none'?><a/>"}) {
    const auto root = parse(text);
    ASSERT_FALSE(root) << text;
    EXPECT_EQ(root.error().code, Code::invalid);
    EXPECT_TRUE(root.error().message.starts_with("line 1: ")) << root.error().message;
  }
}

TEST(ParseXml, NamesTheLine) {
  EXPECT_EQ(parse("<a>\n<b>\n</a>").error().message, "line 3: mismatched tag");
}

TEST(ParseXml, RefusesADocumentTypeAndWithItAllThatExpands) {
  for (const std::string_view text :
       {"<!DOCTYPE a><a/>", R"(<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>)",
        R"(<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>)",
        R"(<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>)",
        R"(<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>)",
        R"(<!DOCTYPE a [<!ENTITY % b SYSTEM "http://127.0.0.1/b"> %b;]><a/>)"}) {
    const auto root = parse(text);
    ASSERT_FALSE(root) << text;
    EXPECT_EQ(root.error().message, "line 1: a document type");
  }
}

TEST(ParseXml, IsBounded) {
  EXPECT_TRUE(parse(repeated("<a>", 64) + repeated("</a>", 64)));
  EXPECT_EQ(parse(repeated("<a>", 65)).error().message, "line 1: more than 64 levels");
  EXPECT_EQ(parse("<a>" + repeated("<b/>", 300'000) + "</a>").error().message,
            "line 1: more than 300000 elements");
  std::string attributes;
  for (int i = 0; i < 65; ++i) attributes += " a" + std::to_string(i) + "=''";
  EXPECT_EQ(parse("<a" + attributes + "/>").error().message, "line 1: more than 64 attributes");
  EXPECT_EQ(parse(std::string(document_bytes_max + 1, ' ')).error().message,
            "more than 67108864 bytes");
}

}  // namespace toolgate::xml
