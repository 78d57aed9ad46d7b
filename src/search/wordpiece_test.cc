#include "search/wordpiece.h"

#include <gtest/gtest.h>

#include "search/testing_model.h"

namespace toolgate::search {
namespace {

using Ids = std::vector<std::int32_t>;

struct Case {
  std::string_view text;
  Ids ids;
};

Ids encode(std::string_view text, std::size_t ids_max = 256) {
  static const auto opened = WordPiece::open(testing_model());
  EXPECT_TRUE(opened) << opened.error().message;
  return opened->encode(text, ids_max);
}

// The ids are those of the PyPI package `tokenizers` for the same vocabulary.
TEST(WordPiece, GivesTheIdsOfTheReference) {
  const std::vector<Case> cases{
      {"What is the weather in Paris?", {101, 2054, 2003, 1996, 4633, 1999, 3000, 1029, 102}},
      {"getHTTPResponse_v2.list",
       {101, 2131, 11039, 25856, 6072, 26029, 3366, 1035, 1058, 2475, 1012, 2862, 102}},
      {"Crème brûlée à la carte, naïve Ångström",
       {101, 13675, 21382, 7987, 9307, 2063, 1037, 2474, 11122, 2063, 1010, 15743, 17076, 15687,
        102}},
      {"unaffable tokenization", {101, 14477, 20961, 3468, 19204, 3989, 102}},
      {"한국어 날씨 알려줘",
       {101,   1469,  30006, 30021, 29991, 30014, 30020, 29999, 30008, 1456,  30006,
        30022, 29998, 30019, 1463,  30006, 30022, 29994, 30010, 30000, 30015, 102}},
      {"서울의 날씨",
       {101, 1461, 30008, 29999, 30014, 30022, 29999, 30018, 1456, 30006, 30022, 29998, 30019,
        102}},
      {"日本語の天気 東京都", {101, 1864, 1876, 1950, 1671, 1811, 100, 1879, 1755, 1961, 102}},
      {"天气预报", {101, 1811, 100, 100, 100, 102}},
      {"Привет, Мир!",
       {101, 1194, 16856, 10325, 25529, 15290, 22919, 1010, 1191, 10325, 16856, 999, 102}},
      {"שלום עולם", {101, 1266, 29799, 29792, 29800, 1259, 29792, 29799, 29800, 102}},
      {"مرحبا بالعالم",
       {101, 1295, 17149, 29820, 29816, 25573, 1271, 25573, 23673, 29830, 25573, 23673, 22192,
        102}},
      {"👍🏽 emoji 🎉 party", {101, 100, 7861, 29147, 2072, 100, 2283, 102}},
      {"e\u0301tude vs \u00E9tude", {101, 3802, 12672, 5443, 3802, 12672, 102}},
      {"ﬁne ŉ İstanbul ß ẞ", {101, 1984, 2638, 100, 9960, 1096, 1096, 102}},
      {"x\u00A0y\u2003z\u200Bw\uFEFFv", {101, 1060, 1061, 1062, 2860, 2615, 102}},
      {"[CLS] and [MASK] and [SEPARATOR]",
       {101, 101, 1998, 103, 1998, 1031, 19802, 25879, 2953, 1033, 102}},
      {"\u1F80\u0345 \u03A3\u038A\u03A3\u03A5\u03A6\u039F\u03A3 \u01C4",
       {101, 1155, 1173, 18199, 29733, 29735, 29736, 29730, 29733, 100, 102}},
      {std::string_view{"a\011b\015\012c\000d\007e", 10}, {101, 1037, 1038, 3729, 2063, 102}},
      {"ไทยแลนด์ हिन्दी தமிழ்", {101, 100, 1339, 29877, 29863, 29861, 29878, 100, 102}},
      {"½ ² №5 €10 —dash… “q”",
       {101, 1092, 1082, 1578, 2629, 1574, 10790, 1517, 11454, 1529, 1523, 1053, 1524, 102}},
      {"\uFA0E\uF900 \u8C48", {101, 100, 100, 100, 102}},
  };
  for (const auto& [text, ids] : cases) EXPECT_EQ(encode(text), ids) << text;
}

TEST(WordPiece, CutsLongTextsAndKeepsTheFrame) {
  const Ids whole = encode("one two three four five");
  EXPECT_EQ(whole.size(), 7U);
  const Ids cut = encode("one two three four five", 5);
  EXPECT_EQ(cut, (Ids{whole[0], whole[1], whole[2], whole[3], whole[6]}));
  EXPECT_EQ(encode("unbelievably", 3).size(), 3U);
  EXPECT_EQ(encode("anything", 2), (Ids{101, 102}));
}

TEST(WordPiece, LeavesOutBytesThatAreNoText) {
  EXPECT_EQ(encode("wea\xFFther\xC3"), encode("weather"));
  EXPECT_EQ(encode(""), (Ids{101, 102}));
  EXPECT_EQ(encode(std::string(70'000, 'x')), (Ids{101, 100, 102}));
}

}  // namespace
}  // namespace toolgate::search
