// The operations of the service.
#include "services/bedrock_runtime/service.h"

namespace toolgate::services::bedrock_runtime {

aws::Service table(BedrockRuntime& runtime) {
  return {"bedrock-runtime",
          {aws::row(runtime, "Converse", converse),
           aws::row(runtime, "ConverseStream", converse_stream)}};
}

}  // namespace toolgate::services::bedrock_runtime
