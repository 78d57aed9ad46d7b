#include "functions/packages.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include "base/file.h"
#include "base/log.h"

namespace toolgate::functions {
namespace {

namespace fs = std::filesystem;

constexpr int entries_count_max = 2'000;
constexpr std::size_t file_bytes_max = 1024 * 1024;

bool names_boto3(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return false;
  const auto text = read_file(path.string(), file_bytes_max);
  return text && (text->contains("boto3") || text->contains("botocore"));
}

}  // namespace

bool wants_boto3(const fs::path& tree) {
  std::error_code error;
  if (fs::exists(tree / "boto3", error)) return false;
  int seen = 0;
  for (auto at = fs::recursive_directory_iterator{tree, error};
       !error && at != fs::recursive_directory_iterator{} && seen < entries_count_max;
       at.increment(error), ++seen) {
    if (at->path().extension() == ".py" && names_boto3(at->path())) return true;
  }
  return false;
}

Task<void> Packages::prepare(std::string python) {
  if (environments_ == nullptr) co_return;
  const auto executor = co_await boost::asio::this_coro::executor;
  auto made = std::make_shared<Made>();
  {
    const std::scoped_lock lock{mutex_};
    auto& known = made_[python];
    if (known && (!known->over.is_set() || !known->folder.empty())) co_return;
    known = made;
  }
  boost::asio::co_spawn(executor, make(shared_from_this(), python, made), boost::asio::detached);
}

Task<void> Packages::make(std::shared_ptr<Packages> self, std::string python,
                          std::shared_ptr<Made> made) {
  runtimes::Environments::Wish wish;
  wish.recipe.python = python;
  wish.recipe.requirements = {"boto3"};
  wish.tree = "/usr";  // there is no project: what every child may read anyway
  const auto nothing = [](std::string_view) {};
  const auto provided = co_await self->environments_->provide(std::move(wish), nothing);
  if (provided) {
    made->in_use = provided->in_use;
    made->folder =
        provided->folder / fmt::format("lib/python{}/site-packages", provided->interpreter.version);
  } else {
    log::warn("functions in Python {} run without toolgate's boto3: {}", python,
              provided.error().message);
  }
  made->over.set();
}

Task<fs::path> Packages::find(std::string python) {
  std::shared_ptr<Made> made;
  {
    const std::scoped_lock lock{mutex_};
    const auto known = made_.find(python);
    if (known == made_.end()) co_return fs::path{};
    made = known->second;
  }
  if (!co_await made->over.wait(within(waits_for))) co_return fs::path{};
  co_return made->folder;
}

}  // namespace toolgate::functions
