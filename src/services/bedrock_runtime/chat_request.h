// Converse's input in the words of a chat-completions endpoint (OpenAI's API reference, "Create
// chat completion"): pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "json/json.h"

namespace toolgate::services::bedrock_runtime {

enum class Delivery : std::uint8_t { whole, streamed };

// The question for `model`. `input` is a ConverseRequest that the contract found right. Fails with
// Code::invalid, naming the member, for what a chat-completions endpoint has no place for.
[[nodiscard]] Result<Json> chat_request(const Json& input, std::string_view model,
                                        Delivery delivery);

// Appends a message of Converse as one or more of the endpoint's: the results of tools come as
// messages of their own, first. `path` names it in errors ("messages[0]").
[[nodiscard]] Result<void> add_message(JsonArray& messages, const Json& message,
                                       const std::string& path);

// Changes a question that the endpoint refused with `message`, where that names a member that we
// chose and that only some endpoints know: the bound of tokens goes by two names, and not everyone
// counts tokens of streams. False when nothing is left to change.
[[nodiscard]] bool adapt_question(Json& question, std::string_view message);

// A failure at a member of the input.
[[nodiscard]] std::unexpected<Error> wrong_at(const std::string& path, std::string_view message);

}  // namespace toolgate::services::bedrock_runtime
