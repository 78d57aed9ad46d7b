#include "services/bedrock_runtime/chat_stream.h"

#include <fmt/format.h>

#include "base/text.h"
#include "services/bedrock_runtime/bounds.h"
#include "services/bedrock_runtime/chat_answer.h"

namespace toolgate::services::bedrock_runtime {
namespace {

std::unexpected<Error> broken(std::string message) {
  auto error = fail(Code::upstream, std::move(message));
  error.error().name = "ModelStreamErrorException";
  return error;
}

}  // namespace

Result<void> ChatStream::take(std::string_view data, std::vector<Event>& events) {
  if (done_ || trim(data).empty()) return {};
  if (trim(data) == "[DONE]") {
    done_ = true;
    return {};
  }
  const auto chunk = json::parse(data);
  if (!chunk || !chunk->is_object()) {
    return broken("The model endpoint sent a piece of its answer that is no JSON object.");
  }
  if (const Json* error = json::find(*chunk, "error"); error != nullptr && !error->is_null()) {
    return std::unexpected(chat_error(*error));
  }
  return take_chunk(*chunk, events);
}

Result<void> ChatStream::take_chunk(const Json& chunk, std::vector<Event>& events) {
  start(events);
  if (const Json* usage = json::find(chunk, "usage"); usage != nullptr && usage->is_object()) {
    usage_ = usage_of(*usage);
  }
  const auto* choices = json::find_array(chunk, "choices");
  if (choices == nullptr || choices->empty()) return {};
  const Json& choice = choices->front();
  if (const Json* delta = json::find(choice, "delta")) {
    if (const auto words = reasoning_of(*delta); !words.empty()) {
      TRY_DO(close_tools(events));
      add_words(Block::reasoning, words, events);
    }
    for (const std::string_view member : {"content", "refusal"}) {
      const auto words = json::find_string(*delta, member).value_or("");
      if (words.empty()) continue;
      TRY_DO(close_tools(events));
      add_words(Block::text, words, events);
    }
    if (const auto* calls = json::find_array(*delta, "tool_calls")) {
      TRY_DO(take_tool_calls(*calls, events));
    }
  }
  if (const auto reason = json::find_string(choice, "finish_reason")) {
    finish_reason_ = *reason;
    last_choice_ = choice;
  }
  return {};
}

Result<void> ChatStream::take_tool_calls(const JsonArray& calls, std::vector<Event>& events) {
  for (const auto& call : calls) TRY_DO(take_tool_call(call, events));
  return {};
}

// Endpoints that leave the index out send each call whole, or the pieces of one after the other.
Result<std::int64_t> ChatStream::index_of(const Json& call) const {
  const auto last = tools_.empty() ? closed_tools_ - 1 : tools_.rbegin()->first;
  const auto given = json::find_int(call, "index");
  const auto id = json::find_string(call, "id").value_or("");
  if (!given) {
    const bool fresh = tools_.empty() || (!id.empty() && id != tools_.rbegin()->second.id);
    return fresh ? last + 1 : last;
  }
  if (*given < closed_tools_ || *given > last + 1) {
    return broken("The model endpoint sent a piece of a tool call out of its order.");
  }
  // Some give every call the same index and an id of its own.
  const auto known = tools_.find(*given);
  const bool other =
      known != tools_.end() && !id.empty() && !known->second.id.empty() && known->second.id != id;
  return other ? last + 1 : *given;
}

Result<void> ChatStream::take_tool_call(const Json& call, std::vector<Event>& events) {
  TRY(const std::int64_t index, index_of(call));
  if (static_cast<std::size_t>(index) >= bounds::tool_calls_count_max) {
    return broken(
        fmt::format("The model called more than {} tools at once.", bounds::tool_calls_count_max));
  }
  called_tools_ = true;
  auto& tool = tools_[index];
  if (const auto id = json::find_string(call, "id"); id && tool.id.empty()) tool.id = *id;
  const auto name = json::find_string(call, "function", "name").value_or("");
  if (tool.name.empty()) tool.name = name;
  const Json* arguments = json::find(call, "function", "arguments");
  if (arguments != nullptr && !arguments->is_null()) {
    const std::string text = arguments->is_string()
                                 ? std::string{std::string_view{arguments->get_string()}}
                                 : json::print(*arguments);
    waiting_bytes_ += text.size();
    tool.waiting += text;
  }
  if (waiting_bytes_ > bounds::answer_bytes_max) {
    return broken("The model endpoint's tool calls are too long.");
  }
  if (index == tools_.begin()->first) pass_on(tool, events);
  return {};
}

void ChatStream::pass_on(ToolCall& call, std::vector<Event>& events) {
  if (call.name.empty()) return;  // still to come
  if (!call.started) {
    close_block(events);
    call.started = true;
    open_ = Block::tool;
    events.push_back(tool_use_start(block_, tool_use_id(call.id), call.name));
  }
  if (call.waiting.empty()) return;
  events.push_back(tool_use_delta(block_, call.waiting));
  waiting_bytes_ -= call.waiting.size();
  call.waiting.clear();
}

Result<void> ChatStream::close_tools(std::vector<Event>& events) {
  for (auto& [index, call] : tools_) {
    if (call.name.empty()) return broken("The model called a tool without its name.");
    pass_on(call, events);
    close_block(events);
    closed_tools_ = index + 1;
  }
  tools_.clear();
  return {};
}

void ChatStream::add_words(Block kind, std::string_view words, std::vector<Event>& events) {
  if (open_ != kind) close_block(events);
  open_ = kind;
  events.push_back(kind == Block::text ? text_delta(block_, words)
                                       : reasoning_delta(block_, words));
}

void ChatStream::close_block(std::vector<Event>& events) {
  if (open_ == Block::none) return;
  events.push_back(block_stop(block_++));
  open_ = Block::none;
}

void ChatStream::start(std::vector<Event>& events) {
  if (!started_) events.push_back(message_start());
  started_ = true;
}

Result<void> ChatStream::finish(std::vector<Event>& events) {
  if (!done_ && finish_reason_.empty()) {
    return broken("The model endpoint's answer was cut off.");
  }
  start(events);
  TRY_DO(close_tools(events));
  close_block(events);
  events.push_back(message_stop(stop_reason_of(last_choice_, finish_reason_, called_tools_)));
  return {};
}

}  // namespace toolgate::services::bedrock_runtime
