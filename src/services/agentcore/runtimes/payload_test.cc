#include "services/agentcore/runtimes/payload.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "base/test_folder.h"
#include "processes/test_bench.h"

namespace toolgate::services::agentcore {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t megabyte = 1024UL * 1024;

// Four megabytes in which no place is like another.
const std::string& unlike() {
  static const std::string text = [] {
    std::string made;
    while (made.size() < 4 * megabyte) made += std::to_string(made.size()) + ' ';
    return made;
  }();
  return text;
}

// A body in pieces, as a connection gives them.
class Pieces final : public net::BodyReader {
 public:
  Pieces(std::size_t bytes, std::size_t piece, std::optional<Error> end = std::nullopt)
      : piece_{piece}, end_{std::move(end)} {
    while (text_.size() < bytes) text_ += unlike();
    text_.resize(bytes);
  }
  Task<Result<std::string_view>> read(Deadline) override {
    const auto piece = std::string_view{text_}.substr(at_, piece_);
    at_ += piece.size();
    if (piece.empty() && end_) co_return std::unexpected(*end_);
    co_return piece;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::size_t piece_;
  std::size_t at_ = 0;
  std::optional<Error> end_;
};

class PayloadTest : public ::testing::Test {
 protected:
  Result<std::unique_ptr<Payload>> read(net::BodyReader& stream) {
    return run_task(Payload::read(stream, folder, offload));
  }
  Code refusal(std::size_t bytes) {
    Pieces pieces{bytes, megabyte};
    const auto payload = read(pieces);
    return payload ? Code::internal : payload.error().code;
  }

  TestFolder files;
  fs::path folder = files.make("payloads");
  Offload offload{1};
};

TEST_F(PayloadTest, IsWhatWasSentHoweverItCame) {
  for (const std::size_t bytes :
       {std::size_t{0}, std::size_t{1}, megabyte - 1, megabyte, megabyte + 1, 3 * megabyte + 17}) {
    for (const std::size_t piece : {std::size_t{8'191}, megabyte / 2, 2 * megabyte}) {
      Pieces pieces{bytes, piece};
      const auto payload = read(pieces);
      ASSERT_TRUE(payload) << payload.error().message;
      EXPECT_TRUE((*payload)->view() == pieces.text()) << bytes << " bytes by " << piece;
    }
  }
}

TEST_F(PayloadTest, LeavesNoFileThatHasAName) {
  Pieces pieces{3 * megabyte, 65'536};
  const auto payload = read(pieces);
  ASSERT_TRUE(payload);
  EXPECT_TRUE(fs::is_empty(folder));
}

TEST_F(PayloadTest, NeedsNoFolderForASmallOne) {
  folder = files.path("not there");
  Pieces small{megabyte - 1, 65'536};
  EXPECT_TRUE(read(small));
  EXPECT_EQ(refusal(2 * megabyte), Code::internal);
}

TEST_F(PayloadTest, HasABound) {
  Pieces most{payload_bytes_max, megabyte};
  EXPECT_TRUE(read(most));
  EXPECT_EQ(refusal(payload_bytes_max + 1), Code::too_large);
}

TEST_F(PayloadTest, FailsAsItsStreamDoes) {
  for (const std::size_t bytes : {std::size_t{10}, 2 * megabyte}) {
    Pieces cut{bytes, 65'536, Error{.code = Code::upstream, .message = "cut off"}};
    const auto payload = read(cut);
    ASSERT_FALSE(payload);
    EXPECT_EQ(payload.error().message, "cut off");
  }
}

TEST_F(PayloadTest, TakesAsManyFilesAsThereMayBeAndGivesThemBack) {
  for (int round = 0; round < 2; ++round) {
    std::vector<std::unique_ptr<Payload>> kept;
    for (int count = 0; count < 32; ++count) {
      Pieces pieces{2 * megabyte, megabyte};
      auto payload = read(pieces);
      ASSERT_TRUE(payload) << count << payload.error().message;
      kept.push_back(*std::move(payload));
    }
    EXPECT_EQ(refusal(2 * megabyte), Code::throttled);
    Pieces small{1'000, 1'000};
    EXPECT_TRUE(read(small));
    kept.pop_back();
    Pieces again{2 * megabyte, megabyte};
    EXPECT_TRUE(read(again));
  }
}

}  // namespace
}  // namespace toolgate::services::agentcore
