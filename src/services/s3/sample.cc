#include "services/s3/sample.h"

#include "crypto/digests.h"
#include "crypto/hash.h"
#include "services/s3/object_answer.h"

namespace toolgate::services::s3 {
namespace {

constexpr std::string_view sample_bucket = "amazonbedrockagentcore-built-sampleschemas455e0815-";
constexpr std::string_view sample_key = "dynamodb-smithy.json";
// When AgentCore Gateway came with it; the file itself carries no time.
constexpr double sample_modified = 1'752'624'000;

Json sample_object() {
  RunningChecks checks{{default_algorithm}};
  checks.add(sample_text());
  return JsonObject{
      {"etag", crypto::hex(checks.take_md5())},
      {"size", whole(sample_text().size())},
      {"modified", sample_modified},
      {"members", JsonObject{{"ContentType", "application/json"}}},
      {"checks", JsonObject{{name_of(default_algorithm), checks.take().at(default_algorithm)}}},
      {"check_type", "FULL_OBJECT"}};
}

}  // namespace

bool is_sample_bucket(std::string_view bucket) { return bucket.starts_with(sample_bucket); }

bool is_public(const aws::Call& call) {
  return call.service == "s3" &&
         (call.operation == "GetObject" || call.operation == "HeadObject") &&
         is_sample_bucket(aws::text_if(call, "Bucket").value_or(""));
}

Result<aws::Answer> sample_answer(const aws::Call& call) {
  const auto key = aws::text(call, "Key");
  if (key != sample_key) return no_such_key(key);
  static const Json object = sample_object();
  TRY(auto answer, read_answer(call, object, {{.blob = {}, .size = sample_text().size()}}));
  if (answer.answer.status == 304) return std::move(answer.answer);
  if (call.operation == "HeadObject") {
    answer.answer.body = no_bytes();
  } else {
    answer.answer.body = std::string{sample_text().substr(answer.extent.first, answer.extent.size)};
  }
  return std::move(answer.answer);
}

}  // namespace toolgate::services::s3
