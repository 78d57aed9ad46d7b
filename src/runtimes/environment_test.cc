// Which environments stay on the disk.
#include "runtimes/environment.h"

#include <gtest/gtest.h>

#include "base/offload.h"
#include "processes/test_bench.h"

namespace toolgate::runtimes {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using processes::testing::Bench;

// An environment as a build has left it, last wanted `ago`.
void put(const fs::path& folder, const std::string& key, std::chrono::hours ago) {
  fs::create_directories(folder / key / "bin");
  const fs::path mark = folder / key / "toolgate-ready";
  std::ofstream{mark} << "1";
  fs::last_write_time(mark, fs::file_time_type::clock::now() - ago);
}

TEST(Sweep, KeepsWhatIsInUseAndTheLatestOfTheOthers) {
  const Bench bench;
  Offload offload{1};
  const fs::path folder = bench.folder.path("environments");
  fs::create_directories(folder);
  Environments environments{{.folder = folder,
                             .supervisor = bench.supervisor.get(),
                             .offload = &offload,
                             .variables = {{"PATH", "/usr/local/bin:/usr/bin:/bin"}}}};
  bench.folder.make("tree");
  bench.folder.write("tree/requirements.txt", "");
  Environments::Wish wish;
  wish.recipe.requirement_files = {"requirements.txt"};
  wish.tree = bench.folder.path("tree");
  auto used = run_task(environments.provide(wish, [](std::string_view) {}));
  ASSERT_TRUE(used) << used.error().message;
  ASSERT_TRUE(used->in_use);
  const fs::path held = used->folder;
  fs::last_write_time(held / "toolgate-ready", fs::file_time_type::clock::now() - 1'000h);
  const auto count = static_cast<int>(Environments::unused_count_max);
  for (int at = 0; at < count + 2; ++at) {
    put(folder, "other-" + std::to_string(at), std::chrono::hours{at});
  }
  fs::create_directories(folder / "interrupted/bin");

  environments.sweep();
  EXPECT_TRUE(fs::exists(held / "bin/python"));
  EXPECT_TRUE(fs::exists(folder / ("other-" + std::to_string(count - 1))));
  EXPECT_FALSE(fs::exists(folder / ("other-" + std::to_string(count))));
  EXPECT_FALSE(fs::exists(folder / ("other-" + std::to_string(count + 1))));
  EXPECT_FALSE(fs::exists(folder / "interrupted"));
  EXPECT_EQ(std::distance(fs::directory_iterator{folder}, {}), count + 1);

  used->in_use.reset();
  environments.sweep();
  EXPECT_FALSE(fs::exists(held));
}

}  // namespace
}  // namespace toolgate::runtimes
