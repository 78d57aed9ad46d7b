#include "net/http.h"

#include <gtest/gtest.h>

namespace toolgate::net {
namespace {

TEST(HeaderViews, FindsTheFirstWithoutRegardToCase) {
  HeaderViews headers;
  headers.add({"X-One", "1"});
  headers.add({"x-one", "2"});
  EXPECT_EQ(headers.find("x-ONE"), "1");
  EXPECT_FALSE(headers.find("x-on"));
}

TEST(HeaderViews, ListsTokensOfAllFieldsWithoutParameters) {
  HeaderViews headers;
  headers.add({"Accept", "application/json;q=0.5 , text/event-stream"});
  headers.add({"accept", "text/html"});
  EXPECT_TRUE(headers.lists("accept", "Application/JSON"));
  EXPECT_TRUE(headers.lists("accept", "text/event-stream"));
  EXPECT_TRUE(headers.lists("accept", "text/html"));
  EXPECT_FALSE(headers.lists("accept", "text"));
  EXPECT_FALSE(headers.lists("accept", ""));
}

TEST(FindHeader, IgnoresCase) {
  const Headers headers{{"Content-Type", "a"}, {"content-type", "b"}};
  EXPECT_EQ(find_header(headers, "content-type"), "a");
  EXPECT_FALSE(find_header(headers, "content"));
}

TEST(Buffered, GivesTheTextOfEachKindOfBody) {
  EXPECT_EQ(buffered(Response::text(200, "text/plain", "own")), "own");
  Response shared;
  shared.body = std::make_shared<const std::string>("shared");
  EXPECT_EQ(buffered(shared), "shared");
  Response stream;
  stream.body = Response::Stream{};
  EXPECT_EQ(buffered(stream), "");
}

TEST(ReasonOf, KnowsTheRegistryAndNothingElse) {
  EXPECT_EQ(reason_of(200), "OK");
  EXPECT_EQ(reason_of(421), "Misdirected Request");
  EXPECT_EQ(reason_of(508), "Loop Detected");
  EXPECT_EQ(reason_of(299), "Unknown");
  EXPECT_EQ(reason_of(0), "Unknown");
  EXPECT_EQ(reason_of(999), "Unknown");
}

}  // namespace
}  // namespace toolgate::net
