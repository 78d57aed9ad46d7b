#include "services/s3/write_object.h"

#include "base/ids.h"
#include "json/members.h"
#include "store/optimistic.h"

namespace toolgate::services::s3 {
namespace {

constexpr int attempts_max = 50;

// IfMatch and IfNoneMatch against what is there ("Conditional writes", S3 User Guide).
Result<void> check_conditions(const aws::Call& call, std::string_view key,
                              const std::optional<store::JsonDocument>& there) {
  const auto none_match = aws::text_if(call, "IfNoneMatch");
  if (none_match && *none_match != "*") {
    return not_implemented("If-None-Match: only * is possible when an object is written.");
  }
  if (none_match && there) return precondition_failed("If-None-Match");
  const auto match = aws::text_if(call, "IfMatch");
  if (!match) return {};
  if (!there) return no_such_key(key);
  if (*match != "*" && *match != etag_in(there->body) &&
      *match != json::member(there->body, "etag")) {
    return precondition_failed("If-Match");
  }
  return {};
}

void put_bytes(Draft& draft, store::Batch& batch) {
  if (draft.segments.size() == 1) {
    draft.row["blob"] = draft.segments.front().blob;
  } else {
    const auto id = random_text(24, lower_alphanumeric);
    JsonArray list;
    for (const auto& segment : draft.segments) {
      list.push_back(JsonObject{{"blob", segment.blob}, {"size", whole(segment.size)}});
    }
    batch.puts.push_back(store::put_json(segments_key(id), list));
    draft.row["segments"] = id;
  }
  for (const auto& segment : draft.segments) store::Blobs::keep(batch, segment.blob);
}

// One try: nothing when somebody else's commit came in between.
Task<Result<bool>> try_write(S3& s3, const aws::Call& call, const Draft& draft,
                             store::Batch batch) {
  const auto place = object_key(draft.bucket, draft.key);
  CO_TRY(const auto there, co_await store::get_document(s3.store, place));
  CO_TRY_DO(check_conditions(call, draft.key, there));
  std::vector<store::BlobId> old;
  using Holds = store::Precondition::Holds;
  batch.preconditions.push_back({.holds = Holds::present,
                                 .key = bucket_key(draft.bucket),
                                 .version = 0,
                                 .otherwise = "bucket"});
  batch.preconditions.push_back(store::unchanged(place, there ? there->version : 0, "object"));
  if (there) {
    auto forgotten = co_await forget_bytes(s3, there->body, batch);
    if (!forgotten && forgotten.error().code == Code::not_found) co_return false;
    CO_TRY(old, std::move(forgotten));
  }
  const auto done = co_await s3.store.commit(std::move(batch));
  if (!done && store::lost_race(done.error())) {
    if (done.error().message == "bucket") co_return no_such_bucket(draft.bucket);
    if (done.error().message == "upload") co_return fail(Code::conflict, "upload");
    co_return false;
  }
  if (!done) co_return std::unexpected(done.error());
  s3.blobs.drop(std::move(old));
  co_return true;
}

Task<Result<void>> write_until_done(S3& s3, const aws::Call& call, Draft& draft) {
  store::Batch batch = std::move(draft.also);
  put_bytes(draft, batch);
  batch.puts.push_back(store::put_json(object_key(draft.bucket, draft.key), std::move(draft.row)));
  for (int i = 0; i < attempts_max; ++i) {
    CO_TRY(const bool done, co_await try_write(s3, call, draft, batch));
    if (done) co_return Result<void>{};
  }
  co_return busy();
}

}  // namespace

Task<Result<std::vector<store::BlobId>>> forget_bytes(S3& s3, const Json& object,
                                                      store::Batch& batch) {
  CO_TRY(const auto segments, co_await segments_of(s3, object));
  for (const auto& segment : segments) store::Blobs::forget(batch, segment.blob);
  const auto list = json::member(object, "segments");
  if (!list.empty()) batch.deletes.push_back(segments_key(list));
  co_return blobs_of(segments);
}

Task<Result<void>> write_object(S3& s3, const aws::Call& call, Draft draft, OnFailure on_failure) {
  auto done = co_await write_until_done(s3, call, draft);
  if (!done && on_failure == OnFailure::drop_blobs) s3.blobs.drop(blobs_of(draft.segments));
  co_return done;
}

}  // namespace toolgate::services::s3
