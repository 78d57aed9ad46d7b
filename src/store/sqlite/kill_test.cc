// A miniature of the power cut: a process that commits is killed at any moment, again and again.
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <random>
#include <sstream>
#include <thread>

#include <fmt/format.h>
#include <sys/wait.h>

#include "base/offload.h"
#include "base/test_folder.h"
#include "store/sqlite/sqlite_store.h"
#include "store/store_suite.h"

namespace toolgate::store::testing {
namespace {

constexpr const char* path_variable = "TOOLGATE_KILL_TEST_PATH";
constexpr const char* round_variable = "TOOLGATE_KILL_TEST_ROUND";
constexpr int report_descriptor = 3;
constexpr int rounds = 20;

// Two documents and a name, which must come together or not at all.
Batch pair(const std::string& id) {
  Batch batch = putting(gateway(id), id);
  batch.puts.push_back({.key = target(id + "/1"), .body = std::string(2'000, 'x')});
  batch.claims = {{.owner = gateway(id), .name = "name of " + id}};
  batch.idempotency = {.scope = "kill", .token = id, .digest = "", .answer = id};
  return batch;
}

Task<void> commit_for_ever(Store& store, std::string prefix) {
  for (int i = 0; true; ++i) {
    const auto id = fmt::format("{}-{}", prefix, i);
    const auto version = co_await store.commit(pair(id));
    if (!version) ::_exit(2);
    const auto line = fmt::format("{} {}\n", *version, id);
    if (::write(report_descriptor, line.data(), line.size()) < 0) ::_exit(3);
  }
}

struct Acknowledged {
  Version version = 0;
  std::string id;
};

// One life of the child: what it has said was durable when it was killed after `lifetime`.
std::vector<Acknowledged> run_child(const std::string& path, int round,
                                    std::chrono::microseconds lifetime) {
  int ends[2];
  EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const auto round_text = std::to_string(round);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], report_descriptor);
    ::setenv(path_variable, path.c_str(), 1);
    ::setenv(round_variable, round_text.c_str(), 1);
    ::execl("/proc/self/exe", "store_test", "--gtest_also_run_disabled_tests", "--gtest_brief=1",
            "--gtest_filter=SqliteChild.*", nullptr);
    ::_exit(1);
  }
  ::close(ends[1]);
  std::string text;
  char buffer[4096];
  // Its first word begins its time.
  ssize_t got = ::read(ends[0], buffer, sizeof buffer);
  if (got > 0) text.append(buffer, static_cast<std::size_t>(got));
  std::thread killer{[&] {
    std::this_thread::sleep_for(lifetime);
    ::kill(child, SIGKILL);
  }};
  while ((got = ::read(ends[0], buffer, sizeof buffer)) > 0) {
    text.append(buffer, static_cast<std::size_t>(got));
  }
  killer.join();
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << status;
  std::vector<Acknowledged> said;
  std::istringstream lines{text};
  for (Acknowledged one; lines >> one.version >> one.id;) said.push_back(one);
  return said;
}

}  // namespace

// Run by the test below, in a process of its own.
TEST(SqliteChild, DISABLED_CommitsUntilItIsKilled) {
  const char* path = std::getenv(path_variable);
  if (path == nullptr) GTEST_SKIP();
  const SystemClock clock;
  Offload offload{1};
  const auto store = open_sqlite(path, offload, clock).value();
  auto& io = context();
  for (int writer = 0; writer < 8; ++writer) {
    boost::asio::co_spawn(
        io, commit_for_ever(*store, fmt::format("{}-{}", std::getenv(round_variable), writer)),
        boost::asio::detached);
  }
  run_to_the_end(io);
}

TEST(SqliteKill, LosesNothingAcknowledgedAndLeavesNothingHalfDone) {
  const TestFolder folder;
  const auto path = folder.path("store.db");
  std::mt19937 random{std::random_device{}()};
  std::uniform_int_distribution<int> lifetime{0, 30'000};
  const SystemClock clock;
  Offload offload{1};
  std::vector<Acknowledged> said;
  for (int round = 0; round < rounds; ++round) {
    for (auto& one : run_child(path, round, std::chrono::microseconds{lifetime(random)})) {
      said.push_back(std::move(one));
    }
    const auto store = open_sqlite(path, offload, clock).value();
    std::size_t found = 0;
    for (const auto& [version, id] : said) {
      const auto document = wait_for(store->get(gateway(id))).value();
      ASSERT_TRUE(document) << id << " of version " << version << " is lost";
      EXPECT_EQ(document->version, version);
      EXPECT_LE(version, store->version());
    }
    for (const auto& key : wait_for(store->keys_of("gateway")).value()) {
      ++found;
      EXPECT_TRUE(wait_for(store->get(target(key.id + "/1"))).value()) << key.id;
      EXPECT_EQ(wait_for(store->owner_of(gateway(""), "name of " + key.id)).value(), key);
      EXPECT_TRUE(wait_for(store->find_idempotent("kill", key.id)).value()) << key.id;
    }
    EXPECT_EQ(wait_for(store->keys_of("target"))->size(), found);
    // One commit, one pair: what is there but was not yet said counts as well.
    EXPECT_EQ(store->version(), found);
    if (HasFailure()) break;
  }
  fmt::print("{} commits were acknowledged in {} lives\n", said.size(), rounds);
  EXPECT_GE(said.size(), static_cast<std::size_t>(rounds));
}

}  // namespace toolgate::store::testing
