// One event as bytes of a segment file: size, check sum, and what they speak of. A torn or damaged
// record ends the file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "journal/event.h"

namespace toolgate::journal {

struct Record {
  Position position;
  std::int64_t ingested = 0;
  std::uint32_t stream = 0;
  std::string_view text;
};

// More is cut, at the start of a character (CloudWatch Logs quotas: "event size 1 MB").
inline constexpr std::size_t text_bytes_max = 1024 * 1024;

void append_record(std::string& out, const Record& record);

// Takes the first record off `bytes`; its text is a view into them. Nothing when they hold no whole
// and sound record.
std::optional<Record> take_record(std::string_view& bytes);

// At most text_bytes_max, not within a character of UTF-8.
std::string_view cut_text(std::string_view text);

}  // namespace toolgate::journal
