#include "services/bedrock_runtime/chat_request.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace toolgate::services::bedrock_runtime {
namespace {

// Members whose meaning an endpoint does not know. To leave them out silently would be wrong: a
// guardrail that does not guard, a prompt without its variables.
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> refused_members{{
    {"guardrailConfig", "guardrails are not served by toolgate; leave guardrailConfig out"},
    {"promptVariables", "stored prompts are not served by toolgate; send messages instead"},
}};

// What we set ourselves, and no additional field may replace.
constexpr std::array<std::string_view, 6> own_members{"model",          "messages", "stream",
                                                      "stream_options", "tools",    "tool_choice"};

Result<void> add_system(JsonArray& messages, const Json& input) {
  const auto* blocks = json::find_array(input, "system");
  if (blocks == nullptr) return {};
  std::string text;
  std::size_t at = 0;
  for (const auto& block : *blocks) {
    auto part = json::find_string(block, "text");
    if (!part) part = json::find_string(block, "guardContent", "text", "text");
    if (!part && json::find(block, "cachePoint") == nullptr) {
      return wrong_at(fmt::format("system[{}]", at), "expected text");
    }
    if (part) text.append(text.empty() ? "" : "\n\n").append(*part);
    ++at;
  }
  if (!text.empty()) messages.push_back(JsonObject{{"role", "system"}, {"content", text}});
  return {};
}

Result<JsonArray> all_messages(const Json& input) {
  JsonArray messages;
  TRY_DO(add_system(messages, input));
  const auto* given = json::find_array(input, "messages");
  if (given == nullptr || given->empty()) {
    return wrong_at("messages", "expected at least one message");
  }
  if (json::find_string(given->front(), "role") == "assistant") {
    return wrong_at("messages[0].role", "a conversation must start with a user message");
  }
  for (std::size_t i = 0; i < given->size(); ++i) {
    TRY_DO(add_message(messages, (*given)[i], fmt::format("messages[{}]", i)));
  }
  return messages;
}

Result<JsonArray> all_tools(const JsonArray& given) {
  JsonArray tools;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const Json* spec = json::find(given[i], "toolSpec");
    if (spec == nullptr) {
      if (json::find(given[i], "cachePoint") != nullptr) continue;
      return wrong_at(fmt::format("toolConfig.tools[{}]", i),
                      "expected toolSpec: tools that the model's host runs are not served");
    }
    JsonObject function{{"name", *json::find_string(*spec, "name")}};
    if (const auto text = json::find_string(*spec, "description")) {
      function["description"] = *text;
    }
    if (const Json* schema = json::find(*spec, "inputSchema", "json")) {
      if (!schema->is_object()) {
        return wrong_at(fmt::format("toolConfig.tools[{}].toolSpec.inputSchema.json", i),
                        "expected an object");
      }
      function["parameters"] = *schema;
    }
    if (const auto strict = json::find_bool(*spec, "strict")) function["strict"] = *strict;
    tools.push_back(JsonObject{{"type", "function"}, {"function", std::move(function)}});
  }
  return tools;
}

Result<void> add_tools(JsonObject& body, const Json& input) {
  const Json* config = json::find(input, "toolConfig");
  if (config == nullptr) return {};
  TRY(auto tools, all_tools(*json::find_array(*config, "tools")));
  if (tools.empty()) return {};
  body["tools"] = std::move(tools);
  const Json* choice = json::find(*config, "toolChoice");
  if (choice == nullptr) return {};
  if (const auto name = json::find_string(*choice, "tool", "name")) {
    body["tool_choice"] =
        JsonObject{{"type", "function"}, {"function", JsonObject{{"name", *name}}}};
  } else {
    body["tool_choice"] = json::find(*choice, "any") != nullptr ? "required" : "auto";
  }
  return {};
}

void add_inference(JsonObject& body, const Json& input) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> names{{
      {"maxTokens", "max_tokens"},
      {"temperature", "temperature"},
      {"topP", "top_p"},
      {"stopSequences", "stop"},
  }};
  for (const auto& [ours, theirs] : names) {
    const Json* value = json::find(input, "inferenceConfig", ours);
    const auto* list = value == nullptr ? nullptr : value->if_array();
    if (value == nullptr || (list != nullptr && list->empty())) continue;
    body[theirs] = *value;
  }
}

Result<void> add_output_config(JsonObject& body, const Json& input) {
  if (const auto effort = json::find_string(input, "outputConfig", "effort")) {
    body["reasoning_effort"] = *effort;
  }
  const Json* wanted = json::find(input, "outputConfig", "textFormat", "structure", "jsonSchema");
  if (wanted == nullptr) return {};
  const auto schema = json::parse(*json::find_string(*wanted, "schema"));
  if (!schema || !schema->is_object()) {
    return wrong_at("outputConfig.textFormat.structure.jsonSchema.schema",
                    "expected the text of a JSON object");
  }
  JsonObject format{{"name", json::find_string(*wanted, "name").value_or("answer")},
                    {"schema", *schema},
                    {"strict", true}};
  if (const auto text = json::find_string(*wanted, "description")) format["description"] = *text;
  body["response_format"] = JsonObject{{"type", "json_schema"}, {"json_schema", std::move(format)}};
  return {};
}

Result<void> add_further(JsonObject& body, const Json& input) {
  const Json* fields = json::find(input, "additionalModelRequestFields");
  if (fields == nullptr || fields->is_null()) return {};
  if (!fields->is_object()) return wrong_at("additionalModelRequestFields", "expected an object");
  for (const auto& [name, value] : fields->get_object()) {
    if (std::ranges::find(own_members, std::string_view{name}) != own_members.end()) {
      return wrong_at("additionalModelRequestFields." + std::string{name},
                      "this field is set from the request's own members");
    }
    body[name] = value;
  }
  // The newer name of the same bound; endpoints refuse the two together.
  if (body.contains("max_completion_tokens")) body.erase("max_tokens");
  return {};
}

}  // namespace

std::unexpected<Error> wrong_at(const std::string& path, std::string_view message) {
  auto error = fail(Code::invalid, path + ": " + std::string{message});
  error.error().name = "ValidationException";
  error.error().fields.push_back({path, std::string{message}});
  return error;
}

bool adapt_question(Json& question, std::string_view message) {
  auto& body = question.get_object();
  if (const Json* bound = body.if_contains("max_tokens");
      bound != nullptr && message.contains("max_completion_tokens")) {
    body["max_completion_tokens"] = *bound;
    body.erase("max_tokens");
    return true;
  }
  return message.contains("stream_options") && body.erase("stream_options") > 0;
}

Result<Json> chat_request(const Json& input, std::string_view model, Delivery delivery) {
  for (const auto& [member, message] : refused_members) {
    if (json::find(input, member) != nullptr) return wrong_at(std::string{member}, message);
  }
  JsonObject body{{"model", model}};
  TRY(body["messages"], all_messages(input));
  TRY_DO(add_tools(body, input));
  add_inference(body, input);
  TRY_DO(add_output_config(body, input));
  TRY_DO(add_further(body, input));
  if (delivery == Delivery::streamed) {
    body["stream"] = true;
    body["stream_options"] = JsonObject{{"include_usage", true}};
  }
  return Json(std::move(body));
}

}  // namespace toolgate::services::bedrock_runtime
