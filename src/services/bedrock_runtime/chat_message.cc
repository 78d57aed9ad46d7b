// A message of Converse as messages of a chat-completions endpoint.
#include <array>

#include <fmt/format.h>

#include "crypto/hash.h"
#include "services/bedrock_runtime/chat_request.h"

namespace toolgate::services::bedrock_runtime {
namespace {

constexpr std::string_view no_s3 = "an s3Location cannot be read; send the bytes";

void join_to(std::string& text, std::string_view more) {
  if (!text.empty() && !more.empty()) text += '\n';
  text += more;
}

Json text_part(std::string_view text) { return JsonObject{{"type", "text"}, {"text", text}}; }

// "data:image/png;base64,…": the contract keeps blobs as base64 already.
Result<Json> image_part(const Json& image, const std::string& path) {
  const auto bytes = json::find_string(image, "source", "bytes");
  if (!bytes) return wrong_at(path + ".source", no_s3);
  const auto url =
      fmt::format("data:image/{};base64,{}", *json::find_string(image, "format"), *bytes);
  return Json(JsonObject{{"type", "image_url"}, {"image_url", JsonObject{{"url", url}}}});
}

Result<Json> audio_part(const Json& audio, const std::string& path) {
  const auto format = *json::find_string(audio, "format");
  if (format != "wav" && format != "mp3") {
    return wrong_at(path + ".format", "expected wav or mp3: endpoints take no other");
  }
  const auto bytes = json::find_string(audio, "source", "bytes");
  if (!bytes) return wrong_at(path + ".source", no_s3);
  return Json(JsonObject{{"type", "input_audio"},
                         {"input_audio", JsonObject{{"data", *bytes}, {"format", format}}}});
}

// What a document says, when its format is text.
Result<std::string> document_text(const Json& document, std::string_view format,
                                  const std::string& path) {
  if (const auto text = json::find_string(document, "source", "text")) return std::string{*text};
  if (const auto* blocks = json::find_array(document, "source", "content")) {
    std::string text;
    for (const auto& block : *blocks) {
      join_to(text, json::find_string(block, "text").value_or(""));
    }
    return text;
  }
  const auto bytes = json::find_string(document, "source", "bytes");
  if (!bytes) return wrong_at(path + ".source", no_s3);
  constexpr std::array<std::string_view, 5> texts{"", "txt", "md", "csv", "html"};
  if (std::ranges::find(texts, format) == texts.end()) {
    return wrong_at(path + ".format", "expected pdf, txt, md, csv or html: others cannot be read");
  }
  return crypto::from_base64(*bytes);
}

Result<Json> document_part(const Json& document, const std::string& path) {
  const auto format = json::find_string(document, "format").value_or("");
  const auto name = *json::find_string(document, "name");
  if (format == "pdf") {
    const auto bytes = json::find_string(document, "source", "bytes");
    if (!bytes) return wrong_at(path + ".source", no_s3);
    const auto data = fmt::format("data:application/pdf;base64,{}", *bytes);
    JsonObject file{{"filename", fmt::format("{}.pdf", name)}, {"file_data", data}};
    return Json(JsonObject{{"type", "file"}, {"file", std::move(file)}});
  }
  TRY(const auto text, document_text(document, format, path));
  return text_part(fmt::format("Document {}:\n{}", name, text));
}

std::string found_text(const Json& result) {
  auto text = fmt::format("{} ({})", *json::find_string(result, "title"),
                          *json::find_string(result, "source"));
  for (const auto& block : *json::find_array(result, "content")) {
    join_to(text, json::find_string(block, "text").value_or(""));
  }
  return text;
}

// One part of a message; null for a block that says nothing to the model.
Result<Json> part_of(const Json& block, const std::string& path) {
  if (const auto text = json::find_string(block, "text")) return text_part(*text);
  if (const Json* json = json::find(block, "json")) return text_part(json::print(*json));
  if (const Json* image = json::find(block, "image")) return image_part(*image, path + ".image");
  if (const Json* audio = json::find(block, "audio")) return audio_part(*audio, path + ".audio");
  if (const Json* document = json::find(block, "document")) {
    return document_part(*document, path + ".document");
  }
  if (const Json* result = json::find(block, "searchResult")) {
    return text_part(found_text(*result));
  }
  if (const auto text = json::find_string(block, "guardContent", "text", "text")) {
    return text_part(*text);
  }
  if (const Json* image = json::find(block, "guardContent", "image")) {
    return image_part(*image, path + ".guardContent.image");
  }
  if (json::find(block, "cachePoint") != nullptr) return Json(nullptr);
  const auto* object = block.if_object();
  const std::string kind =
      object == nullptr || object->empty() ? "content" : std::string{object->begin()->key()};
  return wrong_at(path + "." + kind, "a chat-completions endpoint has no place for it here");
}

// A tool's result is text; what else is in it goes into `others`, for the next user message.
Result<Json> tool_message(const Json& result, const std::string& path, JsonArray& others) {
  std::string text;
  const auto& blocks = *json::find_array(result, "content");
  const auto id = *json::find_string(result, "toolUseId");
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    TRY(auto part, part_of(blocks[i], fmt::format("{}.content[{}]", path, i)));
    if (const auto more = json::find_string(part, "text")) {
      join_to(text, *more);
    } else if (part.is_object()) {
      others.push_back(text_part(fmt::format("From the result of tool call {}:", id)));
      others.push_back(std::move(part));
    }
  }
  // The endpoint's messages cannot say that a call failed.
  if (json::find_string(result, "status") == "error") text.insert(0, "Error: ");
  return Json(JsonObject{{"role", "tool"}, {"tool_call_id", id}, {"content", text}});
}

// Plain text where that is all: many endpoints read nothing else.
Json content_of(JsonArray parts) {
  std::string text;
  for (const auto& part : parts) {
    const auto more = json::find_string(part, "text");
    if (!more) return Json(std::move(parts));
    join_to(text, *more);
  }
  return Json(text);
}

Result<void> add_user(JsonArray& messages, std::string_view role, const JsonArray& blocks,
                      const std::string& path) {
  JsonArray parts;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto at = fmt::format("{}.content[{}]", path, i);
    if (const Json* result = json::find(blocks[i], "toolResult")) {
      TRY(auto message, tool_message(*result, at + ".toolResult", parts));
      messages.push_back(std::move(message));
      continue;
    }
    TRY(auto part, part_of(blocks[i], at));
    if (!part.is_null()) parts.push_back(std::move(part));
  }
  if (!parts.empty()) {
    messages.push_back(JsonObject{{"role", role}, {"content", content_of(std::move(parts))}});
  }
  return {};
}

// What the model said itself, in whatever kind of block.
Result<std::string> said_text(const Json& block, const std::string& path) {
  if (const auto* cited = json::find_array(block, "citationsContent", "content")) {
    std::string text;
    for (const auto& piece : *cited) text += json::find_string(piece, "text").value_or("");
    return text;
  }
  // Endpoints have no place for a model's earlier thoughts, and do not need them.
  if (json::find(block, "reasoningContent") != nullptr) return std::string{};
  TRY(const auto part, part_of(block, path));
  if (part.is_null()) return std::string{};
  const auto text = json::find_string(part, "text");
  if (!text) return wrong_at(path, "expected text or toolUse in a message of the assistant");
  return std::string{*text};
}

Result<void> add_assistant(JsonArray& messages, const JsonArray& blocks, const std::string& path) {
  std::string text;
  JsonArray calls;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (const Json* use = json::find(blocks[i], "toolUse")) {
      JsonObject function{{"name", *json::find_string(*use, "name")},
                          {"arguments", json::print(*json::find(*use, "input"))}};
      calls.push_back(JsonObject{{"id", *json::find_string(*use, "toolUseId")},
                                 {"type", "function"},
                                 {"function", std::move(function)}});
      continue;
    }
    TRY(const auto more, said_text(blocks[i], fmt::format("{}.content[{}]", path, i)));
    join_to(text, more);
  }
  if (text.empty() && calls.empty()) return {};
  JsonObject message{{"role", "assistant"}, {"content", nullptr}};
  if (!text.empty()) message["content"] = text;
  if (!calls.empty()) message["tool_calls"] = std::move(calls);
  messages.push_back(std::move(message));
  return {};
}

}  // namespace

Result<void> add_message(JsonArray& messages, const Json& message, const std::string& path) {
  const auto role = *json::find_string(message, "role");
  const auto& blocks = *json::find_array(message, "content");
  if (role == "assistant") return add_assistant(messages, blocks, path);
  return add_user(messages, role, blocks, path);
}

}  // namespace toolgate::services::bedrock_runtime
