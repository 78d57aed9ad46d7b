// The public bucket of samples that every account may read: amazonbedrockagentcore-built-
// sampleschemas455e0815-… with dynamodb-smithy.json, the Smithy model of DynamoDB, which
// tools/smithy_sample.py makes of the service model when this is built.
#pragma once

#include <string_view>

#include "aws/call.h"

namespace toolgate::services::s3 {

[[nodiscard]] bool is_sample_bucket(std::string_view bucket);
// GetObject and HeadObject of it. Fails with NoSuchKey, PreconditionFailed, InvalidRange.
[[nodiscard]] Result<aws::Answer> sample_answer(const aws::Call& call);
// True for calls that everybody who is signed in may make.
[[nodiscard]] bool is_public(const aws::Call& call);

// The embedded file.
[[nodiscard]] std::string_view sample_text();

}  // namespace toolgate::services::s3
