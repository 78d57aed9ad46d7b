// The chunks of a streamed chat completion, as the events of Converse's stream. No I/O.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/json.h"
#include "services/bedrock_runtime/reply.h"

namespace toolgate::services::bedrock_runtime {

// One answer. A block is open at a time, as clients of Converse expect: of several tools called at
// once the first is passed on as it comes, the others once it is their turn.
class ChatStream {
 public:
  // Takes the data of one server-sent event and appends what it means. Fails with the name of an
  // exception of the stream; what was appended before still counts.
  Result<void> take(std::string_view data, std::vector<Event>& events);

  // The chunks have ended. Fails when the answer was cut off, else appends what closes the message.
  Result<void> finish(std::vector<Event>& events);

  [[nodiscard]] bool done() const { return done_; }  // the endpoint said "[DONE]"
  [[nodiscard]] const Usage& usage() const { return usage_; }

 private:
  enum class Block : std::uint8_t { none, text, reasoning, tool };
  struct ToolCall {
    std::string id;
    std::string name;
    std::string waiting;  // arguments that were not passed on yet
    bool started = false;
  };

  Result<void> take_chunk(const Json& chunk, std::vector<Event>& events);
  Result<void> take_tool_calls(const JsonArray& calls, std::vector<Event>& events);
  Result<void> take_tool_call(const Json& call, std::vector<Event>& events);
  Result<std::int64_t> index_of(const Json& call) const;
  void add_words(Block kind, std::string_view words, std::vector<Event>& events);
  void pass_on(ToolCall& call, std::vector<Event>& events);
  // Passes on all tools that wait, in order.
  Result<void> close_tools(std::vector<Event>& events);
  void close_block(std::vector<Event>& events);
  void start(std::vector<Event>& events);

  bool started_ = false;
  bool done_ = false;
  Block open_ = Block::none;
  std::int64_t block_ = 0;                  // index of the open block, or of the next
  std::map<std::int64_t, ToolCall> tools_;  // by the endpoint's index; those not closed yet
  std::int64_t closed_tools_ = 0;           // indexes below this are closed
  bool called_tools_ = false;
  std::string finish_reason_;
  Json last_choice_;
  std::size_t waiting_bytes_ = 0;
  Usage usage_;
};

}  // namespace toolgate::services::bedrock_runtime
