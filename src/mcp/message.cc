#include "mcp/message.h"

#include <utility>

#include <fmt/format.h>

#include "json/scan.h"

namespace toolgate::mcp {
namespace {

using json::Scanner;
using json::Text;

// The first thing wrong with a message that is JSON as such.
class Fault {
 public:
  void note(std::string text) {
    if (text_.empty()) text_ = std::move(text);
  }
  // True when `seen` was set before; a member that is read twice can be read in two ways.
  bool again(bool& seen, std::string_view name) {
    if (seen) note(fmt::format("the member '{}' stands there twice", name));
    return std::exchange(seen, true);
  }
  explicit operator bool() const { return !text_.empty(); }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::unexpected<Error> refuse(std::string_view name, std::string message) {
  return std::unexpected(Error{.code = Code::invalid,
                               .message = std::move(message),
                               .detail = {},
                               .name = std::string{name},
                               .fields = {}});
}

// A member's name to compare with: most have no escapes and need no copy.
std::string_view plain(Text key, std::string& scratch) {
  if (!key.escaped) return key.raw;
  scratch = json::unescape(key, json::Surrogates::replace).value_or(std::string{});
  return scratch;
}

// A string's value; nothing, and the value skipped, when it is of another type.
std::optional<std::string> read_string(Scanner& scan, Fault& fault, std::string_view name) {
  if (scan.peek() != '"') {
    std::string_view ignored;
    scan.skip(ignored);
    return std::nullopt;
  }
  Text text;
  if (!scan.string(text)) return std::nullopt;
  auto value = json::unescape(text);
  if (!value) fault.note(fmt::format("the text of '{}' has half of a surrogate pair", name));
  return value;
}

void read_meta(Scanner& scan, Message& message, Fault& fault) {
  if (scan.peek() != '{') {
    std::string_view ignored;
    scan.skip(ignored);
    return;
  }
  constexpr std::string_view version = "io.modelcontextprotocol/protocolVersion";
  const char* const start = scan.position();
  bool seen = false;
  Text key;
  std::string_view ignored;
  scan.enter('{');
  while (scan.next_member(key)) {
    if (json::equals(key, version)) {
      fault.again(seen, version);
      message.meta_protocol_version = read_string(scan, fault, version);
    } else {
      scan.skip(ignored);
    }
  }
  message.meta = {start, static_cast<std::size_t>(scan.passed() - start)};
}

struct ParamsSeen {
  bool name = false, uri = false, cursor = false, version = false, arguments = false, meta = false;
};

void read_params(Scanner& scan, Message& message, Fault& fault) {
  std::string_view value;
  if (scan.peek() != '{') {
    // Some clients write null for what they leave out.
    if (scan.skip(value) && value != "null") fault.note("'params' must be an object");
    return;
  }
  const char* const start = scan.position();
  ParamsSeen seen;
  Text raw_key;
  std::string scratch;
  scan.enter('{');
  while (scan.next_member(raw_key)) {
    const std::string_view key = plain(raw_key, scratch);
    if (key == "name") {
      fault.again(seen.name, key);
      message.name = read_string(scan, fault, key);
    } else if (key == "arguments") {
      fault.again(seen.arguments, key);
      if (scan.skip(value)) message.arguments = value;
    } else if (key == "_meta") {
      fault.again(seen.meta, key);
      read_meta(scan, message, fault);
    } else if (key == "uri") {
      fault.again(seen.uri, key);
      message.uri = read_string(scan, fault, key);
    } else if (key == "cursor") {
      fault.again(seen.cursor, key);
      message.cursor = read_string(scan, fault, key);
    } else if (key == "protocolVersion") {
      fault.again(seen.version, key);
      message.protocol_version = read_string(scan, fault, key);
    } else {
      scan.skip(value);
    }
  }
  message.params = {start, static_cast<std::size_t>(scan.passed() - start)};
}

struct EnvelopeSeen {
  bool jsonrpc = false, id = false, method = false, params = false, result = false, error = false;
};

void read_envelope(Scanner& scan, Message& message, EnvelopeSeen& seen, Fault& fault) {
  std::string_view value;
  Text raw_key;
  std::string scratch;
  scan.enter('{');
  while (scan.next_member(raw_key)) {
    const std::string_view key = plain(raw_key, scratch);
    if (key == "jsonrpc") {
      fault.again(seen.jsonrpc, key);
      if (read_string(scan, fault, key) != "2.0") fault.note("'jsonrpc' must be \"2.0\"");
    } else if (key == "id") {
      fault.again(seen.id, key);
      if (scan.skip(value)) message.id = value;
    } else if (key == "method") {
      fault.again(seen.method, key);
      auto method = read_string(scan, fault, key);
      if (!method) fault.note("'method' must be a string");
      message.method = std::move(method).value_or(std::string{});
    } else if (key == "params") {
      fault.again(seen.params, key);
      read_params(scan, message, fault);
    } else if (key == "result") {
      fault.again(seen.result, key);
      scan.skip(value);
    } else if (key == "error") {
      fault.again(seen.error, key);
      scan.skip(value);
    } else {
      scan.skip(value);
    }
  }
}

// A string or an integer (MCP 2025-11-25, Base protocol, Requests).
bool is_id(std::string_view raw) {
  return raw.starts_with('"') || (!raw.empty() && raw.find_first_not_of("-0123456789") == raw.npos);
}

void judge(Message& message, const EnvelopeSeen& seen, Fault& fault) {
  if (!seen.jsonrpc) fault.note("'jsonrpc' is missing: expected \"2.0\"");
  const bool answers = seen.result || seen.error;
  if (seen.method && answers) fault.note("both a method and an answer");
  if (seen.result && seen.error) fault.note("both a result and an error");
  if (!seen.method && !answers) fault.note("'method' is missing");
  if (seen.id && !is_id(message.id) && !(seen.error && message.id == "null")) {
    fault.note("'id' must be a string or an integer");
  }
  if (answers && !seen.id) fault.note("an answer without 'id'");
  message.kind = answers   ? Message::Kind::response
                 : seen.id ? Message::Kind::request
                           : Message::Kind::notification;
}

}  // namespace

Result<Message> parse_message(std::string_view bytes, std::string& id_of_failure) {
  id_of_failure = "null";
  Result<Message> parsed;
  Message& message = *parsed;
  EnvelopeSeen seen;
  Fault fault;
  Scanner scan{bytes};
  if (scan.peek() == '{') {
    read_envelope(scan, message, seen, fault);
  } else {
    std::string_view ignored;
    scan.skip(ignored);
    fault.note("a message must be an object");
  }
  if (!scan.finish()) return refuse("parse_error", "invalid JSON at " + scan.problem());
  if (!json::is_utf8(bytes)) return refuse("parse_error", "invalid JSON: the text is not UTF-8");
  judge(message, seen, fault);
  if (fault) {
    if (is_id(message.id)) id_of_failure = message.id;
    return refuse("invalid_request", "invalid request: " + fault.text());
  }
  return parsed;
}

bool is_batch(std::string_view bytes) { return Scanner{bytes}.peek() == '['; }

Result<std::vector<std::string>> split_batch(std::string_view bytes, std::size_t count_max) {
  std::vector<std::string> messages;
  Scanner scan{bytes};
  std::string_view raw;
  scan.enter('[');
  while (scan.next_item()) {
    if (!scan.skip(raw)) break;
    if (messages.size() == count_max) {
      return refuse("invalid_request",
                    fmt::format("invalid request: a batch of more than {} messages", count_max));
    }
    messages.emplace_back(raw);
  }
  if (!scan.finish()) return refuse("parse_error", "invalid JSON at " + scan.problem());
  if (messages.empty()) return refuse("invalid_request", "invalid request: an empty batch");
  return messages;
}

bool is_json(std::string_view bytes) {
  Scanner scan{bytes};
  std::string_view raw;
  return scan.skip(raw) && scan.finish() && json::is_utf8(bytes);
}

}  // namespace toolgate::mcp
