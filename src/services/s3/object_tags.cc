// PutObjectTagging, GetObjectTagging, DeleteObjectTagging.
#include "aws/writing.h"
#include "services/s3/documents.h"
#include "services/s3/write_object.h"
#include "store/optimistic.h"

namespace toolgate::services::s3 {
namespace {

constexpr std::size_t tags_max = 10;

Task<Result<void>> set_tags(S3& s3, const aws::Call& call, JsonArray tags) {
  CO_TRY(const auto bucket, co_await load_bucket(s3, call));
  CO_TRY(auto object, co_await load_named_object(s3, call));
  object.body.get_object()["tags"] = std::move(tags);
  store::Batch batch;
  write_back(batch, object);
  CO_TRY_DO(co_await s3.store.commit(std::move(batch)));
  co_return Result<void>{};
}

Task<Result<aws::Answer>> put_tagging(S3& s3, aws::Call& call, net::Worker&) {
  CO_TRY_DO(check_document(call));
  const auto* tags = json::find_array(call.input, "Tagging", "TagSet");
  ASSERT(tags != nullptr);
  CO_TRY_DO(check_tags(*tags, tags_max));
  CO_TRY_DO(co_await set_tags(s3, call, *tags));
  co_return aws::Answer{};
}

Task<Result<aws::Answer>> get_tagging(S3& s3, aws::Call& call, net::Worker&) {
  CO_TRY(const auto bucket, co_await load_bucket(s3, call));
  CO_TRY(const auto object, co_await load_named_object(s3, call));
  const auto* tags = json::find_array(object.body, "tags");
  co_return aws::Answer{.output = JsonObject{{"TagSet", tags == nullptr ? JsonArray{} : *tags}},
                        .body = {}};
}

Task<Result<aws::Answer>> delete_tagging(S3& s3, aws::Call& call, net::Worker&) {
  CO_TRY_DO(co_await set_tags(s3, call, {}));
  co_return aws::Answer{};
}

}  // namespace

void add_object_tag_operations(S3& s3, std::vector<aws::Operation>& rows) {
  using aws::row;
  using aws::writing_row;
  rows.push_back(writing_row(s3, "PutObjectTagging", put_tagging, busy));
  rows.push_back(row(s3, "GetObjectTagging", get_tagging));
  rows.push_back(writing_row(s3, "DeleteObjectTagging", delete_tagging, busy));
}

}  // namespace toolgate::services::s3
