// DescribeImages, ListImages, BatchGetImage, BatchDeleteImage.
#include <map>

#include <fmt/format.h>

#include "aws/paging.h"
#include "json/members.h"
#include "runtimes/documents.h"
#include "services/ecr/service.h"
#include "store/documents.h"

namespace toolgate::services::ecr {
namespace {

using aws::Answer;
using aws::Call;
using Images = std::vector<store::JsonDocument>;

constexpr std::string_view manifest_type = "application/vnd.docker.distribution.manifest.v2+json";

store::Key images_key(const Loaded& repository) {
  store::Key key = repository.key;
  key.kind = runtimes::kind::image;
  key.id += ':';
  return key;
}

// Does an imageId of an input name this image?
bool names(const Json& id, const Json& image) {
  const auto tag = json::find_string(id, "imageTag");
  const auto digest = json::find_string(id, "imageDigest");
  return (tag || digest) && (!tag || *tag == json::member(image, "imageTag")) &&
         (!digest || *digest == json::member(image, "imageDigest"));
}

Images named_by(const Json& id, const Images& images) {
  Images found;
  for (const auto& image : images) {
    if (names(id, image.body)) found.push_back(image);
  }
  return found;
}

JsonObject image_id(const Json& image) {
  return {{"imageDigest", json::member(image, "imageDigest")},
          {"imageTag", json::member(image, "imageTag")}};
}

// Tags of one digest are one image.
JsonArray details_of(const Call& call, const Images& images) {
  std::map<std::string, JsonObject> by_digest;
  for (const auto& [key, version, image] : images) {
    auto [place, added] = by_digest.try_emplace(json::member(image, "imageDigest"));
    JsonObject& detail = place->second;
    if (added) {
      detail = {{"registryId", call.account},
                {"repositoryName", json::member(image, "repositoryName")},
                {"imageDigest", place->first},
                {"imageTags", JsonArray{}},
                {"imageManifestMediaType", manifest_type}};
      for (const std::string_view member : {"imageSizeInBytes", "imagePushedAt"}) {
        if (const Json* value = json::find(image, member)) detail[member] = *value;
      }
    }
    detail["imageTags"].get_array().emplace_back(json::member(image, "imageTag"));
  }
  JsonArray details;
  for (auto& [digest, detail] : by_digest) details.emplace_back(std::move(detail));
  return details;
}

std::unexpected<Error> no_image(const Call& call, const Loaded& repository, const Json& id) {
  return refuse(Code::not_found, "ImageNotFoundException",
                fmt::format("The image with imageId {} does not exist within the repository with "
                            "name '{}' in the registry with id '{}'",
                            json::print(id), repository.key.id, call.account));
}

Task<Result<Answer>> describe_images(Ecr& ecr, Call& call, net::Worker&) {
  CO_TRY(const Loaded repository,
         co_await load_repository(ecr, call, aws::text(call, "repositoryName")));
  JsonObject output;
  Images images;
  if (const JsonArray* ids = json::find_array(call.input, "imageIds")) {
    CO_TRY(const Images all, co_await store::list_all_json(ecr.store, images_key(repository)));
    for (const auto& id : *ids) {
      Images found = named_by(id, all);
      if (found.empty()) co_return no_image(call, repository, id);
      images.insert(images.end(), found.begin(), found.end());
    }
  } else {
    CO_TRY(const auto page, aws::page_request(call));
    CO_TRY(auto found,
           co_await store::list_json(ecr.store, images_key(repository), page.size, page.after));
    images = std::move(found.documents);
    if (!found.next.empty()) output["nextToken"] = aws::next_token(call, found.next);
  }
  output["imageDetails"] = details_of(call, images);
  co_return Answer{.output = std::move(output), .body = {}};
}

Task<Result<Answer>> list_images(Ecr& ecr, Call& call, net::Worker&) {
  CO_TRY(const Loaded repository,
         co_await load_repository(ecr, call, aws::text(call, "repositoryName")));
  CO_TRY(const auto page, aws::page_request(call));
  CO_TRY(const auto found,
         co_await store::list_json(ecr.store, images_key(repository), page.size, page.after));
  JsonArray ids;
  for (const auto& image : found.documents) ids.emplace_back(image_id(image.body));
  JsonObject output{{"imageIds", std::move(ids)}};
  if (!found.next.empty()) output["nextToken"] = aws::next_token(call, found.next);
  co_return Answer{.output = std::move(output), .body = {}};
}

JsonObject failure(const Json& id) {
  return {{"imageId", id},
          {"failureCode", "ImageNotFound"},
          {"failureReason", "Requested image not found"}};
}

// What there is of a manifest: no layers, for nothing is pulled.
std::string manifest_of(const Json& image) {
  return json::print(
      JsonObject{{"schemaVersion", 2},
                 {"mediaType", manifest_type},
                 {"config", JsonObject{{"mediaType", "application/vnd.toolgate.recipe+json"},
                                       {"digest", json::member(image, "imageDigest")}}},
                 {"layers", JsonArray{}}});
}

Task<Result<Answer>> batch_get_image(Ecr& ecr, Call& call, net::Worker&) {
  CO_TRY(const Loaded repository,
         co_await load_repository(ecr, call, aws::text(call, "repositoryName")));
  CO_TRY(const Images all, co_await store::list_all_json(ecr.store, images_key(repository)));
  JsonArray images;
  JsonArray failures;
  const JsonArray* ids = json::find_array(call.input, "imageIds");
  ASSERT(ids != nullptr);
  for (const auto& id : *ids) {
    const Images found = named_by(id, all);
    if (found.empty()) failures.emplace_back(failure(id));
    for (const auto& image : found) {
      images.emplace_back(JsonObject{{"registryId", call.account},
                                     {"repositoryName", repository.key.id},
                                     {"imageId", image_id(image.body)},
                                     {"imageManifest", manifest_of(image.body)},
                                     {"imageManifestMediaType", manifest_type}});
    }
  }
  co_return Answer{
      .output = JsonObject{{"images", std::move(images)}, {"failures", std::move(failures)}},
      .body = {}};
}

Task<Result<Answer>> batch_delete_image(Ecr& ecr, Call& call, net::Worker&) {
  CO_TRY(const Loaded repository,
         co_await load_repository(ecr, call, aws::text(call, "repositoryName")));
  CO_TRY(const Images all, co_await store::list_all_json(ecr.store, images_key(repository)));
  JsonArray deleted;
  JsonArray failures;
  store::Batch batch;
  const JsonArray* ids = json::find_array(call.input, "imageIds");
  ASSERT(ids != nullptr);
  for (const auto& id : *ids) {
    const Images found = named_by(id, all);
    if (found.empty()) failures.emplace_back(failure(id));
    for (const auto& image : found) {
      batch.deletes.push_back(image.key);
      deleted.emplace_back(image_id(image.body));
    }
  }
  if (!batch.deletes.empty()) CO_TRY_DO(co_await ecr.store.commit(std::move(batch)));
  co_return Answer{
      .output = JsonObject{{"imageIds", std::move(deleted)}, {"failures", std::move(failures)}},
      .body = {}};
}

}  // namespace

void add_image_operations(Ecr& ecr, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(ecr, "DescribeImages", describe_images));
  rows.push_back(aws::row(ecr, "ListImages", list_images));
  rows.push_back(aws::row(ecr, "BatchGetImage", batch_get_image));
  rows.push_back(aws::row(ecr, "BatchDeleteImage", batch_delete_image));
}

}  // namespace toolgate::services::ecr
