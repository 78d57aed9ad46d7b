// Messages of clients and answers of servers: whatever the bytes, what is accepted is JSON, and the
// slices that are passed on are JSON each.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "json/json.h"
#include "json/scan.h"
#include "json/tape.h"
#include "mcp/message.h"
#include "mcp/tools.h"

using namespace toolgate;

namespace {

void check_slice(std::string_view raw) { ASSERT(raw.empty() || mcp::is_json(raw)); }

void check_message(const std::string& bytes) {
  std::string id;
  const auto message = mcp::parse_message(bytes, id);
  ASSERT(mcp::is_json(id));
  if (!message) return;
  ASSERT(mcp::is_json(bytes));
  check_slice(message->id);
  check_slice(message->params);
  check_slice(message->arguments);
  check_slice(message->meta);
  if (message->name) {
    ASSERT(json::is_utf8(*message->name));
    const std::string call = mcp::tool_call_message(message->id.empty() ? "1" : message->id,
                                                    *message->name, message->arguments);
    const auto again = mcp::parse_message(call, id);
    // What we add can take it over the bound of depth, and nothing else can happen.
    ASSERT(!again || again->name == message->name);
  }
}

void check_answer(const std::string& bytes) {
  const auto answer = mcp::parse_answer(bytes);
  if (!answer || !*answer) return;
  check_slice((*answer)->id);
  check_slice((*answer)->result);
  check_slice((*answer)->error_data);
  ASSERT(mcp::is_json(mcp::error_message((*answer)->id, 1, (*answer)->error_message)));
}

void check_tools(const std::string& bytes) {
  const auto page = mcp::parse_tool_page(bytes);
  if (!page) return;
  for (const auto& tool : page->tools) {
    check_slice(tool.input_schema);
    ASSERT(mcp::is_json("{\"name\":" + json::quote(tool.name) + "," + tool.rest + "}"));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes{reinterpret_cast<const char*>(data), size};
  check_message(bytes);
  check_answer(bytes);
  check_tools(bytes);
  if (const auto batch = mcp::split_batch(bytes, 10)) {
    for (const auto& one : *batch) ASSERT(json::Tape{}.read(one));
  }
  // Three readers of the same grammar.
  json::Tape tape;
  ASSERT(mcp::is_json(bytes) == (json::is_utf8(bytes) && tape.read(bytes)));
  if (json::parse(bytes)) ASSERT(mcp::is_json(bytes));
  ASSERT(mcp::is_json(json::quote(bytes)));
  return 0;
}
