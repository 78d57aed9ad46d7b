// DeleteObject, DeleteObjects.
#include "json/members.h"
#include "services/s3/documents.h"
#include "services/s3/write_object.h"
#include "store/optimistic.h"

namespace toolgate::services::s3 {
namespace {

constexpr int attempts_max = 50;
constexpr std::size_t keys_count_max = 1'000;  // "DeleteObjects", S3 API

struct Wanted {
  std::string key;
  std::string version;
  std::string etag;  // empty: whatever it is
};
struct Refused {
  std::string key;
  Error error;
};

// Adds one object to the batch; nothing to do when it is not there.
Task<Result<void>> add_one(S3& s3, std::string bucket, Wanted wanted, store::Batch& batch,
                           std::vector<store::BlobId>& blobs) {
  if (!wanted.version.empty() && wanted.version != "null") {
    co_return refuse(Code::not_found, "NoSuchVersion", "The specified version does not exist.");
  }
  CO_TRY(const auto there, co_await load_object(s3, bucket, wanted.key));
  if (!there) co_return Result<void>{};
  if (!wanted.etag.empty() && wanted.etag != "*" && wanted.etag != etag_in(there->body) &&
      wanted.etag != json::member(there->body, "etag")) {
    co_return precondition_failed("If-Match");
  }
  auto forgotten = co_await forget_bytes(s3, there->body, batch);
  if (!forgotten) co_return std::unexpected(std::move(forgotten).error());
  blobs.insert(blobs.end(), forgotten->begin(), forgotten->end());
  batch.preconditions.push_back(store::unchanged(there->key, there->version, "object"));
  batch.deletes.push_back(there->key);
  co_return Result<void>{};
}

// All in one commit; what cannot be deleted is said and left.
Task<Result<std::vector<Refused>>> delete_all(S3& s3, std::string bucket,
                                              const std::vector<Wanted>& all) {
  for (int i = 0; i < attempts_max; ++i) {
    store::Batch batch;
    std::vector<store::BlobId> blobs;
    std::vector<Refused> refused;
    bool changed = false;
    for (const auto& wanted : all) {
      auto added = co_await add_one(s3, bucket, wanted, batch, blobs);
      if (added) continue;
      // Its segments are gone: it was replaced meanwhile.
      changed |= added.error().code == Code::not_found && added.error().name.empty();
      refused.push_back({wanted.key, std::move(added).error()});
    }
    if (changed) continue;
    if (batch.deletes.empty()) co_return refused;
    const auto done = co_await s3.store.commit(std::move(batch));
    if (done) {
      s3.blobs.drop(std::move(blobs));
      co_return refused;
    }
    if (!store::lost_race(done.error())) co_return std::unexpected(done.error());
  }
  co_return busy();
}

Task<Result<aws::Answer>> delete_object(S3& s3, aws::Call& call, net::Worker&) {
  CO_TRY(const auto bucket, co_await load_bucket(s3, call));
  const std::vector<Wanted> one{{.key = aws::text(call, "Key"),
                                 .version = aws::text_if(call, "VersionId").value_or(""),
                                 .etag = aws::text_if(call, "IfMatch").value_or("")}};
  CO_TRY(auto refused, co_await delete_all(s3, aws::text(call, "Bucket"), one));
  if (!refused.empty()) co_return std::unexpected(std::move(refused.front().error));
  co_return aws::Answer{};
}

Task<Result<aws::Answer>> delete_objects(S3& s3, aws::Call& call, net::Worker&) {
  CO_TRY_DO(check_document(call));
  CO_TRY(const auto bucket, co_await load_bucket(s3, call));
  const auto* objects = json::find_array(call.input, "Delete", "Objects");
  if (objects == nullptr || objects->empty() || objects->size() > keys_count_max) {
    co_return refuse(Code::invalid, "MalformedXML",
                     "The XML you provided was not well-formed or did not validate against our "
                     "published schema: Delete has 1 to 1000 Objects.");
  }
  std::vector<Wanted> all;
  for (const auto& object : *objects) {
    Wanted wanted{.key = json::member(object, "Key"),
                  .version = json::member(object, "VersionId"),
                  .etag = json::member(object, "ETag")};
    const bool twice =
        std::ranges::any_of(all, [&](const Wanted& other) { return other.key == wanted.key; });
    if (!twice) all.push_back(std::move(wanted));
  }
  CO_TRY(const auto refused, co_await delete_all(s3, aws::text(call, "Bucket"), all));
  JsonArray deleted;
  JsonArray errors;
  for (const auto& one : refused) {
    errors.push_back(
        JsonObject{{"Key", one.key}, {"Code", one.error.name}, {"Message", one.error.message}});
  }
  for (const auto& wanted : all) {
    const bool failed =
        std::ranges::any_of(refused, [&](const Refused& one) { return one.key == wanted.key; });
    if (!failed) deleted.push_back(JsonObject{{"Key", wanted.key}});
  }
  JsonObject output;
  if (!json::find_bool(call.input, "Delete", "Quiet").value_or(false)) {
    output["Deleted"] = std::move(deleted);
  }
  output["Errors"] = std::move(errors);
  co_return aws::Answer{.output = std::move(output), .body = {}};
}

}  // namespace

void add_delete_operations(S3& s3, std::vector<aws::Operation>& rows) {
  using aws::row;
  rows.push_back(row(s3, "DeleteObject", delete_object));
  rows.push_back(row(s3, "DeleteObjects", delete_objects));
}

}  // namespace toolgate::services::s3
