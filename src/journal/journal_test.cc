#include "journal/journal.h"

#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include "base/run_task.h"
#include "base/test_folder.h"

namespace toolgate::journal {
namespace {

using namespace std::chrono_literals;

const GroupKey key{"123456789012", "us-east-1", "/aws/app"};

struct Fixture : ::testing::Test {
  Fixture() { reopen(); }
  void reopen() {
    journal.reset();
    options.folder = folder.path("logs");
    auto opened = Journal::open(options, clock, offload);
    ASSERT_TRUE(opened) << opened.error().message << opened.error().detail;
    journal = std::move(*opened);
  }
  void make(const std::string& stream = "one") {
    if (!journal->group(key)) ASSERT_TRUE(run_task(journal->create_group(key, {})));
    ASSERT_TRUE(run_task(journal->create_stream(key, stream)));
  }
  void put(std::int64_t timestamp, const std::string& text, const std::string& stream = "one") {
    std::vector<Journal::Line> lines;
    lines.push_back({timestamp, text});
    const auto done = run_task(journal->put(key, stream, lines));
    ASSERT_TRUE(done) << done.error().message;
  }
  std::vector<std::string> texts(Query query = {}) {
    const auto found = run_task(journal->find(key, query));
    EXPECT_TRUE(found);
    std::vector<std::string> all;
    for (const auto& event : found->events) all.push_back(event.text);
    return all;
  }

  TestFolder folder;
  ManualClock clock{Time{1'700'000'000'000ms}};
  Offload offload{2};
  Journal::Options options;
  std::unique_ptr<Journal> journal;
};
using Texts = std::vector<std::string>;

using JournalOf = Fixture;

TEST_F(JournalOf, GivesEventsInOrderOfTimeWhateverOrderTheyCameIn) {
  make();
  make("two");
  put(30, "c");
  put(10, "a", "two");
  put(20, "b");
  put(20, "b2");
  EXPECT_EQ(texts(), (Texts{"a", "b", "b2", "c"}));
  EXPECT_EQ(texts({.streams = {"two"}}), (Texts{"a"}));
  EXPECT_EQ(texts({.stream_prefix = "on"}), (Texts{"b", "b2", "c"}));
  EXPECT_EQ(texts({.from = 20, .until = 30}), (Texts{"b", "b2"}));
  EXPECT_EQ(texts({.matches = [](std::string_view text) { return text == "c"; }}), (Texts{"c"}));
}

TEST_F(JournalOf, HoldsNoFileOpenForAGroup) {
  const auto open_count = [] {
    return std::ranges::distance(std::filesystem::directory_iterator{"/proc/self/fd"});
  };
  const auto before = open_count();
  for (int i = 0; i < 30; ++i) {
    const GroupKey own{key.account, key.region, fmt::format("/aws/{}", i)};
    ASSERT_TRUE(run_task(journal->create_group(own, {})));
    ASSERT_TRUE(run_task(journal->create_stream(own, "one")));
    ASSERT_TRUE(run_task(journal->put(own, "one", {{1, "text"}})));
  }
  EXPECT_LT(open_count() - before, 10);
}

TEST_F(JournalOf, PagesForwardAndBackwardWithoutGapOrRepetition) {
  make();
  for (int i = 0; i < 25; ++i) put(i / 3, fmt::format("{}", i));
  Texts forward;
  Query query{.events_count_max = 4};
  for (bool more = true; more;) {
    const auto found = run_task(journal->find(key, query));
    ASSERT_TRUE(found);
    ASSERT_LE(found->events.size(), 4U);
    for (const auto& event : found->events) forward.push_back(event.text);
    more = found->more;
    if (!found->events.empty()) {
      query.after = Position{found->events.back().timestamp, found->events.back().sequence};
    }
  }
  ASSERT_EQ(forward.size(), 25U);
  for (int i = 0; i < 25; ++i)
    EXPECT_EQ(forward[static_cast<std::size_t>(i)], fmt::format("{}", i));
  EXPECT_EQ(texts({.end = Query::End::newest, .events_count_max = 2}), (Texts{"23", "24"}));
  const auto last =
      run_task(journal->find(key, {.end = Query::End::newest, .events_count_max = 2}));
  const Position before{last->events.front().timestamp, last->events.front().sequence};
  EXPECT_EQ(texts({.before = before, .end = Query::End::newest, .events_count_max = 2}),
            (Texts{"21", "22"}));
}

TEST_F(JournalOf, BoundsAPageByBytes) {
  make();
  for (int i = 0; i < 10; ++i) put(i, std::string(400, 'x'));
  EXPECT_EQ(texts({.bytes_max = 1000}).size(), 3U);
  EXPECT_EQ(texts({.bytes_max = 1}).size(), 1U);
}

TEST_F(JournalOf, AppendMakesGroupAndStream) {
  journal->append(key, "fresh", Time{5ms}, "hello");
  ASSERT_TRUE(run_task(journal->create_group({"1", "r", "other"}, {})));
  for (int i = 0; i < 500 && !journal->group(key); ++i) ::usleep(10'000);
  reopen();
  EXPECT_EQ(texts(), (Texts{"hello"}));
  EXPECT_EQ(journal->streams(key, "")->front().name, "fresh");
}

TEST_F(JournalOf, KeepsGroupsStreamsAndSettingsOverAStart) {
  ASSERT_TRUE(run_task(journal->create_group(
      key, {.retention_days = 7, .attributes = JsonObject{{"tags", JsonObject{{"a", "b"}}}}})));
  make();
  put(5, "x");
  put(7, "y");
  reopen();
  const auto info = journal->group(key);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->retention_days, 7);
  EXPECT_EQ(json::print(info->attributes), R"({"tags":{"a":"b"}})");
  EXPECT_EQ(info->created, 1'700'000'000'000);
  const auto streams = journal->streams(key, "");
  ASSERT_TRUE(streams);
  ASSERT_EQ(streams->size(), 1U);
  EXPECT_EQ(streams->front().first, 5);
  EXPECT_EQ(streams->front().last, 7);
  EXPECT_EQ(streams->front().bytes, 2U);
}

TEST_F(JournalOf, CutsOffATornEndAndGoesOn) {
  make();
  put(1'699'999'999'000, "whole");
  put(1'699'999'999'001, "torn");
  journal.reset();
  for (const auto& entry : std::filesystem::recursive_directory_iterator{folder.path()}) {
    if (entry.path().extension() != ".log") continue;
    std::filesystem::resize_file(entry.path(), entry.file_size() - 2);
  }
  reopen();
  put(1'699'999'999'002, "next");
  EXPECT_EQ(texts(), (Texts{"whole", "next"}));
  reopen();
  EXPECT_EQ(texts(), (Texts{"whole", "next"}));
}

TEST_F(JournalOf, KeepsWhatWasAcknowledgedWhenTheProcessIsKilled) {
  make();
  journal.reset();
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const pid_t writer = ::fork();
  if (writer == 0) {
    Offload own{1};
    auto opened = Journal::open(options, clock, own);
    for (int i = 0; opened; ++i) {
      std::vector<Journal::Line> lines;
      lines.push_back({1'700'000'000'000 + i, fmt::format("{}", i)});
      if (!run_task((*opened)->put(key, "one", lines))) ::_exit(1);
      (void)!::write(ends[1], &i, sizeof(i));
    }
    ::_exit(1);
  }
  int acknowledged = 0;
  while (acknowledged < 200 &&
         ::read(ends[0], &acknowledged, sizeof(acknowledged)) == sizeof(acknowledged)) {
  }
  ::kill(writer, SIGKILL);
  ::waitpid(writer, nullptr, 0);
  ::close(ends[0]);
  ::close(ends[1]);
  EXPECT_EQ(acknowledged, 200);
  reopen();
  EXPECT_GT(texts().size(), 200U);
}

TEST_F(JournalOf, LosesWhatItsRetentionSays) {
  ASSERT_TRUE(run_task(journal->create_group(key, {.retention_days = 1, .attributes = {}})));
  make();
  put(1'700'000'000'000, "old");
  EXPECT_EQ(texts(), (Texts{"old"}));
  clock.move(25h);
  EXPECT_EQ(texts(), (Texts{}));
}

TEST_F(JournalOf, StaysWithinItsBound) {
  make();
  const std::string text(500'000, 'x');
  for (int i = 0; i < 40; ++i) put(1'700'000'000'000 + i, text);
  EXPECT_GT(journal->group(key)->bytes, 19'000'000U);
  options.group_bytes_max = 10'000'000;
  reopen();  // the first thing it does is to tidy
  for (int i = 0; i < 300 && journal->group(key)->bytes > 10'000'000U; ++i) ::usleep(10'000);
  EXPECT_LE(journal->group(key)->bytes, 10'000'000U);
  EXPECT_EQ(texts({.end = Query::End::newest, .events_count_max = 1}).size(), 1U);
}

TEST_F(JournalOf, DropsAndCountsWhenItsQueueIsFull) {
  options.queue_bytes_max = 10'000;
  reopen();
  for (int i = 0; i < 1000; ++i) journal->append(key, "one", Time{1ms}, std::string(1000, 'x'));
  EXPECT_GT(journal->dropped(), 0U);
}

TEST_F(JournalOf, WakesWhoFollows) {
  make();
  const auto follow = [&]() -> Task<bool> {
    auto waiting = journal->wait_for_write(key, within(10s));
    co_return co_await std::move(waiting);
  };
  std::thread later{[&] {
    ::usleep(50'000);
    journal->append(key, "one", Time{1ms}, "new");
  }};
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_TRUE(run_task(follow()));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
  later.join();
  EXPECT_EQ(texts(), (Texts{"new"}));
}

TEST_F(JournalOf, SaysWhatIsNotThere) {
  EXPECT_EQ(run_task(journal->put(key, "one", {})).error().code, Code::not_found);
  EXPECT_EQ(run_task(journal->delete_group(key)).error().code, Code::not_found);
  make();
  EXPECT_EQ(run_task(journal->put(key, "two", {})).error().code, Code::not_found);
  EXPECT_EQ(run_task(journal->create_stream(key, "one")).error().code, Code::conflict);
  EXPECT_EQ(run_task(journal->create_group(key, {})).error().code, Code::conflict);
  ASSERT_TRUE(run_task(journal->delete_stream(key, "one")));
  EXPECT_EQ(run_task(journal->find(key, {.streams = {"one"}})).error().code, Code::not_found);
  ASSERT_TRUE(run_task(journal->delete_group(key)));
  EXPECT_FALSE(journal->group(key));
  reopen();
  EXPECT_FALSE(journal->group(key));
}

TEST(Record, IsRefusedWhenAnyByteOfItHasChanged) {
  const Record record{.position = {.timestamp = 5, .sequence = 7},
                      .ingested = 6,
                      .stream = 3,
                      .text = "the text of an event"};
  std::string bytes;
  append_record(bytes, record);
  std::string_view whole = bytes;
  ASSERT_TRUE(take_record(whole));
  EXPECT_TRUE(whole.empty());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    std::string_view rest = damaged;
    EXPECT_FALSE(take_record(rest)) << i;
  }
}

TEST(Text, IsCutAtACharacter) {
  const std::string text = std::string(text_bytes_max - 1, 'x') + "\xC3\xA4";
  EXPECT_EQ(cut_text(text).size(), text_bytes_max - 1);
}

}  // namespace
}  // namespace toolgate::journal
