#include "journal/segment.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>

#include <fmt/format.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/turns.h"
#include "store/private_file.h"

namespace toolgate::journal {
namespace {

constexpr std::size_t note_bytes_max = 16 * 1024 * 1024;
// Of one write: some 20 µs, after which others have their turn.
constexpr std::size_t piece_bytes = 32 * 1024;

std::string path_of(const std::string& folder, std::uint64_t number) {
  return fmt::format("{}/{:010}.log", folder, number);
}

bool read_exactly(int file, std::string& out) {
  std::size_t at = 0;
  while (at < out.size()) {
    const auto size = ::pread(file, out.data() + at, out.size() - at, static_cast<off_t>(at));
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return false;
    at += static_cast<std::size_t>(size);
  }
  return true;
}

}  // namespace

void StreamPart::add(const Record& record) {
  const bool fresh = bytes == 0;
  first = fresh ? record.position.timestamp : std::min(first, record.position.timestamp);
  last = fresh ? record.position.timestamp : std::max(last, record.position.timestamp);
  last_ingested = std::max(last_ingested, record.ingested);
  bytes += std::max<std::size_t>(1, record.text.size());
}

void StreamPart::add(const StreamPart& other) {
  if (other.bytes == 0) return;
  first = bytes == 0 ? other.first : std::min(first, other.first);
  last = bytes == 0 ? other.last : std::max(last, other.last);
  last_ingested = std::max(last_ingested, other.last_ingested);
  bytes += other.bytes;
}

void Contents::add(const Record& record) {
  const bool fresh = streams.empty();
  first = fresh ? record.position.timestamp : std::min(first, record.position.timestamp);
  last = fresh ? record.position.timestamp : std::max(last, record.position.timestamp);
  last_sequence = std::max(last_sequence, record.position.sequence);
  streams[record.stream].add(record);
}

Json to_json(const Contents& contents) {
  JsonArray streams;
  for (const auto& [id, part] : contents.streams) {
    streams.push_back(JsonArray{id, part.first, part.last, part.last_ingested, part.bytes});
  }
  return JsonObject{{"first", contents.first},
                    {"last", contents.last},
                    {"last_sequence", contents.last_sequence},
                    {"size", contents.size},
                    {"streams", std::move(streams)}};
}

std::optional<Contents> contents_from(const Json& value) {
  const auto first = json::find_int(value, "first");
  const auto last = json::find_int(value, "last");
  const auto last_sequence = json::find_int(value, "last_sequence");
  const auto size = json::find_int(value, "size");
  const auto* streams = json::find_array(value, "streams");
  if (!first || !last || !last_sequence || !size || streams == nullptr) return std::nullopt;
  Contents contents{.first = *first,
                    .last = *last,
                    .last_sequence = static_cast<std::uint64_t>(*last_sequence),
                    .size = static_cast<std::uint64_t>(*size),
                    .streams = {}};
  for (const Json& each : *streams) {
    const auto* row = each.if_array();
    const auto is_int = [](const Json& number) { return number.is_int64(); };
    if (row == nullptr || row->size() != 5 || !std::ranges::all_of(*row, is_int)) {
      return std::nullopt;
    }
    contents.streams[static_cast<std::uint32_t>((*row)[0].get_int64())] = {
        .first = (*row)[1].get_int64(),
        .last = (*row)[2].get_int64(),
        .last_ingested = (*row)[3].get_int64(),
        .bytes = static_cast<std::uint64_t>((*row)[4].get_int64())};
  }
  return contents;
}

Result<std::shared_ptr<Segment>> Segment::open(const std::string& folder, std::uint64_t number) {
  std::string path = path_of(folder, number);
  const OpenFile file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  if (!file) return file_failure("open", path);
  std::shared_ptr<Segment> segment{new Segment{std::move(path), number}};
  TRY_DO(segment->recover());
  return segment;
}

Result<void> Segment::recover() {
  struct stat status{};
  if (::stat(path_.c_str(), &status) != 0) return file_failure("look at", path_);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (const auto note = read_file(note_path(), note_bytes_max)) {
    const auto parsed = json::parse(*note);
    auto noted = parsed ? contents_from(*parsed) : std::nullopt;
    if (noted && noted->size == size) {
      contents_ = *std::move(noted);
      return {};
    }
  }
  TRY(const std::string bytes, read(size));
  std::string_view rest = bytes;
  while (const auto record = take_record(rest)) contents_.add(*record);
  contents_.size = size - rest.size();
  if (rest.empty()) return {};
  log::warn("journal: {} bytes at the end of {} were not written whole; cut off", rest.size(),
            path_);
  if (::truncate(path_.c_str(), static_cast<off_t>(contents_.size)) != 0) {
    return file_failure("cut", path_);
  }
  return {};
}

Result<void> Segment::write(std::string_view bytes) {
  const OpenFile file{::open(path_.c_str(), O_WRONLY | O_CLOEXEC)};
  if (!file) return file_failure("open", path_);
  std::size_t at = 0;
  while (at < bytes.size()) {
    const auto size =
        ::pwrite(file.get(), bytes.data() + at, std::min(bytes.size() - at, piece_bytes),
                 static_cast<off_t>(contents_.size + at));
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) {
      auto failure = file_failure("write", path_);
      (void)!::ftruncate(file.get(), static_cast<off_t>(contents_.size));
      return failure;
    }
    at += static_cast<std::size_t>(size);
    offer_turn();
  }
  return {};
}

void Segment::sync() const {
  // Of the file, whoever has written it (fdatasync(2)).
  const OpenFile file{::open(path_.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file) ::fdatasync(file.get());
}

void Segment::seal() const {
  sync();
  const auto written = store::write_private_file(note_path(), json::print(to_json(contents_)),
                                                 store::IfPresent::replace);
  // Without the note the segment is read at the next start.
  if (!written) log::warn("journal: {} {}", written.error().message, written.error().detail);
}

void Segment::remove() const {
  ::unlink(path_.c_str());
  ::unlink(note_path().c_str());
}

Result<std::string> Segment::read(std::uint64_t size) const {
  const OpenFile file{::open(path_.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file && errno == ENOENT) return std::string{};
  if (!file) return file_failure("open", path_);
  std::string bytes(size, '\0');
  if (!read_exactly(file.get(), bytes)) return file_failure("read", path_);
  return bytes;
}

std::vector<std::uint64_t> segment_numbers(const std::string& folder) {
  std::vector<std::uint64_t> numbers;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator{folder, error}) {
    const std::string name = entry.path().filename();
    std::uint64_t number = 0;
    const auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (failed == std::errc{} && std::string_view{end} == ".log") numbers.push_back(number);
  }
  std::ranges::sort(numbers);
  return numbers;
}

}  // namespace toolgate::journal
