// Amazon Bedrock Runtime: Converse and ConverseStream, answered by a chat-completions endpoint or,
// without one, by a stand-in that is no language model.
#pragma once

#include "aws/service.h"
#include "base/offload.h"
#include "services/bedrock_runtime/model_source.h"

namespace toolgate::services::bedrock_runtime {

// What the operations work with.
struct BedrockRuntime {
  Offload& offload;  // outlives it; the stand-in thinks there
  ModelSource source;
};

// `runtime` outlives the table.
[[nodiscard]] aws::Service table(BedrockRuntime& runtime);

Task<Result<aws::Answer>> converse(BedrockRuntime&, aws::Call&, net::Worker&);
Task<Result<aws::Answer>> converse_stream(BedrockRuntime&, aws::Call&, net::Worker&);

}  // namespace toolgate::services::bedrock_runtime
