#include "targets/lambda/answer.h"

#include <optional>

#include "base/log.h"
#include "json/scan.h"

namespace toolgate::targets::lambda {
namespace {

using json::Scanner;
using json::Text;

// The raw value of a member of an object; nothing when there is none. Of two the last one counts.
std::optional<std::string_view> member(std::string_view object, std::string_view name) {
  std::optional<std::string_view> found;
  Scanner scan{object};
  Text key;
  std::string_view value;
  if (!scan.enter('{')) return found;
  while (scan.next_member(key) && scan.skip(value)) {
    if (json::equals(key, name)) found = value;
  }
  return scan.failed() ? std::nullopt : found;
}

bool has_text(std::string_view object, std::string_view name) {
  const auto value = member(object, name);
  return value && value->starts_with('"');
}

bool is_block(std::string_view block) {
  if (!block.starts_with('{')) return false;
  const auto type = member(block, "type").and_then(json::as_text);
  if (!type) return false;
  if (json::equals(*type, "text")) return has_text(block, "text");
  if (json::equals(*type, "image") || json::equals(*type, "audio")) {
    return has_text(block, "data") && has_text(block, "mimeType");
  }
  if (json::equals(*type, "resource_link")) {
    return has_text(block, "uri") && has_text(block, "name");
  }
  if (!json::equals(*type, "resource")) return false;
  const auto resource = member(block, "resource");
  return resource && has_text(*resource, "uri") &&
         (has_text(*resource, "text") || has_text(*resource, "blob"));
}

bool are_blocks(std::string_view content) {
  Scanner scan{content};
  std::string_view block;
  if (!scan.enter('[')) return false;
  while (scan.next_item()) {
    if (!scan.skip(block) || !is_block(block)) return false;
  }
  return !scan.failed();
}

bool fits(const json::Schema& schema, std::string_view payload) {
  const auto errors = schema.check(payload);
  if (errors.empty()) return true;
  log::warn("lambda: an answer does not fit the tool's outputSchema: {}", errors.front().message);
  return false;
}

}  // namespace

bool is_tool_result(std::string_view payload) {
  Scanner scan{payload};
  if (scan.peek() != '{') return false;
  Text key;
  std::string_view value;
  bool content = false;
  scan.enter('{');
  while (scan.next_member(key)) {
    if (!scan.skip(value)) return false;
    if (json::equals(key, "content")) {
      content = are_blocks(value);
      if (!content) return false;
    } else if (json::equals(key, "isError")) {
      if (value != "true" && value != "false") return false;
    } else if (json::equals(key, "structuredContent") || json::equals(key, "_meta")) {
      if (!value.starts_with('{')) return false;
    } else {
      return false;
    }
  }
  return content && scan.finish();
}

Outcome outcome_of(std::string_view payload, std::shared_ptr<const std::string> buffer,
                   const json::Schema* output) {
  Outcome outcome;
  if (json::is_utf8(payload) && is_tool_result(payload)) {
    outcome.result = payload;
    outcome.buffer = std::move(buffer);
    return outcome;
  }
  std::string result = R"({"content":[{"type":"text","text":)";
  json::quote_to(result, payload);
  result += R"(}],)";
  const bool object = output != nullptr && json::is_utf8(payload) && Scanner{payload}.peek() == '{';
  if (object && fits(*output, payload)) {
    result += R"("structuredContent":)";
    result += payload;
    result += ',';
  }
  result += R"("isError":false})";
  auto made = std::make_shared<const std::string>(std::move(result));
  outcome.result = *made;
  outcome.buffer = std::move(made);
  return outcome;
}

}  // namespace toolgate::targets::lambda
