// The JSON-RPC 2.0 envelope: read on demand without building a document, written by splicing bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace toolgate::mcp {

// One message from a client, as slices of its bytes ("raw" = JSON text as received).
struct Message {
  enum class Kind : unsigned char { request, notification, response };
  Kind kind = Kind::request;
  std::string_view id;      // raw: a string or a number; empty for a notification
  std::string method;       // unescaped; empty for a response
  std::string_view params;  // raw object, or empty

  // Members of params that routing needs, picked up on the same walk. Unescaped.
  std::optional<std::string> name;              // tools/call, prompts/get
  std::optional<std::string> uri;               // resources/read
  std::optional<std::string> cursor;            // */list
  std::optional<std::string> protocol_version;  // initialize
  std::optional<std::string>
      meta_protocol_version;   // _meta["io.modelcontextprotocol/protocolVersion"]
  std::string_view arguments;  // raw; empty when absent
  std::string_view meta;       // raw _meta object; empty when absent
};

// Reads one message. `bytes` must be followed by limits::json_padding_bytes readable bytes and must
// outlive the answer. All keys of the envelope and of params are walked, and every value is checked
// to be well-formed JSON to its end (depth ≤ limits::json_depth_max); duplicates of jsonrpc,
// method, id, params, name, arguments and _meta are refused, so that nothing can be smuggled past
// us. Fails with Code::invalid; Error::name is "parse_error" or "invalid_request", and
// `id_of_failure` holds the raw id if one could be read, else "null".
[[nodiscard]] Result<Message> parse_message(std::string_view bytes, std::string& id_of_failure);

// A body that begins with '[': the raw messages in it (at most `count_max`, else Code::invalid).
[[nodiscard]] bool is_batch(std::string_view bytes);
[[nodiscard]] Result<std::vector<std::string>> split_batch(std::string_view bytes,
                                                           std::size_t count_max);

// {"jsonrpc":"2.0","id":<id>,"result":<result>}
[[nodiscard]] std::string result_message(std::string_view raw_id, std::string_view raw_result);
// {"jsonrpc":"2.0","id":<id>,"error":{"code":…,"message":…[,"data":<data>]}}
[[nodiscard]] std::string error_message(std::string_view raw_id, int code, std::string_view message,
                                        std::string_view raw_data = {});
// {"jsonrpc":"2.0","id":<id>,"method":…[,"params":<params>]}; without id: a notification.
[[nodiscard]] std::string request_message(std::string_view raw_id, std::string_view method,
                                          std::string_view raw_params = {});
// The same with params {"name":…,"arguments":…[,"_meta":…]}
[[nodiscard]] std::string tool_call_message(std::string_view raw_id, std::string_view name,
                                            std::string_view raw_arguments,
                                            std::string_view raw_meta = {});
// {"content":[{"type":"text","text":…}],"isError":true}
[[nodiscard]] std::string tool_error_result(std::string_view text);

// What a server answered, as slices of its bytes.
struct Answer {
  std::string_view id;      // raw; "null" when the error has none
  std::string_view result;  // raw; or empty
  bool is_error = false;
  std::int64_t error_code = 0;
  std::string error_message;
  std::string_view error_data;  // raw, or empty
};
// Reads one response and checks that every byte of it is well-formed JSON, so that it may be
// spliced. `bytes` padded as above. Fails with Code::upstream: no JSON, no JSON-RPC response. Gives
// nothing for a well-formed request or notification (streams carry those too).
[[nodiscard]] Result<std::optional<Answer>> parse_answer(std::string_view bytes);

// Checks that `bytes` (padded) are one whole JSON value, without reading it into anything.
[[nodiscard]] bool is_json(std::string_view bytes);

}  // namespace toolgate::mcp
