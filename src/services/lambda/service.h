// AWS Lambda: functions, their versions, aliases, policies, and calls of them. What runs them is
// the room functions/. One file per family of operations, joined in table.cc.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/service.h"
#include "functions/documents.h"
#include "functions/events.h"
#include "functions/runner.h"
#include "runtimes/source.h"
#include "services/iam/authorizer.h"
#include "services/lambda/downloads.h"
#include "store/blobs.h"
#include "store/store.h"

namespace toolgate::services::lambda {

// What the operations work with. Everything outlives it.
struct Lambda {
  store::Store& store;
  store::Blobs& blobs;
  functions::Catalogue& catalogue;
  functions::Runner& runner;
  functions::Events& events;
  iam::Authorizer& authorizer;
  const runtimes::Source& source;  // reads archives from S3
  const Downloads& downloads;
};

// `lambda` outlives the table.
[[nodiscard]] aws::Service table(Lambda& lambda);

// The rows of one family each; table joins them.
void add_function_operations(Lambda& lambda, std::vector<aws::Operation>& rows);
void add_update_operations(Lambda& lambda, std::vector<aws::Operation>& rows);
void add_invoke_operation(Lambda& lambda, std::vector<aws::Operation>& rows);
void add_version_operations(Lambda& lambda, std::vector<aws::Operation>& rows);
void add_alias_operations(Lambda& lambda, std::vector<aws::Operation>& rows);
void add_policy_operations(Lambda& lambda, std::vector<aws::Operation>& rows);
void add_setting_operations(Lambda& lambda, std::vector<aws::Operation>& rows);

// The bounds of requests: archives come within them, in base64 ("Deployment package (.zip) size:
// 50 MB, when uploading through the Lambda API", Lambda quotas). One of a call's payload that is
// larger is read, to be refused in Lambda's words.
inline constexpr std::size_t zip_bytes_max = 52'428'800;
inline constexpr std::size_t request_bytes_max = 70'167'211;
inline constexpr std::size_t invoke_bytes_max = 2 * functions::payload_bytes_max;
// Of a request with that path; 0 when it is not Lambda's.
[[nodiscard]] std::size_t body_bytes_max(std::string_view path);

}  // namespace toolgate::services::lambda
