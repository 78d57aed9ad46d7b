// Answers without a language model, so that a script runs to its end on a machine that has none. It
// says what it is, lists the tools it was given, calls the one whose words fit the prompt best, and
// repeats what that one answered.
#pragma once

#include "base/result.h"
#include "json/json.h"
#include "services/bedrock_runtime/reply.h"

namespace toolgate::services::bedrock_runtime {

// `input` is a ConverseRequest that the contract found right. Fails with Code::invalid, naming the
// member, when there is nothing to answer.
[[nodiscard]] Result<Reply> stand_in_reply(const Json& input);

}  // namespace toolgate::services::bedrock_runtime
