// A function as it is run: one version of its code and settings, one call of it, and what came out.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/kinds.h"
#include "store/blobs.h"

namespace toolgate::functions {

enum class LogLevel : unsigned char { trace, debug, info, warn, error, fatal };
// Of "INFO", "warn", Python's "WARNING" and "CRITICAL"; nothing for other words.
[[nodiscard]] std::optional<LogLevel> log_level_of(std::string_view word);
[[nodiscard]] std::string_view name_of(LogLevel level);  // "INFO"

// How a function's log is written (LoggingConfig). The levels are of JSON alone.
struct LogForm {
  bool json = false;
  LogLevel application = LogLevel::info;
  LogLevel system = LogLevel::info;
};

// Immutable. Two that differ in code or settings have different revisions.
struct Function {
  model::Place place;
  std::string name;
  std::string version;   // "$LATEST", "3"
  std::string arn;       // without a qualifier
  std::string revision;  // of code and settings: processes are shared by calls of one revision
  std::string digest;    // "sha256:<64 hex>" of the archive; names the tree
  store::BlobId blob;    // the archive
  std::string runtime;   // "python3.13"
  std::string handler;
  std::string role;  // ARN
  std::string log_group;
  LogForm log_form;
  std::vector<std::pair<std::string, std::string>> variables;  // the user's own
  std::chrono::seconds timeout{3};
  std::uint64_t memory_mb = 128;

  // Under which idle processes are kept.
  [[nodiscard]] std::string key() const { return arn + ':' + version; }
};

struct Invocation {
  std::string request_id;
  std::string payload;         // JSON
  std::string client_context;  // JSON, or empty
  std::string invoked_arn;     // as it was called: with the qualifier, if there was one
  std::string trace_id;
};

struct Outcome {
  std::string payload;  // JSON: the answer, or {"errorMessage","errorType",…}
  bool failed = false;
  std::string log_tail;  // the last 4 KB of the call's log, where they were asked for
};

// Lambda quotas: "6 MB each for request and response", with room for what carries the answer.
inline constexpr std::size_t payload_bytes_max = 6'291'456;
inline constexpr std::size_t answer_bytes_max = 6'291'556;
inline constexpr std::size_t event_bytes_max = 1'048'576;  // of asynchronous calls
inline constexpr std::size_t log_tail_bytes_max = 4 * 1024;

}  // namespace toolgate::functions
