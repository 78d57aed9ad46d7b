// One answer of a model in Converse's words, whole or as the events of a stream.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/json.h"

namespace toolgate::services::bedrock_runtime {

struct Usage {
  std::int64_t input = 0;  // tokens, without those read from the cache
  std::int64_t output = 0;
  std::int64_t total = 0;
  std::optional<std::int64_t> cache_read;
};

struct Reply {
  JsonArray content;                     // ContentBlocks
  std::string stop_reason = "end_turn";  // StopReason
  Usage usage;
  JsonObject more;  // additionalModelResponseFields
};

// An event of ConverseStreamOutput.
struct Event {
  std::string_view name;  // "contentBlockDelta"
  Json value;
};

// ConverseResponse.
[[nodiscard]] Json converse_output(Reply reply, std::chrono::milliseconds latency);

// The events of a whole answer, from messageStart to messageStop.
[[nodiscard]] std::vector<Event> events_of(const Reply& reply);
[[nodiscard]] Event message_start();
[[nodiscard]] Event text_delta(std::int64_t block, std::string_view text);
[[nodiscard]] Event reasoning_delta(std::int64_t block, std::string_view text);
[[nodiscard]] Event tool_use_start(std::int64_t block, std::string_view id, std::string_view name);
[[nodiscard]] Event tool_use_delta(std::int64_t block, std::string_view input);
[[nodiscard]] Event block_stop(std::int64_t block);
[[nodiscard]] Event message_stop(std::string_view stop_reason);
[[nodiscard]] Event metadata(const Usage& usage, std::chrono::milliseconds latency);

}  // namespace toolgate::services::bedrock_runtime
