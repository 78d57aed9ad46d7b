// One thing that a gateway says about an invocation, as the data plane hands it over: texts that
// are only borrowed, bounded when they are copied. Nothing is looked into until the writer's thread
// does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace toolgate::vended {

// Of a body; more is cut, which the record says.
inline constexpr std::size_t body_bytes_max = 16 * 1024;

struct Entry {
  enum class Step : std::uint8_t { started, finished, accepted, refused };
  Step step = Step::started;
  std::int64_t at = 0;           // ms since 1970
  std::uint64_t body_bytes = 0;  // of the whole body; set when it is copied
  std::string_view account;
  std::string_view region;
  std::string_view gateway_id;
  std::string_view request_id;   // of the HTTP request
  std::string_view traceparent;  // as it came, or empty
  std::string_view id;           // raw, of the JSON-RPC message; empty for a notification
  std::string_view method;       // unescaped; only where there is no body
  std::string_view outcome;      // "ok", "tool_error", …
  std::string_view body;
  std::string_view secret;  // that was shown to the target: never written, only looked for
  std::string_view marked;  // names of members that the tool's schema marks secret, one a line
};

// The bytes of an entry, at most entry_bytes_max of them.
inline constexpr std::size_t entry_bytes_max = body_bytes_max + 8 * 1024;
[[nodiscard]] std::size_t packed_size(const Entry& entry);
// `to` has packed_size(entry) bytes.
void pack(const Entry& entry, char* to);
// Views into `bytes`, which pack() made.
[[nodiscard]] Entry unpack(std::string_view bytes);

// At most `bytes_max`, not within a character of UTF-8.
[[nodiscard]] std::string_view cut(std::string_view text, std::size_t bytes_max);

}  // namespace toolgate::vended
