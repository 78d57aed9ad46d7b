// One group: its streams, its segments, and the search through them.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/result.h"
#include "journal/event.h"
#include "journal/segment.h"

namespace toolgate::journal {

// A folder: group.json (name, settings), streams.json, and segments. Any thread, but write(),
// sync() and trim(), which belong to the journal's writer.
class Group {
 public:
  struct Settings {
    std::optional<int> retention_days;
    JsonObject attributes;
  };

  // Makes the folder. Fails with Code::unavailable.
  static Result<std::shared_ptr<Group>> create(std::string folder, GroupKey key,
                                               std::int64_t created, Settings settings);
  static Result<std::shared_ptr<Group>> open(std::string folder);

  [[nodiscard]] const GroupKey& key() const { return key_; }
  [[nodiscard]] GroupInfo info() const;
  // Durable when it returns.
  Result<void> change(Settings settings);

  // Code::conflict: it is there already; Code::quota. Durable when it returns.
  Result<void> create_stream(const std::string& name, std::int64_t now);
  // Code::not_found.
  Result<void> delete_stream(const std::string& name);
  [[nodiscard]] bool has_stream(const std::string& name) const;
  [[nodiscard]] std::vector<StreamInfo> streams(const std::string& prefix) const;

  // Reads files: not for an I/O thread. `oldest`: what is before has run out. Code::not_found for
  // a stream that is not there.
  [[nodiscard]] Result<Found> find(const Query& query, std::int64_t oldest) const;

  struct Line {
    std::int64_t timestamp = 0;
    std::string text;
  };
  // Makes the stream if it is not there. In the files (not yet synced) when it returns.
  Result<void> write(const std::string& stream, const std::vector<Line>& lines, std::int64_t now);
  void sync();
  // Removes segments that hold nothing after `oldest`, and the oldest beyond `bytes_max`.
  void trim(std::int64_t oldest, std::uint64_t bytes_max);
  [[nodiscard]] std::uint64_t bytes() const;

  // Set at the next write.
  [[nodiscard]] std::shared_ptr<toolgate::Event> next_write() const;
  // Removes the folder; who still holds the group finds nothing more.
  void remove();

  static constexpr std::size_t streams_count_max = 100'000;
  static constexpr std::uint64_t segment_bytes_max = 4 * 1024 * 1024;

 private:
  struct StreamRow {
    std::uint32_t id = 0;
    std::int64_t created = 0;
  };
  struct View {
    std::shared_ptr<Segment> segment;
    Contents contents;
  };

  Group(std::string folder, GroupKey key) : folder_{std::move(folder)}, key_{std::move(key)} {}
  Result<void> load();
  Result<void> save_settings() const;
  Result<void> save_streams() const;
  Result<std::uint32_t> add_stream(const std::string& name, std::int64_t now);
  Result<std::shared_ptr<Segment>> segment_for(std::size_t bytes);
  [[nodiscard]] Result<std::map<std::uint32_t, std::string>> wanted(const Query& query) const;
  [[nodiscard]] std::vector<View> views() const;

  const std::string folder_;
  GroupKey key_;
  mutable std::mutex mutex_;  // of all below; never held while events are written or read
  std::int64_t created_ = 0;
  Settings settings_;
  std::map<std::string, StreamRow> streams_;
  std::uint32_t last_stream_ = 0;
  std::vector<std::shared_ptr<Segment>> segments_;  // the last one is written to
  std::uint64_t last_sequence_ = 0;
  bool dirty_ = false;
  bool removed_ = false;
  std::shared_ptr<toolgate::Event> next_write_ = std::make_shared<toolgate::Event>();
};

}  // namespace toolgate::journal
