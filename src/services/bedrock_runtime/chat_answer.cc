#include "services/bedrock_runtime/chat_answer.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/ids.h"
#include "base/text.h"
#include "services/bedrock_runtime/bounds.h"

namespace toolgate::services::bedrock_runtime {
namespace {

// Text, or a list of parts that hold some.
std::string text_of(const Json* content) {
  if (content == nullptr) return {};
  if (content->is_string()) return std::string{std::string_view{content->get_string()}};
  std::string text;
  if (const auto* parts = content->if_array()) {
    for (const auto& part : *parts) text += json::find_string(part, "text").value_or("");
  }
  return text;
}

Result<Json> arguments_of(const Json& function) {
  const Json* given = json::find(function, "arguments");
  if (given == nullptr || given->is_null()) return Json(JsonObject{});
  if (given->is_object()) return *given;  // some endpoints do not wrap them in text
  if (given->is_string()) {
    const std::string_view text{given->get_string()};
    if (trim(text).empty()) return Json(JsonObject{});
    auto arguments = json::parse(text);
    if (arguments && arguments->is_object()) return arguments;
  }
  return model_error("The model gave arguments for a tool that are no JSON object.");
}

Result<void> add_tool_uses(JsonArray& content, const JsonArray& calls) {
  if (calls.size() > bounds::tool_calls_count_max) {
    return model_error(
        fmt::format("The model called more than {} tools at once.", bounds::tool_calls_count_max));
  }
  for (const auto& call : calls) {
    const Json* function = json::find(call, "function");
    const auto name = function == nullptr ? std::nullopt : json::find_string(*function, "name");
    if (!name || name->empty()) return model_error("The model called a tool without its name.");
    TRY(auto arguments, arguments_of(*function));
    JsonObject use{{"toolUseId", tool_use_id(json::find_string(call, "id").value_or(""))},
                   {"name", *name},
                   {"input", std::move(arguments)}};
    content.push_back(JsonObject{{"toolUse", std::move(use)}});
  }
  return {};
}

struct StatusRow {
  int status;
  Code code;
  std::string_view name;
  std::string_view message;
};
constexpr std::array status_rows{
    StatusRow{400, Code::invalid, "ValidationException", "The model endpoint refuses the request"},
    StatusRow{401, Code::denied, "AccessDeniedException",
              "The model endpoint refuses the API key (--model-api-key-file)"},
    StatusRow{403, Code::denied, "AccessDeniedException",
              "The model endpoint refuses the API key (--model-api-key-file)"},
    StatusRow{404, Code::not_found, "ResourceNotFoundException",
              "The model endpoint has no such model or path (--model-name, --model-endpoint)"},
    StatusRow{408, Code::timeout, "ModelTimeoutException", "The model took too long"},
    StatusRow{413, Code::invalid, "ValidationException", "The request is too long for the model"},
    StatusRow{422, Code::invalid, "ValidationException", "The model endpoint refuses the request"},
    StatusRow{429, Code::throttled, "ThrottlingException",
              "The model endpoint asks for fewer requests"},
    StatusRow{500, Code::upstream, "ModelErrorException", "The model endpoint failed"},
    StatusRow{502, Code::unavailable, "ServiceUnavailableException",
              "The model endpoint is not available"},
    StatusRow{503, Code::unavailable, "ServiceUnavailableException",
              "The model endpoint is not available"},
    StatusRow{504, Code::timeout, "ModelTimeoutException", "The model took too long"},
    StatusRow{529, Code::unavailable, "ServiceUnavailableException",
              "The model endpoint is overloaded"},
};

Error named(Code code, std::string_view name, std::string message) {
  return {.code = code,
          .message = std::move(message),
          .detail = {},
          .name = std::string{name},
          .fields = {}};
}

// {"error":{"message":…}}, {"error":"…"}, {"message":…}, {"detail":…}
std::string_view message_in(const Json& body) {
  const Json* error = json::find(body, "error");
  if (error != nullptr && error->is_string()) return error->get_string();
  if (error != nullptr) return json::find_string(*error, "message").value_or("");
  for (const std::string_view name : {"message", "detail"}) {
    if (const auto text = json::find_string(body, name)) return *text;
  }
  return {};
}

std::string cut(std::string_view text) {
  if (text.size() <= bounds::error_message_bytes_max) return std::string{text};
  std::size_t end = bounds::error_message_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string{text.substr(0, end)} + "…";
}

Error status_error(int status, std::string_view said) {
  const auto* row = std::ranges::find(status_rows, status, &StatusRow::status);
  std::string message = fmt::format("The model endpoint answered HTTP {}", status);
  if (row == status_rows.end()) {
    // A redirect is not followed: the URL in the settings is the wrong one.
    if (!said.empty()) message += ": " + cut(said);
    return status >= 500 ? named(Code::upstream, "ModelErrorException", message)
                         : named(Code::invalid, "ValidationException", message);
  }
  message = fmt::format("{} (HTTP {})", row->message, status);
  // What is said about a key may repeat it.
  if (!said.empty() && row->code != Code::denied) message += ": " + cut(said);
  return named(row->code, row->name, std::move(message));
}

}  // namespace

std::unexpected<Error> model_error(std::string message) {
  return std::unexpected(named(Code::upstream, "ModelErrorException", std::move(message)));
}

Error chat_error(int status, std::string_view body) {
  const auto read = json::parse(body);
  return status_error(status, read ? message_in(*read) : std::string_view{});
}

Error chat_error(const Json& error) {
  const Json wrapped(JsonObject{{"error", error}});
  auto status = json::find_int(error, "code");
  if (!status) status = json::find_int(error, "status");
  const auto kind = json::find_string(error, "type").value_or("");
  if (status == 429 || kind.starts_with("rate_limit")) {
    return status_error(429, message_in(wrapped));
  }
  if (status == 503 || kind == "overloaded_error") return status_error(503, message_in(wrapped));
  return named(Code::upstream, "ModelStreamErrorException",
               "The model endpoint failed while it answered: " + cut(message_in(wrapped)));
}

Error connection_error(const Error& error) {
  const std::string message = "The model endpoint: " + error.message;
  switch (error.code) {
    case Code::denied:
      return named(Code::denied, "AccessDeniedException", message);
    case Code::timeout:
      return named(Code::timeout, "ModelTimeoutException", message);
    case Code::unavailable:
      return named(Code::unavailable, "ServiceUnavailableException", message);
    default:
      return named(Code::upstream, "ModelErrorException", message);
  }
}

std::string stop_reason_of(const Json& choice, std::string_view finish_reason, bool calls_tools) {
  if (finish_reason == "length") return "max_tokens";
  if (finish_reason == "content_filter") return "content_filtered";
  // Some endpoints say "stop" after the tools they call.
  if (calls_tools) return "tool_use";
  // vLLM names the sequence that it stopped at; nobody else tells the two apart.
  if (json::find_string(choice, "stop_reason")) return "stop_sequence";
  return "end_turn";
}

Usage usage_of(const Json& usage) {
  const auto count = [&](auto... path) {
    return std::clamp<std::int64_t>(json::find_int(usage, path...).value_or(0), 0, 2'147'483'647);
  };
  Usage out{.input = count("prompt_tokens"),
            .output = count("completion_tokens"),
            .total = 0,
            .cache_read = std::nullopt};
  out.total = out.input + out.output;
  if (json::find_int(usage, "prompt_tokens_details", "cached_tokens")) {
    const auto cached = std::min(count("prompt_tokens_details", "cached_tokens"), out.input);
    out.cache_read = cached;
    out.input -= cached;
  }
  return out;
}

std::string tool_use_id(std::string_view id) {
  constexpr std::size_t id_bytes_max = 64;
  const auto allowed = [](char c) {
    return std::string_view{"_.:-"}.contains(c) || mixed_alphanumeric.contains(c);
  };
  if (!id.empty() && id.size() <= id_bytes_max && std::ranges::all_of(id, allowed)) {
    return std::string{id};
  }
  return "tooluse_" + random_text(22, mixed_alphanumeric);
}

std::string_view reasoning_of(const Json& message) {
  for (const std::string_view name : {"reasoning_content", "reasoning"}) {
    if (const auto text = json::find_string(message, name)) return *text;
  }
  return {};
}

Result<Reply> read_chat_answer(std::string_view body) {
  const auto answer = json::parse(body);
  if (!answer) return model_error("The model endpoint's answer is no JSON.");
  return read_chat_answer(*answer);
}

Result<Reply> read_chat_answer(const Json& answer) {
  const auto* choices = json::find_array(answer, "choices");
  if (choices == nullptr || choices->empty()) {
    return model_error("The model endpoint's answer has no choices.");
  }
  const Json& choice = choices->front();
  const Json* message = json::find(choice, "message");
  if (message == nullptr || !message->is_object()) {
    return model_error("The model endpoint's answer has no message.");
  }
  Reply reply;
  if (const auto thought = reasoning_of(*message); !thought.empty()) {
    reply.content.push_back(JsonObject{
        {"reasoningContent", JsonObject{{"reasoningText", JsonObject{{"text", thought}}}}}});
  }
  std::string text = text_of(json::find(*message, "content"));
  if (text.empty()) text = json::find_string(*message, "refusal").value_or("");
  if (!text.empty()) reply.content.push_back(JsonObject{{"text", text}});
  const auto* calls = json::find_array(*message, "tool_calls");
  if (calls != nullptr) TRY_DO(add_tool_uses(reply.content, *calls));
  reply.stop_reason =
      stop_reason_of(choice, json::find_string(choice, "finish_reason").value_or("stop"),
                     calls != nullptr && !calls->empty());
  if (const Json* usage = json::find(answer, "usage")) reply.usage = usage_of(*usage);
  return reply;
}

}  // namespace toolgate::services::bedrock_runtime
