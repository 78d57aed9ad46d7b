// One file of a group's events. It grows until it is full; then it is sealed: what it holds is
// noted beside it, so that it need not be read to know whether it matters.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "journal/record.h"
#include "json/json.h"

namespace toolgate::journal {

// What a segment holds of one stream.
struct StreamPart {
  std::int64_t first = 0;  // timestamps
  std::int64_t last = 0;
  std::int64_t last_ingested = 0;
  std::uint64_t bytes = 0;  // of texts

  void add(const Record& record);
  void add(const StreamPart& other);
};

struct Contents {
  std::int64_t first = 0;  // timestamps
  std::int64_t last = 0;
  std::uint64_t last_sequence = 0;
  std::uint64_t size = 0;  // of the file; 0: empty
  std::map<std::uint32_t, StreamPart> streams;

  void add(const Record& record);
};
Json to_json(const Contents& contents);
std::optional<Contents> contents_from(const Json& json);

// Not thread safe but for read(), which looks at a part that was written before. The file is open
// only while it is written or read: a server has as many groups as it ever had gateways.
class Segment {
 public:
  // A new file, or one that is there: its torn end is cut off. Fails with Code::unavailable.
  static Result<std::shared_ptr<Segment>> open(const std::string& folder, std::uint64_t number);
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  // Appends to the file; what could not be written whole is taken back.
  Result<void> write(std::string_view bytes);
  void note(const Record& record) { contents_.add(record); }
  void grow(std::size_t bytes) { contents_.size += bytes; }
  void sync() const;
  // Notes beside the file what it holds. Nothing is written to it any more.
  void seal() const;
  // From the disk; what reads it later finds nothing.
  void remove() const;

  [[nodiscard]] const Contents& contents() const { return contents_; }
  [[nodiscard]] std::uint64_t number() const { return number_; }
  // The first `size` bytes; none when it was removed meanwhile. Any thread.
  [[nodiscard]] Result<std::string> read(std::uint64_t size) const;

 private:
  Segment(std::string path, std::uint64_t number) : path_{std::move(path)}, number_{number} {}
  Result<void> recover();
  [[nodiscard]] std::string note_path() const { return path_ + ".json"; }

  std::string path_;
  std::uint64_t number_;
  Contents contents_;
};

// The numbers of the segments in a folder, oldest first.
std::vector<std::uint64_t> segment_numbers(const std::string& folder);

}  // namespace toolgate::journal
