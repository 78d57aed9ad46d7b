// What a chat-completions endpoint answers, in Converse's words: pure functions. The failures are
// ready for the caller: Error::name is an exception of the contract.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "json/json.h"
#include "services/bedrock_runtime/reply.h"

namespace toolgate::services::bedrock_runtime {

// A whole answer of status 200. Fails with ModelErrorException for anything that is no answer.
[[nodiscard]] Result<Reply> read_chat_answer(std::string_view body);
[[nodiscard]] Result<Reply> read_chat_answer(const Json& answer);

// An answer of another status. The endpoint's own words stand in the message, cut.
[[nodiscard]] Error chat_error(int status, std::string_view body);
// An error in the middle of a stream: the member "error" of a chunk.
[[nodiscard]] Error chat_error(const Json& error);
// A failure of the connection (net::Client), under a name of the contract.
[[nodiscard]] Error connection_error(const Error& error);
[[nodiscard]] std::unexpected<Error> model_error(std::string message);

// "stop" → "end_turn". `choice` is the endpoint's, which may say more about the reason.
[[nodiscard]] std::string stop_reason_of(const Json& choice, std::string_view finish_reason,
                                         bool calls_tools);
[[nodiscard]] Usage usage_of(const Json& usage);
// The id where the contract allows it as a ToolUseId, else one of our own.
[[nodiscard]] std::string tool_use_id(std::string_view id);
// Reasoning as some endpoints show it; empty where there is none. Of a message or a delta.
[[nodiscard]] std::string_view reasoning_of(const Json& message);

}  // namespace toolgate::services::bedrock_runtime
