#include "services/bedrock_runtime/stand_in.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ids.h"
#include "base/text.h"
#include "search/words.h"
#include "services/bedrock_runtime/bounds.h"
#include "services/bedrock_runtime/chat_request.h"
#include "services/bedrock_runtime/tool_choice.h"

namespace toolgate::services::bedrock_runtime {
namespace {

constexpr std::string_view name_tag = "[toolgate stand-in, no language model] ";
constexpr std::string_view what_i_am =
    "No model endpoint is configured (--model-endpoint): I only match the words of a prompt to the "
    "tools I was given.";

// What is asked, and what the tools have answered to it.
struct Question {
  std::string prompt;   // the last text of the user
  std::string results;  // of the last message's tool results; one line or more each
  bool has_results = false;
};

std::string tool_name_of(const JsonArray& messages, std::string_view tool_use_id) {
  for (const auto& message : messages) {
    for (const auto& block : *json::find_array(message, "content")) {
      if (json::find_string(block, "toolUse", "toolUseId") == tool_use_id) {
        return std::string{*json::find_string(block, "toolUse", "name")};
      }
    }
  }
  return std::string{tool_use_id};
}

std::string result_text(const Json& result) {
  std::string text;
  for (const auto& block : *json::find_array(result, "content")) {
    std::string more;
    if (const auto words = json::find_string(block, "text")) {
      more = *words;
    } else if (const Json* json = json::find(block, "json")) {
      more = json::print(*json);
    } else if (const auto* object = block.if_object(); object != nullptr && !object->empty()) {
      more = fmt::format("({})", std::string_view{object->begin()->key()});
    }
    text.append(text.empty() ? "" : "\n").append(more);
  }
  return text.empty() ? "(nothing)" : text;
}

std::string user_text(const Json& message) {
  std::string text;
  if (json::find_string(message, "role") != "user") return text;
  for (const auto& block : *json::find_array(message, "content")) {
    if (const auto words = json::find_string(block, "text")) {
      text.append(text.empty() ? "" : "\n").append(*words);
    }
  }
  return text;
}

Result<Question> question_of(const Json& input) {
  const auto* messages = json::find_array(input, "messages");
  if (messages == nullptr || messages->empty()) {
    return wrong_at("messages", "expected at least one message");
  }
  if (json::find_string(messages->front(), "role") == "assistant") {
    return wrong_at("messages[0].role", "a conversation must start with a user message");
  }
  Question question;
  for (auto at = messages->rbegin(); at != messages->rend() && question.prompt.empty(); ++at) {
    question.prompt = user_text(*at);
  }
  for (const auto& block : *json::find_array(messages->back(), "content")) {
    const Json* result = json::find(block, "toolResult");
    if (result == nullptr) continue;
    question.has_results = true;
    const bool failed = json::find_string(*result, "status") == "error";
    question.results +=
        fmt::format("{}{} {}: {}", question.results.empty() ? "" : "\n",
                    tool_name_of(*messages, *json::find_string(*result, "toolUseId")),
                    failed ? "failed" : "answered", result_text(*result));
  }
  return question;
}

std::string first_line(std::string_view text) {
  constexpr std::size_t bytes_max = 160;
  text = text.substr(0, text.find('\n'));
  if (text.size() <= bytes_max) return std::string{text};
  const auto space = text.rfind(' ', bytes_max);
  return std::string{text.substr(0, space == text.npos ? 0 : space)} + " …";
}

std::string list_of(const std::vector<Tool>& tools) {
  if (tools.empty()) return "I was given no tools.";
  std::string text =
      fmt::format("I was given {} tool{}:", tools.size(), tools.size() == 1 ? "" : "s");
  for (std::size_t i = 0; i < tools.size() && i < bounds::tools_listed_count_max; ++i) {
    text += fmt::format("\n- {}", tools[i].name);
    if (!tools[i].description.empty()) text += ": " + first_line(tools[i].description);
  }
  if (tools.size() > bounds::tools_listed_count_max) text += "\n- …";
  return text;
}

Reply said(std::string text) {
  Reply reply;
  reply.content.push_back(JsonObject{{"text", std::string{name_tag} + text}});
  return reply;
}

Reply call_of(const Tool& tool, JsonObject arguments) {
  Reply reply = said(fmt::format("Calling {}.", tool.name));
  JsonObject use{{"toolUseId", "tooluse_" + random_text(22, mixed_alphanumeric)},
                 {"name", tool.name},
                 {"input", std::move(arguments)}};
  reply.content.push_back(JsonObject{{"toolUse", std::move(use)}});
  reply.stop_reason = "tool_use";
  return reply;
}

// The caller demands a tool: what the prompt and the last results say is all there is to fill in.
Result<Reply> forced(const Json& choice, const std::vector<Tool>& tools, const Question& question) {
  const std::string words = question.prompt + "\n" + question.results;
  if (const auto name = json::find_string(choice, "tool", "name")) {
    const auto tool = std::ranges::find(tools, *name, &Tool::name);
    if (tool == tools.end()) {
      return wrong_at("toolConfig.toolChoice.tool.name", "expected the name of one of the tools");
    }
    return call_of(
        *tool, tool->schema == nullptr ? JsonObject{} : arguments_for(*tool->schema, words).values);
  }
  auto best = choose_tool(tools, words);
  if (best) return call_of(*best->tool, std::move(best->arguments.values));
  if (tools.empty()) return wrong_at("toolConfig.tools", "expected at least one toolSpec");
  const Tool& first = tools.front();
  return call_of(
      first, first.schema == nullptr ? JsonObject{} : arguments_for(*first.schema, words).values);
}

Reply freely(const std::vector<Tool>& tools, const Question& question) {
  if (question.has_results) return said(question.results);
  const auto list = fmt::format("{}\n{}", what_i_am, list_of(tools));
  if (asks_for_tools(question.prompt)) return said(list);
  auto best = choose_tool(tools, question.prompt);
  if (!best) return said(fmt::format("{}\nNone has a word of the prompt.", list));
  if (best->arguments.missing.empty()) {
    return call_of(*best->tool, std::move(best->arguments.values));
  }
  return said(fmt::format(
      "{}\n{} fits the prompt best, but the prompt has no value for {}. Give it as NAME=VALUE.",
      list, best->tool->name, join(best->arguments.missing, ", ")));
}

// Words are about as many as tokens.
std::int64_t count_words(const Json& value) {
  if (value.is_string()) {
    return static_cast<std::int64_t>(search::split_words(value.get_string()).size());
  }
  std::int64_t count = 0;
  if (const auto* list = value.if_array()) {
    for (const auto& item : *list) count += count_words(item);
  } else if (const auto* object = value.if_object()) {
    for (const auto& entry : *object) {
      if (entry.key() != "bytes") count += count_words(entry.value());
    }
  }
  return count;
}

// A text within maxTokens, at about four bytes each. The answer is then shorter, not broken off:
// a client would stop at that.
void shorten(Reply& reply, std::int64_t tokens_max) {
  constexpr std::int64_t token_bytes = 4;
  for (auto& block : reply.content) {
    auto* object = block.if_object();
    Json* text = object == nullptr ? nullptr : object->if_contains("text");
    if (text == nullptr) continue;
    const std::string_view whole{text->get_string()};
    if (static_cast<std::int64_t>(whole.size()) / token_bytes <= tokens_max) continue;
    auto end = static_cast<std::size_t>(tokens_max * token_bytes);
    while (end > 0 && (static_cast<unsigned char>(whole[end]) & 0xC0) == 0x80) --end;
    *text = std::string{whole.substr(0, end)} + "…";
  }
}

}  // namespace

Result<Reply> stand_in_reply(const Json& input) {
  TRY(const Question question, question_of(input));
  const auto tools = tools_of(input);
  const Json* choice = json::find(input, "toolConfig", "toolChoice");
  const bool free = choice == nullptr || json::find(*choice, "auto") != nullptr;
  Reply reply;
  if (free) {
    reply = freely(tools, question);
  } else {
    TRY(reply, forced(*choice, tools, question));
  }
  if (const auto most = json::find_int(input, "inferenceConfig", "maxTokens")) {
    shorten(reply, *most);
  }
  reply.usage.input = count_words(*json::find(input, "messages"));
  for (const std::string_view member : {"system", "toolConfig"}) {
    if (const Json* more = json::find(input, member)) reply.usage.input += count_words(*more);
  }
  reply.usage.output = count_words(Json(reply.content));
  reply.usage.total = reply.usage.input + reply.usage.output;
  return reply;
}

}  // namespace toolgate::services::bedrock_runtime
