#include "services/bedrock_runtime/model_source.h"

#include <unistd.h>

#include <cstdio>

#include <gtest/gtest.h>

namespace toolgate::services::bedrock_runtime {
namespace {

// A file that is gone with the test.
class KeyFile {
 public:
  explicit KeyFile(std::string_view text) {
    const int fd = ::mkstemp(path_.data());
    EXPECT_EQ(::write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    ::close(fd);
  }
  KeyFile(const KeyFile&) = delete;
  KeyFile& operator=(const KeyFile&) = delete;
  ~KeyFile() { std::remove(path_.c_str()); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_ = ::testing::TempDir() + "model-key-XXXXXX";
};

std::string chat_path(std::string endpoint) {
  const auto source = ModelSource::make({.endpoint = std::move(endpoint)});
  return source ? source->url().text() : source.error().message;
}

TEST(ModelSource, TakesABaseUrlOrTheOperationsOwn) {
  for (const std::string_view url : {"http://127.0.0.1:11434/v1", "http://127.0.0.1:11434/v1/",
                                     "http://127.0.0.1:11434/v1/chat/completions"}) {
    EXPECT_EQ(chat_path(std::string{url}), "http://127.0.0.1:11434/v1/chat/completions");
  }
  EXPECT_EQ(chat_path("https://models.example"), "https://models.example/chat/completions");
  EXPECT_EQ(chat_path("https://models.example/openai?api-version=1"),
            "https://models.example/openai/chat/completions?api-version=1");
}

TEST(ModelSource, SaysWhatIsWrongWithASetting) {
  const KeyFile two_lines{"a\nb\n"};
  const KeyFile empty{"\n"};
  const KeyFile huge{std::string(5'000, 'k')};
  const std::string url = "http://127.0.0.1/v1";
  const struct {
    ModelSettings settings;
    std::string_view says;
  } table[] = {
      {{.endpoint = "localhost:11434"}, "--model-endpoint: "},
      {{.endpoint = "ftp://x/"}, "--model-endpoint: "},
      {{.endpoint = "none", .api_key_file = "/k"}, "--model-api-key-file: expected --model-end"},
      {{.names = {"x"}}, "--model-name: expected --model-endpoint"},
      {{.endpoint = url, .names = {"=x"}}, "--model-name =x: expected NAME or PATTERN=NAME"},
      {{.endpoint = url, .names = {"a="}}, "--model-name a=: expected NAME or PATTERN=NAME"},
      {{.endpoint = url, .names = {""}}, "--model-name : expected NAME or PATTERN=NAME"},
      {{.endpoint = url, .api_key_file = "/nowhere/key"}, "/nowhere/key: cannot be read"},
      {{.endpoint = url, .api_key_file = two_lines.path()}, "expected one line"},
      {{.endpoint = url, .api_key_file = empty.path()}, "expected one line"},
      {{.endpoint = url, .api_key_file = huge.path()}, "at most 4 KiB"},
  };
  for (const auto& row : table) {
    const auto source = ModelSource::make(row.settings);
    ASSERT_FALSE(source) << row.says;
    EXPECT_TRUE(source.error().message.contains(row.says)) << source.error().message;
  }
}

TEST(ModelSource, SendsTheKeyOfTheFile) {
  const KeyFile key{"sk-123\n"};
  const auto source =
      ModelSource::make({.endpoint = "http://127.0.0.1/v1", .api_key_file = key.path()});
  ASSERT_TRUE(source);
  EXPECT_EQ(net::find_header(source->headers(), "authorization"), "Bearer sk-123");
  const auto none = ModelSource::make({.endpoint = "http://127.0.0.1/v1"});
  EXPECT_FALSE(net::find_header(none->headers(), "authorization"));
}

TEST(ModelSource, NamesModelsByTheFirstPatternThatFits) {
  const auto source = ModelSource::make(
      {.endpoint = "http://127.0.0.1/v1",
       .names = {"*claude-sonnet-4-*=big", "*.nova-*:0=small", "exact=same", "rest"}});
  ASSERT_TRUE(source);
  for (const auto& [id, name] :
       {std::pair{"us.anthropic.claude-sonnet-4-20250514-v1:0", "big"},
        std::pair{"amazon.nova-lite-v1:0", "small"}, std::pair{"amazon.nova-lite-v1:1", "rest"},
        std::pair{"exact", "same"}, std::pair{"exactly", "rest"}, std::pair{"*", "rest"}}) {
    EXPECT_EQ(source->name_of(id), name) << id;
  }
  EXPECT_EQ(ModelSource{}.name_of("llama3.1"), "llama3.1");
}

TEST(ModelSource, IsTheStandInUnlessToldOtherwise) {
  EXPECT_EQ(ModelSource::make({})->kind(), ModelSource::Kind::stand_in);
  EXPECT_EQ(ModelSource::make({.endpoint = "none"})->kind(), ModelSource::Kind::none);
  EXPECT_EQ(ModelSource::make({.endpoint = "http://127.0.0.1/v1"})->kind(),
            ModelSource::Kind::endpoint);
}

}  // namespace
}  // namespace toolgate::services::bedrock_runtime
