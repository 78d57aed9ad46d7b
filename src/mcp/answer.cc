// Reads what a server answered.
#include <charconv>

#include <fmt/format.h>

#include "json/scan.h"
#include "mcp/message.h"
#include "mcp/protocol.h"

namespace toolgate::mcp {
namespace {

using json::Scanner;
using json::Text;

struct Members {
  std::string_view jsonrpc, id, method, result, error;
  std::string_view twice;  // the name of a member that stands there twice

  std::string_view* find(Text key) {
    if (json::equals(key, "jsonrpc")) return &jsonrpc;
    if (json::equals(key, "id")) return &id;
    if (json::equals(key, "method")) return &method;
    if (json::equals(key, "result")) return &result;
    if (json::equals(key, "error")) return &error;
    return nullptr;
  }
};

std::unexpected<Error> refuse(std::string_view why) {
  return fail(Code::upstream, fmt::format("the server's answer is no JSON-RPC response: {}", why));
}

void read_members(Scanner& scan, Members& members) {
  Text key;
  std::string_view value;
  if (!scan.enter('{')) return;
  while (scan.next_member(key)) {
    if (!scan.skip(value)) return;
    std::string_view* const member = members.find(key);
    if (member == nullptr) continue;
    if (member->data() != nullptr) members.twice = key.raw;
    *member = value;
  }
}

// `raw` has been checked to be an object. Servers exist that leave out the code or the message.
void read_error(std::string_view raw, Answer& answer) {
  answer.is_error = true;
  answer.error_code = internal_error;
  Scanner scan{raw};
  Text key;
  std::string_view value;
  scan.enter('{');
  while (scan.next_member(key)) {
    if (json::equals(key, "message") && scan.peek() == '"') {
      Text text;
      scan.string(text);
      answer.error_message = *json::unescape(text, json::Surrogates::replace);
      continue;
    }
    scan.skip(value);
    if (json::equals(key, "code")) {
      std::int64_t code = 0;
      const char* const end = value.data() + value.size();
      const auto [at, error] = std::from_chars(value.data(), end, code);
      if (error == std::errc{} && at == end) answer.error_code = code;
    } else if (json::equals(key, "data")) {
      answer.error_data = value;
    }
  }
}

}  // namespace

Result<std::optional<Answer>> parse_answer(std::string_view bytes) {
  Members members;
  Scanner scan{bytes};
  read_members(scan, members);
  if (!scan.finish()) return refuse("invalid JSON at " + scan.problem());
  if (!json::is_utf8(bytes)) return refuse("the text is not UTF-8");
  if (members.twice.data() != nullptr) {
    return refuse(fmt::format("the member '{}' stands there twice", members.twice));
  }
  const auto version = json::as_text(members.jsonrpc);
  if (!version || !json::equals(*version, "2.0")) return refuse("'jsonrpc' must be \"2.0\"");

  // null beside the other member is JSON-RPC 1.0's way to leave it out.
  if (members.error == "null" && !members.result.empty()) members.error = {};
  if (members.result == "null" && !members.error.empty()) members.result = {};
  if (!members.method.empty()) {
    if (!members.result.empty() || !members.error.empty()) {
      return refuse("both a method and an answer");
    }
    if (!members.method.starts_with('"')) return refuse("'method' must be a string");
    return std::optional<Answer>{};
  }
  if (members.result.empty() == members.error.empty()) {
    return refuse("expected either a result or an error");
  }
  Answer answer;
  answer.id = members.id.empty() ? "null" : members.id;
  if (answer.id.starts_with('{') || answer.id.starts_with('[')) {
    return refuse("'id' must be a string or a number");
  }
  answer.result = members.result;
  if (!members.error.empty()) {
    if (!members.error.starts_with('{')) return refuse("'error' must be an object");
    read_error(members.error, answer);
  } else if (answer.id == "null") {
    return refuse("a result without 'id'");
  }
  return std::optional{std::move(answer)};
}

}  // namespace toolgate::mcp
