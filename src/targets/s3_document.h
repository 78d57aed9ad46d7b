// A document that a target's configuration keeps in S3 (`s3: {uri, bucketOwnerAccountId}`), read
// with the gateway's role.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "json/json.h"
#include "targets/target.h"

namespace toolgate::targets {

// "S3 schema 10 MB" (AWS quotas of AgentCore Gateway).
inline constexpr std::size_t s3_document_bytes_max = 10 * 1024 * 1024;

struct S3Place {
  std::string bucket;
  std::string key;    // not %-encoded
  std::string owner;  // the account that must own the bucket, or empty

  [[nodiscard]] std::string uri() const { return "s3://" + bucket + '/' + key; }
  // What the gateway's role must be allowed.
  [[nodiscard]] std::string arn() const { return "arn:aws:s3:::" + bucket + '/' + key; }
};
// Of the configuration's member `s3`. Fails with Code::invalid, naming the member.
[[nodiscard]] Result<S3Place> parse_s3_place(const Json& s3);

// For Target::permissions.
[[nodiscard]] Permission permission_to_read(const S3Place& place);

// The whole object. The message of a failure names the document and the step: Code::denied for what
// the role may not read, not_found, too_large, and what the client fails with.
Task<Result<std::string>> read_s3_document(S3Place place, std::string region, Discovery discovery,
                                           std::size_t bytes_max = s3_document_bytes_max);

}  // namespace toolgate::targets
