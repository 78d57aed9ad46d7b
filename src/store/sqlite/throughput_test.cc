// Prints how many creates a second the disk takes; asserts nothing about time.
#include <filesystem>

#include <fmt/format.h>

#include "base/offload.h"
#include "base/test_folder.h"
#include "store/sqlite/sqlite_store.h"
#include "store/store_suite.h"

namespace toolgate::store::testing {
namespace {

using Seconds = std::chrono::duration<double>;

// What CreateGateway writes: a document, its name, a job and the answer to keep.
Batch creation(const std::string& id) {
  Batch batch = putting(gateway(id), std::string(900, 'x'));
  batch.preconditions = {{.holds = Precondition::Holds::absent, .key = gateway(id)}};
  batch.claims = {{.owner = gateway(id), .name = "name of " + id}};
  batch.idempotency = {.scope = "create", .token = id, .digest = "digest", .answer = "answer"};
  return batch;
}

Task<void> create(Store& store, std::string prefix, int count, int& created) {
  for (int i = 0; i < count; ++i) {
    const auto version = co_await store.commit(creation(fmt::format("{}-{}", prefix, i)));
    created += version ? 1 : 0;
  }
}

double seconds_for(Store& store, std::string name, int writers, int each) {
  auto& io = context();
  int created = 0;
  const auto begin = std::chrono::steady_clock::now();
  for (int writer = 0; writer < writers; ++writer) {
    boost::asio::co_spawn(io, create(store, fmt::format("{}-{}", name, writer), each, created),
                          boost::asio::detached);
  }
  run_to_the_end(io);
  EXPECT_EQ(created, writers * each);
  return Seconds{std::chrono::steady_clock::now() - begin}.count();
}

Task<void> read(Store& store, int count, int& found) {
  for (int i = 0; i < count; ++i) {
    const auto document = co_await store.get(gateway("one-0-0"));
    found += document && *document ? 1 : 0;
  }
}

void measure(std::string_view where, const std::string& path) {
  const SystemClock clock;
  Offload offload{2};
  const auto store = open_sqlite(path, offload, clock).value();
  constexpr int alone = 200;
  constexpr int writers = 50;
  constexpr int each = 40;
  constexpr int reads = 2'000;
  const double one = seconds_for(*store, "one", 1, alone);
  const double many = seconds_for(*store, "many", writers, each);
  auto& io = context();
  int found = 0;
  const auto begin = std::chrono::steady_clock::now();
  boost::asio::co_spawn(io, read(*store, reads, found), boost::asio::detached);
  run_to_the_end(io);
  const double reading = Seconds{std::chrono::steady_clock::now() - begin}.count();
  EXPECT_EQ(found, reads);
  fmt::print(
      "{}: {:.0f} creates/s one by one ({:.0f} us each), {:.0f} creates/s by {} at once, "
      "{:.1f} us a read\n",
      where, alone / one, one / alone * 1e6, writers * each / many, writers, reading / reads * 1e6);
}

}  // namespace

TEST(SqliteThroughput, IsPrinted) {
  const TestFolder folder;
  measure("on disk", folder.path("store.db"));
  std::error_code failed;
  if (!std::filesystem::is_directory("/dev/shm", failed)) return;
  const TestFolder in_memory{"/dev/shm"};
  measure("on tmpfs", in_memory.path("store.db"));
}

}  // namespace toolgate::store::testing
