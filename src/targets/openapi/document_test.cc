#include "targets/openapi/document.h"

#include <chrono>

#include <gtest/gtest.h>

#include "base/limits.h"

namespace toolgate::targets::openapi {
namespace {

std::string printed(std::string_view text) {
  const auto read = read_document(text);
  return read ? json::print(*read) : "refused: " + read.error().message;
}

TEST(ReadDocument, TakesYamlAsItsJson) {
  const struct {
    std::string_view yaml, json;
  } table[] = {
      {"a: 1\nb: [x, 'y', \"z\"]\nc: {d: null, e: ~}\nf:\n",
       R"({"a":1,"b":["x","y","z"],"c":{"d":null,"e":null},"f":null})"},
      {"- true\n- False\n- yes\n- on\n", R"([true,false,"yes","on"])"},
      {"[1, -2, +3, 0x1F, 0o17, 1.5, .5, 1e3, '1', 1.0.0, 2020-01-01, 0123]",
       R"([1,-2,3,31,15,1.5,0.5,1000.0,"1","1.0.0","2020-01-01",123])"},
      {"[.inf, nan, -, ., inf, infinity]", R"([".inf","nan","-",".","inf","infinity"])"},
      {"200: ok\n'201': made\ntrue: x\n", R"({"200":"ok","201":"made","true":"x"})"},
      {"a: |\n  one\n  two\nb: >-\n  three\n  four\n", R"({"a":"one\ntwo\n","b":"three four"})"},
      {"a: !!str 1\n", R"({"a":"1"})"},
      {"a: &x {b: 1}\nc: *x\n", R"({"a":{"b":1},"c":{"b":1}})"},
      {"a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  b: 3\n", R"({"a":{"b":1,"c":2},"d":{"b":3,"c":2}})"},
      {"x: [&a {p: 1}, &b {p: 2, q: 3}]\ny:\n  <<: [*a, *b]\n",
       R"({"x":[{"p":1},{"p":2,"q":3}],"y":{"p":1,"q":3}})"},
      {"--- # comment\nopenapi: 3.1.0\n...\n", R"({"openapi":"3.1.0"})"},
      {"18446744073709551615", "18446744073709551615"},
  };
  for (const auto& [yaml, json] : table) EXPECT_EQ(printed(yaml), json) << yaml;
}

TEST(ReadDocument, NamesLineAndColumn) {
  const struct {
    std::string_view text, words;
  } table[] = {
      {"{\n  \"a\": 1,\n  \"b\": x\n}", "no JSON: line 3, column 8"},
      {"{\"a\": 1", "no JSON: line 1, column 8"},
      {"a: 1\nb: [1, 2\nc: 3\n", "no YAML: line 3, column 2"},
      {"a: 1\n b: 2\n", "line 2, column 3"},
      {"a: *nothing\n", "line 1, column 4: the alias *nothing has no anchor before it"},
      {"a: &a [*a]\n", "line 1, column 8: the alias *a has no anchor before it"},
      {"[1]: 2\n", "line 1, column 1: a key must be text"},
      {"a: 1\n---\nb: 2\n", "a second YAML document"},
      {"", "The document is empty."},
      {" \n", "The document is empty."},
      {"a: \xff\n", "no YAML"},
      {"{\"a\": \"\xff\"}", "no JSON"},
  };
  for (const auto& [text, words] : table) {
    EXPECT_TRUE(printed(text).starts_with("refused: ")) << text;
    EXPECT_TRUE(printed(text).contains(words)) << printed(text);
  }
}

TEST(ReadDocument, BoundsLevelsAlsoThroughAliases) {
  const auto nested = [](std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
  };
  EXPECT_TRUE(read_yaml(nested(limits::json_depth_max)));
  EXPECT_FALSE(read_yaml(nested(limits::json_depth_max + 1)));
  EXPECT_FALSE(read_document("{\"a\":" + nested(limits::json_depth_max) + '}'));
  const std::string half = nested(limits::json_depth_max / 2);
  EXPECT_TRUE(read_yaml("a: &a " + half + "\nb: *a\n"));
  EXPECT_FALSE(read_yaml("a: &a " + half + "\nb: " + std::string(40, '[') + "*a" +
                         std::string(40, ']') + '\n'));
}

TEST(ReadDocument, RefusesAliasBombsAtOnce) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) bomb += (k > 0 ? ", *a" : "*a") + std::to_string(i - 1);
    bomb += "]\n";
  }
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(printed(bomb).contains("repeat too much")) << printed(bomb).substr(0, 100);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{10});  // not years

  std::string wide = "a: &a " + std::string(100'000, 'x') + "\nb: [";
  for (int i = 0; i < 1'000; ++i) wide += i > 0 ? ", *a" : "*a";
  EXPECT_TRUE(printed(wide + "]\n").contains("repeat too much"));
}

TEST(ReadDocument, BoundsTheNumberOfValues) {
  const auto list = [](std::size_t count, std::string_view separator) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
      text += i > 0 ? separator : "";
      text += '0';
    }
    return text;
  };
  const auto most = document_values_count_max - 2;  // beside the object and its list
  EXPECT_TRUE(read_document("{\"a\":[" + list(most, ",") + "]}"));
  EXPECT_TRUE(read_document("a: [" + list(most, ",") + "]"));
  for (const auto& text : {"{\"a\":[" + list(most + 1, ",") + "]}",
                           "a: [" + list(most + 1, ",") + "]", "- " + list(most + 2, "\n- ")}) {
    EXPECT_TRUE(printed(text).contains("more than 500000 values")) << printed(text).substr(0, 99);
  }
  // What stands in strings is none.
  EXPECT_TRUE(read_document(R"({"a":"\\\"[)" + std::string(2'000'000, ',') + "\"}"));
}

TEST(ReadDocument, RefusesWhatIsTooLong) {
  EXPECT_TRUE(printed(std::string(document_bytes_max + 1, ' ')).contains("at most 10485760"));
}

}  // namespace
}  // namespace toolgate::targets::openapi
