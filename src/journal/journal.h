// Append-only logs on this machine's disk: groups of streams of lines, with bounds, retention and
// followers. What children print, deliveries write and PutLogEvents brings ends here.
//
// A line that put() has acknowledged survives the end of the process, however it comes; it is on
// the disk within a second, which is what a power cut can cost. append() never waits for the disk:
// its lines pass through a bounded queue and are written within milliseconds; when the disk does
// not keep up they are dropped and counted.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/task.h"
#include "journal/group.h"

namespace toolgate::journal {

class Journal {
 public:
  struct Options {
    std::string folder;  // made if absent
    std::uint64_t group_bytes_max = 512ULL * 1024 * 1024;
    std::uint64_t total_bytes_max = 8ULL * 1024 * 1024 * 1024;  // the fullest groups lose first
    std::size_t queue_bytes_max = 16 * 1024 * 1024;
    std::size_t groups_count_max = 10'000;
  };
  // `clock` and `offload` outlive the journal. Fails with Code::unavailable.
  static Result<std::unique_ptr<Journal>> open(Options options, const Clock& clock,
                                               Offload& offload);
  // Writes what is queued.
  ~Journal();

  using Line = Group::Line;

  // Any thread, brief. Makes the group and the stream if they are not there, as AWS's own services
  // do with theirs.
  void append(const GroupKey& group, std::string_view stream, Time at, std::string_view text);
  // Many at once. False: the disk does not keep up, and all of them are dropped and counted.
  bool append(const GroupKey& group, std::string_view stream, std::vector<Line> lines);
  // Lines that append() had to drop so far.
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

  // From coroutines on any I/O thread. All changes are durable when they answer.
  // Code::not_found: no such group or stream; Code::unavailable: the disk does not take it.
  Task<Result<void>> put(GroupKey group, std::string stream, std::vector<Line> lines);
  // Code::conflict: it is there; Code::quota.
  Task<Result<void>> create_group(GroupKey group, Group::Settings settings);
  Task<Result<void>> change_group(GroupKey group, Group::Settings settings);
  Task<Result<void>> delete_group(GroupKey group);
  Task<Result<void>> create_stream(GroupKey group, std::string stream);
  Task<Result<void>> delete_stream(GroupKey group, std::string stream);

  [[nodiscard]] std::optional<GroupInfo> group(const GroupKey& key) const;
  // In order of name.
  [[nodiscard]] std::vector<GroupInfo> groups(const std::string& account,
                                              const std::string& region) const;
  [[nodiscard]] Result<std::vector<StreamInfo>> streams(const GroupKey& key,
                                                        const std::string& prefix) const;
  Task<Result<Found>> find(GroupKey group, Query query);
  // For followers: true once something was written to the group after the call, or it was removed.
  Task<bool> wait_for_write(GroupKey group, Deadline deadline);

 private:
  struct Queued {
    std::shared_ptr<Group> group;  // absent: by key, to be made
    GroupKey key;
    std::string stream;
    std::vector<Line> lines;
    std::shared_ptr<toolgate::Event> written;
    std::shared_ptr<Result<void>> outcome;
  };

  Journal(Options options, const Clock& clock, Offload& offload);
  Result<void> load();
  void run();
  void write(std::vector<Queued> batch);
  void tidy();
  [[nodiscard]] std::shared_ptr<Group> find_group(const GroupKey& key) const;
  Result<std::shared_ptr<Group>> make_group(const GroupKey& key, Group::Settings settings);
  [[nodiscard]] std::int64_t now() const { return milliseconds_of(clock_.now()); }
  [[nodiscard]] std::int64_t oldest_of(const Group& group) const;
  [[nodiscard]] std::vector<std::shared_ptr<Group>> all_groups() const;

  const Options options_;
  const Clock& clock_;
  Offload& offload_;
  mutable std::mutex mutex_;  // of the groups
  std::map<GroupKey, std::shared_ptr<Group>> groups_;
  std::mutex making_;  // of a group, which writes to the disk
  std::mutex queue_mutex_;
  std::condition_variable queued_;
  std::vector<Queued> queue_;
  std::size_t queue_bytes_ = 0;
  bool stopping_ = false;
  std::atomic<std::uint64_t> dropped_ = 0;
  std::thread writer_;
};

}  // namespace toolgate::journal
