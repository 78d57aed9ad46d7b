#include "gateway/definitions.h"

#include <random>

#include <gtest/gtest.h>

namespace toolgate::gateway {
namespace {

// Of many sizes: some fill blocks of their own, some end where a block does.
std::vector<std::string> texts(std::size_t count) {
  std::mt19937 random{7};
  std::vector<std::string> made;
  for (std::size_t i = 0; i < count; ++i) {
    std::string text = R"({"name":"tool)" + std::to_string(i) + R"(","description":")";
    const std::size_t words = i % 50 == 49 ? 5'000 : random() % 100;
    for (std::size_t word = 0; word < words; ++word) text += std::to_string(random() % 997) + ' ';
    if (i % 10 == 0) {  // what cannot be packed
      for (int byte = 0; byte < 300; ++byte) text += static_cast<char>(random() % 256);
    }
    made.push_back(text + R"("})");
  }
  made.emplace_back(Definitions::block_bytes - 1, 'x');
  return made;
}

struct Filled {
  std::vector<std::string> given;
  Definitions definitions;
  std::vector<Definitions::Place> places;
  std::string joined;

  explicit Filled(std::vector<std::string> all) : given{std::move(all)} {
    for (const auto& one : given) {
      places.push_back(definitions.add(one));
      joined += (joined.empty() ? "" : ",") + one;
    }
    definitions.close();
  }
};

TEST(Definitions, GivesBackEveryOneAndEverySliceAsItWas) {
  const Filled filled{texts(400)};
  ASSERT_GT(filled.joined.size(), 10 * Definitions::block_bytes);
  EXPECT_EQ(filled.definitions.size(), filled.joined.size());
  Definitions::Reader reader;
  for (std::size_t i = 0; i < filled.given.size(); ++i) {
    std::string text = "before ";
    reader.append_to(text, filled.definitions, filled.places[i]);
    ASSERT_EQ(text, "before " + filled.given[i]);
  }
  std::mt19937 random{9};
  for (int round = 0; round < 300; ++round) {
    const auto begin = static_cast<std::uint32_t>(random() % filled.joined.size());
    const auto end =
        static_cast<std::uint32_t>(begin + random() % (filled.joined.size() - begin + 1));
    std::string text;
    reader.append_to(text, filled.definitions, {.begin = begin, .end = end});
    ASSERT_EQ(text, filled.joined.substr(begin, end - begin));
  }
}

TEST(Definitions, OneReaderReadsFromSeveral) {
  const Filled one{std::vector<std::string>(100, std::string(1'000, 'a'))};
  const Filled other{std::vector<std::string>(100, std::string(1'000, 'b'))};
  Definitions::Reader reader;
  for (std::size_t i = 0; i < 100; i += 9) {
    std::string text;
    reader.append_to(text, one.definitions, one.places[i]);
    reader.append_to(text, other.definitions, other.places[i]);
    EXPECT_EQ(text, std::string(1'000, 'a') + std::string(1'000, 'b'));
  }
}

TEST(Definitions, ManyTakeLessThanHalfOfTheirSize) {
  std::vector<std::string> many;
  std::mt19937 random{3};
  for (int i = 0; i < 2'000; ++i) {
    std::string text = R"({"name":"tool)" + std::to_string(i) +
                       R"(","inputSchema":{"type":"object","properties":{)";
    for (int p = 0; p < 3; ++p) {
      text += R"("parameter)" + std::to_string(random() % 1'000) +
              R"(":{"type":"string","description":"the )" + std::to_string(random()) + R"("},)";
    }
    many.push_back(text + "}}}");
  }
  const Filled filled{std::move(many)};
  EXPECT_LT(filled.definitions.memory(), filled.joined.size() / 2);
}

TEST(Definitions, NoneAreAnEmptyText) {
  const Filled filled{{}};
  EXPECT_EQ(filled.definitions.size(), 0U);
  std::string text;
  Definitions::Reader{}.append_to(text, filled.definitions, {});
  EXPECT_EQ(text, "");
}

}  // namespace
}  // namespace toolgate::gateway
