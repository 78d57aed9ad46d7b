#include <fmt/format.h>
#include <gtest/gtest.h>

#include "search/ranking.h"

namespace toolgate::search {
namespace {

std::vector<Doc> shop() {
  return {
      {.prefix = "shop", .name = "createOrder", .description = "Places an order for a product."},
      {.prefix = "shop", .name = "get_order_status", .description = "Tells where an order is."},
      {.prefix = "shop", .name = "refund_payment", .description = "Gives money back."},
      {.prefix = "weather",
       .name = "get_forecast",
       .description = "Forecast for a city.",
       .parameters = {{"city", "The city to look at"}, {"units", "celsius or fahrenheit"}}},
      {.prefix = "weather", .name = "shop_hours", .description = "When stores are open."},
  };
}

std::vector<Hit> search(const Index& index, std::string query, std::size_t limit) {
  return rank(index, nullptr,
              {.parts = {std::move(query)}, .vectors = {}, .limit = limit, .admits = {}});
}

std::vector<std::size_t> found(const std::vector<Doc>& docs, const std::string& query,
                               std::size_t limit = 10) {
  std::vector<std::size_t> numbers;
  for (const Hit& hit : search(*Index::build(docs), query, limit)) numbers.push_back(hit.doc);
  return numbers;
}

TEST(SearchIndex, FindsByNameDescriptionAndParameters) {
  EXPECT_EQ(found(shop(), "refunding payments"), (std::vector<std::size_t>{2}));
  EXPECT_EQ(found(shop(), "money"), (std::vector<std::size_t>{2}));
  EXPECT_EQ(found(shop(), "What is it in Fahrenheit?"), (std::vector<std::size_t>{3}));
  EXPECT_EQ(found(shop(), "unit"), (std::vector<std::size_t>{3}));
  EXPECT_EQ(found(shop(), "order status").front(), 1U);
  EXPECT_EQ(found(shop(), "create an order").front(), 0U);
}

TEST(SearchIndex, LetsThePrefixWeighLittle) {
  // Named by it, above those that only belong to it.
  EXPECT_EQ(found(shop(), "shop").front(), 4U);
  EXPECT_EQ(found(shop(), "weather").size(), 2U);
  EXPECT_LT(found(shop(), "weather orders").front(), 2U);
}

TEST(SearchIndex, LetsEvenAParameterWeighMoreThanThePrefix) {
  const std::vector<Doc> docs{{.prefix = "invoice", .name = "a"},
                              {.name = "b", .parameters = {{"", "invoice"}}},
                              {.prefix = "c", .name = "c", .parameters = {{"", "other"}}}};
  EXPECT_EQ(found(docs, "invoice"), (std::vector<std::size_t>{1, 0}));
}

TEST(SearchIndex, PrefersTwoWordsOfTheQueryToOneSaidOften) {
  std::string often;
  for (int i = 0; i < 20; ++i) often += "alpha ";
  const std::vector<Doc> docs{{.name = "a", .description = often},
                              {.name = "b", .description = "alpha beta"},
                              {.name = "c", .description = "gamma"},
                              {.name = "d", .description = "delta"}};
  EXPECT_EQ(found(docs, "alpha beta"), (std::vector<std::size_t>{1, 0}));
}

TEST(SearchIndex, WeighsNamesAboveDescriptionsAboveParameters) {
  const std::vector<Doc> docs{
      {.name = "a", .parameters = {{"invoice", ""}}},
      {.name = "b", .description = "invoice"},
      {.name = "invoice"},
      {.name = "c"},
  };
  EXPECT_EQ(found(docs, "invoice"), (std::vector<std::size_t>{2, 1, 0}));
}

TEST(SearchIndex, OrdersTiesByDocumentAndKeepsToTheLimit) {
  const std::vector<Doc> docs(50, Doc{.name = "same", .description = "thing"});
  EXPECT_EQ(found(docs, "thing", 3), (std::vector<std::size_t>{0, 1, 2}));
  EXPECT_EQ(found(docs, "thing", 100).size(), 50U);
  EXPECT_TRUE(found(docs, "thing", 0).empty());
}

TEST(SearchIndex, TakesNumbersForValuesUnlessThereIsNothingElse) {
  const std::vector<Doc> docs{
      {.name = "set_timer", .description = "Counts minutes."},
      {.name = "resize", .description = "Makes it smaller, by 10 or 15 percent, or by 1234."},
      {.name = "s3_list"}};
  EXPECT_EQ(found(docs, "a timer of 10 or 15, 1234"), (std::vector<std::size_t>{0}));
  EXPECT_EQ(found(docs, "What is 1234?"), (std::vector<std::size_t>{1}));
  EXPECT_EQ(found(docs, "12 of s3"), (std::vector<std::size_t>{2}));
}

TEST(SearchIndex, GivesNothingForNothing) {
  EXPECT_TRUE(found(shop(), "").empty());
  EXPECT_TRUE(found(shop(), "the of and").empty());
  EXPECT_TRUE(found(shop(), "zebra \xFF\xFE").empty());
  EXPECT_TRUE(found({}, "order").empty());
}

TEST(SearchIndex, GivesScoresInFallingOrder) {
  const auto hits = search(*Index::build(shop()), "get an order for the city forecast", 10);
  ASSERT_GE(hits.size(), 3U);
  for (std::size_t i = 1; i < hits.size(); ++i) EXPECT_GE(hits[i - 1].score, hits[i].score);
  EXPECT_GT(hits.back().score, 0);
  // Saying a word twice changes nothing.
  const auto twice = search(*Index::build(shop()), "get get an order for the city forecast", 10);
  EXPECT_EQ(twice[0].score, hits[0].score);
}

TEST(SearchIndex, TakesTenThousandToolsAndLongTexts) {
  std::vector<std::string> names;
  std::vector<std::string> texts;
  for (int i = 0; i < 10'000; ++i) {
    names.push_back(fmt::format("service{}_operation{}", i % 100, i));
    std::string text;
    for (int word = 0; word < 30; ++word)
      text += fmt::format("word{} ", (i * 31 + word * 17) % 5'000);
    texts.push_back(text);
  }
  texts[7] = std::string(1'000'000, 'a') + " " + texts[7];
  std::vector<Doc> docs;
  for (std::size_t i = 0; i < names.size(); ++i) {
    docs.push_back({.name = names[i], .description = texts[i]});
  }
  const auto index = Index::build(docs);
  EXPECT_EQ(search(*index, "service42 operation4242", 1)[0].doc, 4242U);
  std::string query;
  for (int i = 0; i < 100'000; ++i) query += "word1 operation9 ";
  EXPECT_FALSE(search(*index, query, 10).empty());
}

TEST(ReadParameters, FindsNestedOnes) {
  Doc doc;
  read_parameters(R"({"type":"object","description":"of the tool","properties":{
      "order_id":{"type":"string","description":"Which \u006frder"},
      "lines":{"type":"array","items":{"type":"object","properties":{
          "sku":{"title":"Stock unit"},"properties":{"description":"a property of that name"}}}},
      "to":{"$ref":"#/$defs/address"},
      "pay":{"anyOf":[{"properties":{"card":{}}},{"type":"null"}]}},
      "$defs":{"address":{"description":"Where to","properties":{"zip":true}}},
      "required":["order_id"]})",
                  doc);
  EXPECT_EQ(doc.parameters, (std::vector<Parameter>{{"order_id", "Which order"},
                                                    {"lines", ""},
                                                    {"sku", "Stock unit"},
                                                    {"properties", "a property of that name"},
                                                    {"to", ""},
                                                    {"pay", ""},
                                                    {"card", "Where to"},
                                                    {"zip", ""}}));
}

TEST(ReadParameters, LeavesOutWhatItCannotRead) {
  for (const std::string& schema :
       {std::string{}, std::string{"5"}, std::string{"[[]]"}, std::string{R"({"properties":5})"},
        std::string{R"({"properties":["a"]})"}, std::string(200, '['),
        std::string{R"({"properties":{"a":)"}, std::string{R"({"description":"x"})"}}) {
    Doc doc;
    read_parameters(schema, doc);
    EXPECT_LE(doc.parameters.size(), 1U) << schema;
    for (const auto& one : doc.parameters) EXPECT_EQ(one.description, "") << schema;
  }
  std::string many = R"({"properties":{"p":{})";
  for (int i = 0; i < 3'000; ++i) many += fmt::format(R"(,"p{}":{{"title":"t"}})", i);
  Doc doc;
  read_parameters(many + "}}", doc);
  EXPECT_EQ(doc.parameters.size(), 1'000U);
}

}  // namespace
}  // namespace toolgate::search
