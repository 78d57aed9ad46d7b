#include "search/remote_embedder.h"

#include <gtest/gtest.h>

namespace toolgate::search {
namespace {

TEST(ReadEmbeddings, PutsThemInOrder) {
  const auto vectors = read_embeddings(
      R"({"object":"list","data":[{"index":1,"embedding":[0,2.5]},{"index":0,"embedding":[1,0]}]})",
      2);
  ASSERT_TRUE(vectors) << vectors.error().message;
  EXPECT_EQ((*vectors)[0].values, (std::vector<std::int8_t>{127, 0}));
  EXPECT_EQ((*vectors)[1].values, (std::vector<std::int8_t>{0, 127}));
}

TEST(ReadEmbeddings, RefusesWhatIsNoAnswer) {
  for (const std::string_view body :
       {"", "{}", "[]", R"({"data":[]})", R"({"data":[{"index":0,"embedding":[1]}]})",
        R"({"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]})",
        R"({"data":[{"index":0,"embedding":[1]},{"index":2,"embedding":[1]}]})",
        R"({"data":[{"index":0,"embedding":[1]},{"index":-1,"embedding":[1]}]})",
        R"({"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1,2]}]})",
        R"({"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":["a"]}]})",
        R"({"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[]}]})",
        R"({"data":[{"index":0,"embedding":"AAAA"},5]})"}) {
    EXPECT_FALSE(read_embeddings(body, 2)) << body;
  }
}

TEST(RemoteEmbedder, SaysWhichOptionIsWrong) {
  const auto url = RemoteEmbedder::make({.url = "nowhere", .model = "m", .key = ""});
  ASSERT_FALSE(url);
  EXPECT_NE(url.error().message.find("--embeddings-url"), std::string::npos);
  const auto model =
      RemoteEmbedder::make({.url = "http://h/v1/embeddings", .model = "", .key = ""});
  ASSERT_FALSE(model);
  EXPECT_NE(model.error().message.find("--embeddings-model"), std::string::npos);
}

}  // namespace
}  // namespace toolgate::search
