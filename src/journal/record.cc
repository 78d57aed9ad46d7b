#include "journal/record.h"

#include <array>
#include <cstring>

#include "base/result.h"
#include "crypto/crc.h"

namespace toolgate::journal {
namespace {

// A search checks everything that it reads: the check sum is the one that processors compute.
std::uint32_t crc_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(crypto::crc_of(crypto::Crc::crc32c, bytes));
}

// Files stay on the machine that wrote them: its own byte order will do.
template <class T>
void put(std::string& out, T value) {
  std::array<char, sizeof(T)> bytes;
  std::memcpy(bytes.data(), &value, sizeof(T));
  out.append(bytes.data(), bytes.size());
}
template <class T>
T take(std::string_view& bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  bytes.remove_prefix(sizeof(T));
  return value;
}

constexpr std::size_t frame_bytes = 4 + 4;           // size, check sum
constexpr std::size_t fields_bytes = 8 + 8 + 8 + 4;  // time, ingestion, sequence, stream

}  // namespace

void append_record(std::string& out, const Record& record) {
  ASSERT(record.text.size() <= text_bytes_max);
  const std::size_t begin = out.size();
  put(out, static_cast<std::uint32_t>(fields_bytes + record.text.size()));
  put(out, std::uint32_t{0});
  put(out, record.position.timestamp);
  put(out, record.ingested);
  put(out, record.position.sequence);
  put(out, record.stream);
  out.append(record.text);
  const std::uint32_t crc = crc_of(std::string_view{out}.substr(begin + frame_bytes));
  std::memcpy(out.data() + begin + 4, &crc, sizeof(crc));
}

std::optional<Record> take_record(std::string_view& bytes) {
  if (bytes.size() < frame_bytes + fields_bytes) return std::nullopt;
  std::string_view rest = bytes;
  const auto size = take<std::uint32_t>(rest);
  const auto crc = take<std::uint32_t>(rest);
  if (size < fields_bytes || size > fields_bytes + text_bytes_max || size > rest.size()) {
    return std::nullopt;
  }
  std::string_view fields = rest.substr(0, size);
  if (crc_of(fields) != crc) return std::nullopt;
  bytes = rest.substr(size);
  Record record;
  record.position.timestamp = take<std::int64_t>(fields);
  record.ingested = take<std::int64_t>(fields);
  record.position.sequence = take<std::uint64_t>(fields);
  record.stream = take<std::uint32_t>(fields);
  record.text = fields;
  return record;
}

std::string_view cut_text(std::string_view text) {
  if (text.size() <= text_bytes_max) return text;
  std::size_t size = text_bytes_max;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return text.substr(0, size);
}

}  // namespace toolgate::journal
