// Asks a chat-completions endpoint: one request, through this thread's client and its address
// guard.
#pragma once

#include <string>

#include "base/result.h"
#include "base/task.h"
#include "json/json.h"
#include "net/client.h"
#include "services/bedrock_runtime/chat_request.h"
#include "services/bedrock_runtime/model_source.h"

namespace toolgate::services::bedrock_runtime {

// The answer of status 200, its body still to be read. Fails with an exception of the contract
// (chat_answer.h) for everything else. A question that the endpoint refuses for the name of a
// member is asked again under its other name.
Task<Result<net::ClientStream>> open_chat(const ModelSource& source, Json question,
                                          net::Worker& worker, int hops);

// The whole body. Fails as above; too_large after `bytes_max`.
Task<Result<std::string>> read_body(net::BodyReader& body, std::size_t bytes_max,
                                    Deadline deadline);

[[nodiscard]] bool is_event_stream(const net::ClientStream& answer);

// What --model-endpoint none answers.
[[nodiscard]] std::unexpected<Error> no_model();

}  // namespace toolgate::services::bedrock_runtime
