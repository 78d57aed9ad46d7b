#include "services/bedrock_runtime/reply.h"

#include <algorithm>

namespace toolgate::services::bedrock_runtime {
namespace {

JsonObject usage_shape(const Usage& usage) {
  JsonObject shape{
      {"inputTokens", usage.input}, {"outputTokens", usage.output}, {"totalTokens", usage.total}};
  if (usage.cache_read) shape["cacheReadInputTokens"] = *usage.cache_read;
  return shape;
}

Event delta(std::int64_t block, JsonObject value) {
  return {"contentBlockDelta",
          JsonObject{{"contentBlockIndex", block}, {"delta", std::move(value)}}};
}

// Pieces of about this size, as a model's words come, cut between words.
std::vector<std::string_view> pieces_of(std::string_view text) {
  constexpr std::size_t piece_bytes = 48;
  std::vector<std::string_view> pieces;
  while (text.size() > piece_bytes) {
    const auto space = text.find_first_of(" \n", piece_bytes);
    const auto size = space == std::string_view::npos ? text.size() : space + 1;
    pieces.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  if (!text.empty() || pieces.empty()) pieces.push_back(text);
  return pieces;
}

void add_block(std::vector<Event>& events, std::int64_t block, const Json& content) {
  if (const auto text = json::find_string(content, "text")) {
    for (const auto piece : pieces_of(*text)) events.push_back(text_delta(block, piece));
  } else if (const auto thought =
                 json::find_string(content, "reasoningContent", "reasoningText", "text")) {
    events.push_back(reasoning_delta(block, *thought));
  } else if (const Json* use = json::find(content, "toolUse")) {
    events.push_back(tool_use_start(block, *json::find_string(*use, "toolUseId"),
                                    *json::find_string(*use, "name")));
    events.push_back(tool_use_delta(block, json::print(*json::find(*use, "input"))));
  }
  events.push_back(block_stop(block));
}

}  // namespace

Json converse_output(Reply reply, std::chrono::milliseconds latency) {
  JsonObject message{{"role", "assistant"}, {"content", std::move(reply.content)}};
  JsonObject output{{"output", JsonObject{{"message", std::move(message)}}},
                    {"stopReason", reply.stop_reason},
                    {"usage", usage_shape(reply.usage)},
                    {"metrics", JsonObject{{"latencyMs", latency.count()}}}};
  if (!reply.more.empty()) output["additionalModelResponseFields"] = std::move(reply.more);
  return output;
}

std::vector<Event> events_of(const Reply& reply) {
  std::vector<Event> events{message_start()};
  std::int64_t block = 0;
  for (const auto& content : reply.content) add_block(events, block++, content);
  events.push_back(message_stop(reply.stop_reason));
  return events;
}

Event message_start() { return {"messageStart", JsonObject{{"role", "assistant"}}}; }

Event text_delta(std::int64_t block, std::string_view text) {
  return delta(block, JsonObject{{"text", text}});
}

Event reasoning_delta(std::int64_t block, std::string_view text) {
  return delta(block, JsonObject{{"reasoningContent", JsonObject{{"text", text}}}});
}

Event tool_use_start(std::int64_t block, std::string_view id, std::string_view name) {
  JsonObject use{{"toolUseId", id}, {"name", name}};
  return {"contentBlockStart", JsonObject{{"contentBlockIndex", block},
                                          {"start", JsonObject{{"toolUse", std::move(use)}}}}};
}

Event tool_use_delta(std::int64_t block, std::string_view input) {
  return delta(block, JsonObject{{"toolUse", JsonObject{{"input", input}}}});
}

Event block_stop(std::int64_t block) {
  return {"contentBlockStop", JsonObject{{"contentBlockIndex", block}}};
}

Event message_stop(std::string_view stop_reason) {
  return {"messageStop", JsonObject{{"stopReason", stop_reason}}};
}

Event metadata(const Usage& usage, std::chrono::milliseconds latency) {
  return {"metadata", JsonObject{{"usage", usage_shape(usage)},
                                 {"metrics", JsonObject{{"latencyMs", latency.count()}}}}};
}

}  // namespace toolgate::services::bedrock_runtime
