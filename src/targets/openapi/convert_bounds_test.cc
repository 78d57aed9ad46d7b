// What a document of some megabytes may cost: hostile ones would take minutes, or for ever.
#include <chrono>
#include <ctime>

#include "targets/openapi/convert.h"
#include "targets/openapi/testing.h"

namespace toolgate::targets::openapi {
namespace {

using testing::converted;
using testing::document;

std::string number(int i) { return std::to_string(i); }

std::string many(int count, const auto& one) {
  std::string text;
  for (int i = 0; i < count; ++i) text += (i > 0 ? "," : "") + one(i);
  return text;
}

std::string refers_to(std::string_view name) {
  return R"({"$ref":"#/components/)" + std::string{name} + "\"}";
}

// "/p0", "/p1", …, each the same.
std::string paths(int count, const std::string& item) {
  return '{' + many(count, [&](int i) { return "\"/p" + number(i) + "\":" + item; }) + '}';
}

// As many operations that share one body, and what else the document's components have.
std::string sharing(int operations, const std::string& schema, const std::string& more = "",
                    const std::string& type = "json") {
  return document(
      paths(operations, R"({"post":{"requestBody":)" + refers_to("requestBodies/B") + "}}"),
      R"({"requestBodies":{"B":{"content":{"application/)" + type + R"(":{"schema":)" + schema +
          "}}}}" + more + '}');
}

// The schemas S_0 to S_49999, and references to each.
std::string things() {
  return R"(,"schemas":{)" +
         many(50'000, [](int i) { return "\"S_" + number(i) + R"(":{"type":"string"})"; }) + '}';
}
std::string choices() {
  return many(50'000, [](int i) { return refers_to("schemas/S_" + number(i)); });
}

void expect_soon(const std::string& text) {
  const auto begin = std::clock();
  const auto catalogue = converted(text);
  const auto seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
#ifndef TOOLGATE_SANITIZED
  EXPECT_LT(seconds, 1) << text.size() << ' ' << text.substr(80, 150);
#endif
  (void)seconds;
  if (!catalogue) EXPECT_EQ(catalogue.error().code, Code::invalid);
}

TEST(ConvertEndsSoon, WhateverOperationsShare) {
  // A body of many choices.
  expect_soon(sharing(9'000, R"({"oneOf":[)" + choices() + "]}", things()));
  // An example of a megabyte.
  expect_soon(
      sharing(9'000, R"({"type":"array","example":")" + std::string(1'000'000, 'x') + "\"}"));
  // The parameters of one path item.
  expect_soon(document(
      R"({"/p":{"parameters":[)" +
      many(50'000, [](int i) { return R"({"in":"query","name":"q)" + number(i) + "\"}"; }) +
      R"(],"get":{},"put":{}},)" + paths(4'000, R"({"$ref":"#/paths/~1p"})").substr(1)));
  // One operationId.
  expect_soon(document(paths(9'999, R"({"get":{"operationId":"same"}})")));
}

TEST(ConvertEndsSoon, WhateverNamesAreTaken) {
  // Arguments that differ only where their names are cut.
  const std::string cut(64, 'x');
  expect_soon(sharing(1, R"({"properties":{)" + many(100'000, [&](int i) {
                           return '"' + cut + number(i) + R"(":{})";
                         }) + "}}"));
  expect_soon(document(
      R"({"/a":{"parameters":[)" +
      many(50'000, [&](int i) { return R"({"in":"query","name":")" + cut + number(i) + "\"}"; }) +
      R"(],"get":{}}})"));
  // Definitions whose numbered names are there already.
  const std::string same =
      many(30'000, [](int i) { return refers_to("parts/" + number(i) + "/S"); });
  expect_soon(sharing(1, R"({"oneOf":[)" + choices() + R"(],"anyOf":[)" + same + "]}",
                      things() + R"(,"parts":[)" +
                          many(30'000, [](int) -> std::string { return R"({"S":{}})"; }) + ']'));
}

TEST(ConvertEndsSoon, HoweverDeepItGoes) {
  // Parts of parts of parts, without a property among them.
  const std::string levels = many(13, [](int i) {
    const std::string next = refers_to("schemas/L" + number(i + 1));
    return "\"L" + number(i) + R"(":{"allOf":[)" + many(20, [&](int) { return next; }) + "]}";
  });
  const std::string schemas = R"(,"schemas":{)" + levels + R"(,"L13":{}})";
  for (const auto* type : {"xml", "json"}) {
    expect_soon(sharing(1, refers_to("schemas/L0"), schemas, type));
  }
  // One part, a thousand times.
  const std::string big = R"(,"schemas":{"Big":{"properties":{)" +
                          many(60'000, [](int i) { return "\"p" + number(i) + R"(":{})"; }) + "}}}";
  const std::string parts = many(900, [](int) { return refers_to("schemas/Big"); });
  for (const auto* type : {"xml", "json"}) {
    expect_soon(sharing(50, R"({"allOf":[)" + parts + "]}", big, type));
  }
  // A chain of references from schema to schema, and a path that names one parameter many times.
  const std::string chain = many(60'000, [](int i) {
    return "\"C" + number(i) + R"(":{"properties":{"n":)" + refers_to("schemas/C" + number(i + 1)) +
           "}}";
  });
  expect_soon(sharing(500, R"({"type":"array","items":)" + refers_to("schemas/C0") + '}',
                      R"(,"schemas":{)" + chain + R"(,"C60000":{}})"));
  expect_soon(document("{\"/" + many(100'000, [](int) -> std::string { return "{a}"; }) +
                       R"(":{"parameters":[{"in":"path","name":"a"}],"get":{}}})"));
}

TEST(Convert, BoundsWhatIsToldOfWhatIsLeftOut) {
  std::string paths{R"({"/ok":{"get":{}})"};
  for (int i = 0; i < 100'000; ++i) paths += ",\"p" + std::to_string(i) + "\":0";
  paths += ",\"" + std::string(1'000'000, 'x') + "\":0";
  const auto catalogue = converted(document(paths + '}'));
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_EQ(catalogue->skipped.size(), 10'001);
  EXPECT_EQ(catalogue->skipped.back().what, "90001 more");
  for (const auto& left_out : catalogue->skipped) EXPECT_LT(left_out.what.size(), 1'100);
}

// A document whose every tool would carry everything.
TEST(Convert, BoundsWhatReferencesMakeOfADocument) {
  constexpr int count = 3'000;
  std::string schemas;
  std::string paths;
  for (int i = 0; i < count; ++i) {
    const std::string number = std::to_string(i);
    schemas += (i > 0 ? ",\"S" : "\"S") + number + R"(":{"type":"object","description":")" +
               std::string(500, 'd') + R"(","properties":{"l":{"$ref":"#/components/schemas/S)" +
               std::to_string((i + 1) % count) + R"("},"r":{"$ref":"#/components/schemas/S)" +
               std::to_string((i * 7 + 3) % count) + "\"}}}";
    paths += (i > 0 ? ",\"/p" : "\"/p") + number +
             R"(":{"post":{"requestBody":{"content":{"application/json":{"schema":{"type":"array",
               "items":{"$ref":"#/components/schemas/S)" +
             number + "\"}}}}}}}";
  }
  const auto begin = std::chrono::steady_clock::now();
  const auto catalogue = converted(document('{' + paths + '}', R"({"schemas":{)" + schemas + "}}"));
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{10});
  std::size_t bytes = 0;
  for (const auto& tool : catalogue->tools) bytes += tool.rest.size();
  EXPECT_LT(bytes, 34 * 1024 * 1024);
  EXPECT_FALSE(catalogue->skipped.empty());
  const auto& first = catalogue->tools.front();
  EXPECT_TRUE(json::Schema::compile(first.input_schema));
  EXPECT_TRUE(catalogue->notes[0].contains("the deeper parts of its input schema are left out"))
      << catalogue->notes[0];
}

}  // namespace
}  // namespace toolgate::targets::openapi
