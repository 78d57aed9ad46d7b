// PutObjectTagging, GetObjectTagging, DeleteObjectTagging.
#include "services/s3/documents.h"
#include "services/s3/write_object.h"
#include "store/optimistic.h"

namespace toolgate::services::s3 {
namespace {

constexpr int attempts_max = 20;
constexpr std::size_t tags_max = 10;

Task<Result<void>> set_tags(S3& s3, const aws::Call& call, JsonArray tags) {
  for (int i = 0; i < attempts_max; ++i) {
    CO_TRY(const auto bucket, co_await load_bucket(s3, call));
    CO_TRY(auto object, co_await load_named_object(s3, call));
    object.body.get_object()["tags"] = tags;
    store::Batch batch;
    batch.preconditions.push_back(store::unchanged(object.key, object.version, "object"));
    batch.puts.push_back(store::put_json(object.key, object.body));
    const auto done = co_await s3.store.commit(std::move(batch));
    if (done) co_return Result<void>{};
    if (!store::lost_race(done.error())) co_return std::unexpected(done.error());
  }
  co_return busy();
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
  rows.push_back(row(s3, "PutObjectTagging", put_tagging));
  rows.push_back(row(s3, "GetObjectTagging", get_tagging));
  rows.push_back(row(s3, "DeleteObjectTagging", delete_tagging));
}

}  // namespace toolgate::services::s3
