#include "journal/group.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "base/log.h"
#include "json/members.h"
#include "store/private_file.h"

namespace toolgate::journal {
namespace {

constexpr std::size_t file_bytes_max = 64 * 1024 * 1024;

Result<Json> read_json(const std::string& path) {
  TRY(const std::string text, read_file(path, file_bytes_max));
  return json::parse(text);
}

}  // namespace

Result<std::shared_ptr<Group>> Group::create(std::string folder, GroupKey key, std::int64_t created,
                                             Settings settings) {
  TRY_DO(store::make_private_folder(folder));
  std::shared_ptr<Group> group{new Group{std::move(folder), std::move(key)}};
  group->created_ = created;
  group->settings_ = std::move(settings);
  TRY_DO(group->save_settings());
  return group;
}

Result<std::shared_ptr<Group>> Group::open(std::string folder) {
  TRY(const Json saved, read_json(folder + "/group.json"));
  std::shared_ptr<Group> group{
      new Group{std::move(folder),
                {json::member(saved, "account"), json::member(saved, "region"),
                 json::member(saved, "name")}}};
  group->created_ = json::find_int(saved, "created").value_or(0);
  if (const auto days = json::find_int(saved, "retention_days")) {
    group->settings_.retention_days = static_cast<int>(*days);
  }
  if (const Json* attributes = json::find(saved, "attributes");
      attributes != nullptr && attributes->is_object()) {
    group->settings_.attributes = attributes->get_object();
  }
  TRY_DO(group->load());
  return group;
}

Result<void> Group::load() {
  if (const auto saved = read_json(folder_ + "/streams.json")) {
    last_stream_ = static_cast<std::uint32_t>(json::find_int(*saved, "last").value_or(0));
    const auto* rows = json::find_array(*saved, "streams");
    for (const Json& row : rows != nullptr ? *rows : JsonArray{}) {
      streams_[json::member(row, "name")] = {
          .id = static_cast<std::uint32_t>(json::find_int(row, "id").value_or(0)),
          .created = json::find_int(row, "created").value_or(0)};
    }
  } else if (saved.error().code != Code::not_found) {
    return std::unexpected(saved.error());
  }
  for (const auto number : segment_numbers(folder_)) {
    TRY(auto segment, Segment::open(folder_, number));
    last_sequence_ = std::max(last_sequence_, segment->contents().last_sequence);
    segments_.push_back(std::move(segment));
  }
  return {};
}

Result<void> Group::save_settings() const {
  JsonObject saved{{"account", key_.account},
                   {"region", key_.region},
                   {"name", key_.name},
                   {"created", created_},
                   {"attributes", settings_.attributes}};
  if (settings_.retention_days) saved["retention_days"] = *settings_.retention_days;
  TRY_DO(store::write_private_file(folder_ + "/group.json", json::print(saved),
                                   store::IfPresent::replace));
  return {};
}

Result<void> Group::save_streams() const {
  JsonArray rows;
  for (const auto& [name, row] : streams_) {
    rows.push_back(JsonObject{{"name", name}, {"id", row.id}, {"created", row.created}});
  }
  const JsonObject saved{{"last", last_stream_}, {"streams", std::move(rows)}};
  TRY_DO(store::write_private_file(folder_ + "/streams.json", json::print(saved),
                                   store::IfPresent::replace));
  return {};
}

GroupInfo Group::info() const {
  const std::scoped_lock lock{mutex_};
  std::uint64_t bytes = 0;
  for (const auto& segment : segments_) bytes += segment->contents().size;
  return {.name = key_.name,
          .created = created_,
          .bytes = bytes,
          .retention_days = settings_.retention_days,
          .attributes = settings_.attributes};
}

std::uint64_t Group::bytes() const { return info().bytes; }

Result<void> Group::change(Settings settings) {
  const std::scoped_lock lock{mutex_};
  if (removed_) return fail(Code::not_found, "The specified log group does not exist.");
  std::swap(settings_, settings);
  auto saved = save_settings();
  if (!saved) std::swap(settings_, settings);
  return saved;
}

Result<std::uint32_t> Group::add_stream(const std::string& name, std::int64_t now) {
  if (streams_.size() >= streams_count_max) {
    return fail(Code::quota,
                fmt::format("{} log streams in one group: that is the most", streams_count_max));
  }
  streams_[name] = {.id = ++last_stream_, .created = now};
  if (auto saved = save_streams(); !saved) {
    streams_.erase(name);
    return std::unexpected(std::move(saved).error());
  }
  return last_stream_;
}

Result<void> Group::create_stream(const std::string& name, std::int64_t now) {
  const std::scoped_lock lock{mutex_};
  if (removed_) return fail(Code::not_found, "The specified log group does not exist.");
  if (streams_.contains(name)) {
    return fail(Code::conflict, "The specified log stream already exists");
  }
  TRY_DO(add_stream(name, now));
  return {};
}

Result<void> Group::delete_stream(const std::string& name) {
  const std::scoped_lock lock{mutex_};
  const auto found = streams_.find(name);
  if (found == streams_.end()) {
    return fail(Code::not_found, "The specified log stream does not exist.");
  }
  const auto row = found->second;
  streams_.erase(found);
  auto saved = save_streams();
  if (!saved) streams_[name] = row;
  return saved;
}

bool Group::has_stream(const std::string& name) const {
  const std::scoped_lock lock{mutex_};
  return streams_.contains(name);
}

std::vector<StreamInfo> Group::streams(const std::string& prefix) const {
  const std::scoped_lock lock{mutex_};
  std::map<std::uint32_t, StreamPart> parts;
  for (const auto& segment : segments_) {
    for (const auto& [id, part] : segment->contents().streams) parts[id].add(part);
  }
  std::vector<StreamInfo> infos;
  for (auto each = streams_.lower_bound(prefix);
       each != streams_.end() && each->first.starts_with(prefix); ++each) {
    StreamInfo info{.name = each->first, .created = each->second.created};
    if (const auto part = parts.find(each->second.id); part != parts.end()) {
      info.bytes = part->second.bytes;
      info.first = part->second.first;
      info.last = part->second.last;
      info.last_ingested = part->second.last_ingested;
    }
    infos.push_back(std::move(info));
  }
  return infos;
}

Result<std::shared_ptr<Segment>> Group::segment_for(std::size_t bytes) {
  if (!segments_.empty()) {
    auto& last = segments_.back();
    const auto size = last->contents().size;
    if (size == 0 || size + bytes <= segment_bytes_max) return last;
    last->seal();
  }
  const std::uint64_t number = segments_.empty() ? 1 : segments_.back()->number() + 1;
  TRY(auto segment, Segment::open(folder_, number));
  segments_.push_back(segment);
  return segment;
}

Result<void> Group::write(const std::string& stream, const std::vector<Line>& lines,
                          std::int64_t now) {
  std::string bytes;
  std::vector<Record> records;
  std::shared_ptr<Segment> segment;
  const auto flush = [&]() -> Result<void> {
    if (records.empty()) return {};
    TRY_DO(segment->write(bytes));
    const std::scoped_lock lock{mutex_};
    for (const auto& record : records) segment->note(record);
    segment->grow(bytes.size());
    last_sequence_ = records.back().position.sequence;
    dirty_ = true;
    records.clear();
    bytes.clear();
    return {};
  };
  std::uint64_t sequence = last_sequence_;
  std::uint32_t stream_id = 0;
  for (const Line& line : lines) {
    const auto text = cut_text(line.text);
    const bool full = bytes.size() + text.size() > segment_bytes_max / 4;
    if (full) TRY_DO(flush());
    if (records.empty()) {
      const std::scoped_lock lock{mutex_};
      if (removed_) return fail(Code::not_found, "The specified log group does not exist.");
      TRY(segment, segment_for(segment_bytes_max / 4));
      const auto found = streams_.find(stream);
      if (found != streams_.end()) {
        stream_id = found->second.id;
      } else {
        TRY(stream_id, add_stream(stream, now));
      }
    }
    const Record record{.position = {.timestamp = line.timestamp, .sequence = ++sequence},
                        .ingested = now,
                        .stream = stream_id,
                        .text = text};
    append_record(bytes, record);
    records.push_back(record);
  }
  TRY_DO(flush());
  std::shared_ptr<toolgate::Event> written;
  {
    const std::scoped_lock lock{mutex_};
    written = std::exchange(next_write_, std::make_shared<toolgate::Event>());
  }
  written->set();
  return {};
}

void Group::sync() {
  std::shared_ptr<Segment> last;
  {
    const std::scoped_lock lock{mutex_};
    if (!std::exchange(dirty_, false) || segments_.empty()) return;
    last = segments_.back();
  }
  last->sync();
}

void Group::trim(std::int64_t oldest, std::uint64_t bytes_max) {
  const std::scoped_lock lock{mutex_};
  std::uint64_t bytes = 0;
  for (const auto& segment : segments_) bytes += segment->contents().size;
  // The last one is written to; it goes when the next has begun.
  std::erase_if(segments_, [&](const std::shared_ptr<Segment>& segment) {
    const auto& contents = segment->contents();
    if (segment == segments_.back()) return false;
    if (contents.last >= oldest && bytes <= bytes_max) return false;
    bytes -= contents.size;
    segment->remove();
    return true;
  });
}

std::shared_ptr<toolgate::Event> Group::next_write() const {
  const std::scoped_lock lock{mutex_};
  return next_write_;
}

void Group::remove() {
  const std::scoped_lock lock{mutex_};
  removed_ = true;
  segments_.clear();
  streams_.clear();
  std::error_code ignored;
  // First what makes it a group: half of a removal is none.
  std::filesystem::remove(folder_ + "/group.json", ignored);
  std::filesystem::remove_all(folder_, ignored);
  next_write_->set();
}

}  // namespace toolgate::journal
