// A function's code on its way in: from the request or from S3, checked by unpacking it, kept.
#pragma once

#include <string>

#include "aws/call.h"
#include "base/result.h"
#include "base/task.h"
#include "net/worker.h"
#include "services/lambda/service.h"

namespace toolgate::services::lambda {

struct Package {
  std::string digest;  // "sha256:<64 hex>"
  std::string sha256;  // in base64, as Lambda shows it
  std::int64_t bytes = 0;
  std::string archive;  // not kept yet
};

// The archive that `given` (FunctionCode, or the input of UpdateFunctionCode) names, unpacked for
// the runner. Fails with InvalidParameterValueException in Lambda's words.
Task<Result<Package>> take_code(Lambda& lambda, const aws::Call& call, const Json& given,
                                net::Worker& worker);
// Keeps it as a blob, which the batch of its document keeps.
Task<Result<store::BlobId>> keep_code(Lambda& lambda, const Package& code);

}  // namespace toolgate::services::lambda
