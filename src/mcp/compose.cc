// The messages we write: known members around bytes that are passed on as they are.
#include "json/json.h"
#include "mcp/message.h"

namespace toolgate::mcp {
namespace {

// The braces, quotes and names around the parts of any message below.
constexpr std::size_t frame_bytes = 96;

std::string begin(std::string_view raw_id, std::size_t body_bytes) {
  std::string out;
  out.reserve(frame_bytes + raw_id.size() + body_bytes);
  out += R"({"jsonrpc":"2.0")";
  if (!raw_id.empty()) {
    out += R"(,"id":)";
    out += raw_id;
  }
  return out;
}

}  // namespace

std::string result_message(std::string_view raw_id, std::string_view raw_result) {
  std::string out = begin(raw_id, raw_result.size());
  out += R"(,"result":)";
  out += raw_result;
  out += '}';
  return out;
}

std::string error_message(std::string_view raw_id, int code, std::string_view message,
                          std::string_view raw_data) {
  std::string out = begin(raw_id.empty() ? "null" : raw_id, message.size() + raw_data.size());
  out += R"(,"error":{"code":)";
  out += std::to_string(code);
  out += R"(,"message":)";
  json::quote_to(out, message);
  if (!raw_data.empty()) {
    out += R"(,"data":)";
    out += raw_data;
  }
  out += "}}";
  return out;
}

std::string request_message(std::string_view raw_id, std::string_view method,
                            std::string_view raw_params) {
  std::string out = begin(raw_id, method.size() + raw_params.size());
  out += R"(,"method":)";
  json::quote_to(out, method);
  if (!raw_params.empty()) {
    out += R"(,"params":)";
    out += raw_params;
  }
  out += '}';
  return out;
}

std::string tool_call_message(std::string_view raw_id, std::string_view name,
                              std::string_view raw_arguments, std::string_view raw_meta) {
  std::string out = begin(raw_id, name.size() + raw_arguments.size() + raw_meta.size());
  out += R"(,"method":"tools/call","params":{"name":)";
  json::quote_to(out, name);
  out += R"(,"arguments":)";
  out += raw_arguments.empty() ? "{}" : raw_arguments;
  if (!raw_meta.empty()) {
    out += R"(,"_meta":)";
    out += raw_meta;
  }
  out += "}}";
  return out;
}

std::string tool_error_result(std::string_view text) {
  std::string out;
  out.reserve(frame_bytes + text.size());
  out += R"({"content":[{"type":"text","text":)";
  json::quote_to(out, text);
  out += R"(}],"isError":true})";
  return out;
}

}  // namespace toolgate::mcp
