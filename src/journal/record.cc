#include "journal/record.h"

#include <array>
#include <cstring>

#include "base/result.h"

namespace toolgate::journal {
namespace {

// CRC-32 (ISO 3309), eight bytes a step: table k tells what a byte does k bytes further on. A
// search checks everything that it reads.
using CrcTables = std::array<std::array<std::uint32_t, 256>, 8>;
constexpr CrcTables crc_tables = [] {
  CrcTables tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value & 1) != 0 ? (value >> 1) ^ 0xEDB88320U : value >> 1;
    }
    tables[0][i] = value;
  }
  for (std::size_t k = 1; k < tables.size(); ++k) {
    for (std::size_t i = 0; i < 256; ++i) {
      const std::uint32_t before = tables[k - 1][i];
      tables[k][i] = (before >> 8) ^ tables[0][before & 0xFF];
    }
  }
  return tables;
}();

std::uint32_t crc_of(std::string_view bytes) {
  std::uint32_t crc = ~0U;
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    std::uint32_t low = 0;
    std::uint32_t high = 0;
    std::memcpy(&low, bytes.data(), sizeof(low));
    std::memcpy(&high, bytes.data() + sizeof(low), sizeof(high));
    low ^= crc;
    crc = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      crc ^=
          crc_tables[7 - i][(low >> (8 * i)) & 0xFF] ^ crc_tables[3 - i][(high >> (8 * i)) & 0xFF];
    }
  }
  for (const char byte : bytes) {
    crc = crc_tables[0][(crc ^ static_cast<unsigned char>(byte)) & 0xFF] ^ (crc >> 8);
  }
  return ~crc;
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
