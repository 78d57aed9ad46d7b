#include "journal/journal.h"

#include <algorithm>
#include <filesystem>
#include <limits>

#include <fmt/format.h>
#include <sys/prctl.h>

#include "base/ids.h"
#include "base/log.h"
#include "base/turns.h"
#include "store/private_file.h"

namespace toolgate::journal {
namespace {

using namespace std::chrono_literals;

constexpr auto sync_every = 1s;
constexpr auto tidy_every = 60s;
constexpr std::int64_t day_ms = 24LL * 3600 * 1000;
// Put: the queue may be behind a slow disk.
constexpr auto put_within = 30s;

std::unexpected<Error> no_group() {
  return fail(Code::not_found, "The specified log group does not exist.");
}

}  // namespace

Journal::Journal(Options options, const Clock& clock, Offload& offload)
    : options_{std::move(options)}, clock_{clock}, offload_{offload} {}

Result<std::unique_ptr<Journal>> Journal::open(Options options, const Clock& clock,
                                               Offload& offload) {
  std::unique_ptr<Journal> journal{new Journal{std::move(options), clock, offload}};
  TRY_DO(journal->load());
  journal->writer_ = std::thread{[raw = journal.get()] { raw->run(); }};
  return journal;
}

Journal::~Journal() {
  {
    const std::scoped_lock lock{queue_mutex_};
    stopping_ = true;
  }
  queued_.notify_one();
  if (writer_.joinable()) writer_.join();
}

Result<void> Journal::load() {
  TRY_DO(store::make_private_folder(options_.folder));
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator{options_.folder, error}) {
    const std::string folder = entry.path();
    if (!std::filesystem::exists(folder + "/group.json")) {
      std::error_code ignored;  // half of a creation or of a removal
      std::filesystem::remove_all(folder, ignored);
      continue;
    }
    TRY(auto group, Group::open(folder));
    const GroupKey key = group->key();
    groups_[key] = std::move(group);
  }
  return {};
}

std::shared_ptr<Group> Journal::find_group(const GroupKey& key) const {
  const std::scoped_lock lock{mutex_};
  const auto found = groups_.find(key);
  return found != groups_.end() ? found->second : nullptr;
}

std::vector<std::shared_ptr<Group>> Journal::all_groups() const {
  const std::scoped_lock lock{mutex_};
  std::vector<std::shared_ptr<Group>> all;
  for (const auto& [key, group] : groups_) all.push_back(group);
  return all;
}

Result<std::shared_ptr<Group>> Journal::make_group(const GroupKey& key, Group::Settings settings) {
  const std::scoped_lock making{making_};
  if (find_group(key)) return fail(Code::conflict, "The specified log group already exists");
  if (all_groups().size() >= options_.groups_count_max) {
    return fail(Code::quota,
                fmt::format("{} log groups: that is the most", options_.groups_count_max));
  }
  // A name may be longer than a file's, and has slashes: the folder's is its own.
  const std::string folder =
      fmt::format("{}/{}", options_.folder, random_text(20, lower_alphanumeric));
  TRY(auto group, Group::create(folder, key, now(), std::move(settings)));
  const std::scoped_lock lock{mutex_};
  groups_[key] = group;
  return group;
}

void Journal::append(const GroupKey& group, std::string_view stream, Time at,
                     std::string_view text) {
  if (text.empty()) text = " ";  // an event without text is none (logs API, InputLogEvent)
  const std::string_view kept = cut_text(text);
  const std::size_t bytes = kept.size() + stream.size() + sizeof(Queued);
  {
    const std::scoped_lock lock{queue_mutex_};
    if (stopping_ || queue_bytes_ + bytes > options_.queue_bytes_max) {
      ++dropped_;
      return;
    }
    queue_bytes_ += bytes;
    Line line{.timestamp = milliseconds_of(at), .text = std::string{kept}};
    const bool same = !queue_.empty() && !queue_.back().written && queue_.back().key == group &&
                      queue_.back().stream == stream;
    if (same) {
      queue_.back().lines.push_back(std::move(line));
      return;  // the writer has been told
    }
    queue_.push_back({.group = nullptr,
                      .key = group,
                      .stream = std::string{stream},
                      .lines = {},
                      .written = {},
                      .outcome = {}});
    queue_.back().lines.push_back(std::move(line));
  }
  queued_.notify_one();
}

bool Journal::append(const GroupKey& group, std::string_view stream, std::vector<Line> lines) {
  std::size_t bytes = 0;
  for (const auto& line : lines) bytes += line.text.size() + sizeof(line);
  {
    const std::scoped_lock lock{queue_mutex_};
    if (stopping_ || queue_bytes_ + bytes > options_.queue_bytes_max) {
      dropped_ += lines.size();
      return false;
    }
    queue_bytes_ += bytes;
    queue_.push_back({.group = nullptr,
                      .key = group,
                      .stream = std::string{stream},
                      .lines = std::move(lines),
                      .written = {},
                      .outcome = {}});
  }
  queued_.notify_one();
  return true;
}

Task<Result<void>> Journal::put(GroupKey key, std::string stream, std::vector<Line> lines) {
  const auto group = find_group(key);
  if (!group) co_return no_group();
  if (!group->has_stream(stream)) {
    co_return fail(Code::not_found, "The specified log stream does not exist.");
  }
  Queued queued{.group = group,
                .key = std::move(key),
                .stream = std::move(stream),
                .lines = std::move(lines),
                .written = std::make_shared<toolgate::Event>(),
                .outcome = std::make_shared<Result<void>>()};
  std::size_t bytes = 0;
  for (const auto& line : queued.lines) bytes += line.text.size() + sizeof(line);
  const auto written = queued.written;
  const auto outcome = queued.outcome;
  {
    const std::scoped_lock lock{queue_mutex_};
    // One that is larger than the whole queue passes when nothing else waits.
    if (stopping_ || (queue_bytes_ > 0 && queue_bytes_ + bytes > options_.queue_bytes_max)) {
      co_return fail(Code::throttled, "the log's disk does not keep up; try again");
    }
    queue_bytes_ += bytes;
    queue_.push_back(std::move(queued));
  }
  queued_.notify_one();
  if (!co_await written->wait(within(put_within))) {
    co_return fail(Code::timeout, "the log's disk does not answer");
  }
  co_return *outcome;
}

void Journal::write(std::vector<Queued> batch) {
  for (auto& queued : batch) {
    auto group = queued.group ? queued.group : find_group(queued.key);
    Result<void> outcome;
    if (!group) {
      auto made = make_group(queued.key, {});
      if (made) group = *std::move(made);
      if (!made) outcome = std::unexpected(std::move(made).error());
    }
    if (group) outcome = group->write(queued.stream, queued.lines, now());
    if (!outcome) {
      dropped_ += queued.outcome ? 0 : queued.lines.size();
      log::error("journal: {}: {} {}", queued.key.name, outcome.error().message,
                 outcome.error().detail);
    }
    if (queued.written) {
      *queued.outcome = std::move(outcome);
      queued.written->set();
    }
  }
}

void Journal::run() {
  ::prctl(PR_SET_NAME, "journal", 0, 0, 0);
  take_short_turns();
  auto sync_at = std::chrono::steady_clock::now() + sync_every;
  auto tidy_at = std::chrono::steady_clock::now();
  std::uint64_t reported = 0;
  for (bool last = false; !last;) {
    std::vector<Queued> batch;
    {
      std::unique_lock lock{queue_mutex_};
      queued_.wait_until(lock, sync_at, [this] { return stopping_ || !queue_.empty(); });
      batch.swap(queue_);
      queue_bytes_ = 0;
      last = stopping_;
    }
    write(std::move(batch));
    const auto time = std::chrono::steady_clock::now();
    if (last || time >= sync_at) {
      for (const auto& group : all_groups()) group->sync();
      sync_at = time + sync_every;
      if (const auto dropped = dropped_.load(); dropped != std::exchange(reported, dropped)) {
        log::warn("journal: {} lines dropped so far: the disk does not keep up", dropped);
      }
    }
    if (time >= tidy_at) {
      tidy();
      tidy_at = time + tidy_every;
    }
  }
}

std::int64_t Journal::oldest_of(const Group& group) const {
  const auto days = group.info().retention_days;
  return days ? now() - *days * day_ms : std::numeric_limits<std::int64_t>::min();
}

// Retention, and the bounds of disk space.
void Journal::tidy() {
  std::uint64_t total = 0;
  std::vector<std::pair<std::uint64_t, std::shared_ptr<Group>>> sizes;
  for (const auto& group : all_groups()) {
    group->trim(oldest_of(*group), options_.group_bytes_max);
    sizes.emplace_back(group->bytes(), group);
    total += sizes.back().first;
  }
  std::ranges::sort(sizes, std::greater{}, [](const auto& each) { return each.first; });
  for (const auto& [bytes, group] : sizes) {
    if (total <= options_.total_bytes_max) return;
    group->trim(std::numeric_limits<std::int64_t>::min(), bytes / 2);
    total -= bytes - group->bytes();
  }
}

Task<Result<void>> Journal::create_group(GroupKey key, Group::Settings settings) {
  auto work = [this, key = std::move(key), settings = std::move(settings)]() -> Result<void> {
    TRY_DO(make_group(key, settings));
    return {};
  };
  co_return co_await offload_.run(std::move(work));
}

Task<Result<void>> Journal::change_group(GroupKey key, Group::Settings settings) {
  const auto group = find_group(key);
  if (!group) co_return no_group();
  auto work = [group, settings = std::move(settings)] { return group->change(settings); };
  co_return co_await offload_.run(std::move(work));
}

Task<Result<void>> Journal::delete_group(GroupKey key) {
  auto work = [this, key = std::move(key)]() -> Result<void> {
    std::shared_ptr<Group> group;
    {
      const std::scoped_lock lock{mutex_};
      const auto found = groups_.find(key);
      if (found == groups_.end()) return no_group();
      group = found->second;
      groups_.erase(found);
    }
    group->remove();
    return {};
  };
  co_return co_await offload_.run(std::move(work));
}

Task<Result<void>> Journal::create_stream(GroupKey key, std::string stream) {
  const auto group = find_group(key);
  if (!group) co_return no_group();
  auto work = [this, group, stream = std::move(stream)] {
    return group->create_stream(stream, now());
  };
  co_return co_await offload_.run(std::move(work));
}

Task<Result<void>> Journal::delete_stream(GroupKey key, std::string stream) {
  const auto group = find_group(key);
  if (!group) co_return no_group();
  auto work = [group, stream = std::move(stream)] { return group->delete_stream(stream); };
  co_return co_await offload_.run(std::move(work));
}

std::optional<GroupInfo> Journal::group(const GroupKey& key) const {
  const auto group = find_group(key);
  if (!group) return std::nullopt;
  return group->info();
}

std::vector<GroupInfo> Journal::groups(const std::string& account,
                                       const std::string& region) const {
  std::vector<GroupInfo> infos;
  for (const auto& group : all_groups()) {
    const GroupKey& key = group->key();
    if (key.account == account && key.region == region) infos.push_back(group->info());
  }
  return infos;
}

Result<std::vector<StreamInfo>> Journal::streams(const GroupKey& key,
                                                 const std::string& prefix) const {
  const auto group = find_group(key);
  if (!group) return no_group();
  return group->streams(prefix);
}

Task<Result<Found>> Journal::find(GroupKey key, Query query) {
  const auto group = find_group(key);
  if (!group) co_return no_group();
  const auto oldest = oldest_of(*group);
  auto work = [group, oldest, query = std::move(query)] { return group->find(query, oldest); };
  co_return co_await offload_.run(std::move(work));
}

Task<bool> Journal::wait_for_write(GroupKey key, Deadline deadline) {
  const auto group = find_group(key);
  if (!group) co_return true;
  const auto written = group->next_write();
  co_return co_await written->wait(deadline);
}

}  // namespace toolgate::journal
