// CreateRepository, DescribeRepositories, DeleteRepository, GetAuthorizationToken.
#include <fmt/format.h>

#include "aws/paging.h"
#include "base/ids.h"
#include "crypto/hash.h"
#include "runtimes/documents.h"
#include "services/ecr/service.h"
#include "store/documents.h"

namespace toolgate::services::ecr {
namespace {

using aws::Answer;
using aws::Call;

double seconds(Time time) { return static_cast<double>(milliseconds_of(time)) / 1000.0; }

store::Key repository_key(const Call& call, std::string name) {
  return {.account = call.account,
          .region = call.region,
          .kind = std::string{runtimes::kind::repository},
          .id = std::move(name)};
}

std::string registry(const Call& call) {
  return fmt::format("{}.dkr.ecr.{}.amazonaws.com", call.account, call.region);
}

// As outputs show it: tags have operations of their own.
JsonObject shape(JsonObject document) {
  document.erase("tags");
  return document;
}

Task<Result<Answer>> create_repository(Ecr& ecr, Call& call, net::Worker&) {
  const std::string name = aws::text(call, "repositoryName");
  const store::Key key = repository_key(call, name);
  JsonObject document{{"repositoryArn", fmt::format("arn:aws:ecr:{}:{}:repository/{}", call.region,
                                                    call.account, name)},
                      {"registryId", call.account},
                      {"repositoryName", name},
                      {"repositoryUri", registry(call) + '/' + name},
                      {"createdAt", seconds(call.now)},
                      {"imageTagMutability", "MUTABLE"},
                      {"imageScanningConfiguration", JsonObject{{"scanOnPush", false}}},
                      {"encryptionConfiguration", JsonObject{{"encryptionType", "AES256"}}}};
  for (const std::string_view member :
       {"imageTagMutability", "imageScanningConfiguration", "encryptionConfiguration"}) {
    if (const Json* given = json::find(call.input, member)) document[member] = *given;
  }
  CO_TRY_DO(add_tags(call, document));
  store::Batch batch;
  batch.preconditions.push_back(
      {.holds = store::Precondition::Holds::absent,
       .key = key,
       .otherwise = fmt::format("The repository with name '{}' already exists in the registry "
                                "with id '{}'",
                                name, call.account)});
  batch.puts.push_back({.key = key, .body = json::print(document)});
  const auto done = co_await ecr.store.commit(std::move(batch));
  if (!done && done.error().code == Code::conflict) {
    co_return refuse(Code::conflict, "RepositoryAlreadyExistsException", done.error().message);
  }
  if (!done) co_return std::unexpected(done.error());
  co_return Answer{.output = JsonObject{{"repository", shape(std::move(document))}}, .body = {}};
}

Task<Result<Answer>> describe_repositories(Ecr& ecr, Call& call, net::Worker&) {
  JsonArray repositories;
  JsonObject output;
  if (const JsonArray* names = json::find_array(call.input, "repositoryNames")) {
    for (const auto& name : *names) {
      CO_TRY(Loaded found, co_await load_repository(ecr, call, std::string{name.get_string()}));
      repositories.push_back(shape(std::move(found.body)));
    }
  } else {
    CO_TRY(const auto page, aws::page_request(call));
    CO_TRY(auto found,
           co_await store::list_json(ecr.store, repository_key(call, ""), page.size, page.after));
    for (auto& document : found.documents)
      repositories.push_back(shape(std::move(document.body.get_object())));
    if (!found.next.empty()) output["nextToken"] = aws::next_token(call, found.next);
  }
  output["repositories"] = std::move(repositories);
  co_return Answer{.output = std::move(output), .body = {}};
}

Task<Result<Answer>> delete_repository(Ecr& ecr, Call& call, net::Worker&) {
  CO_TRY(Loaded found, co_await load_repository(ecr, call, aws::text(call, "repositoryName")));
  store::Key prefix = found.key;
  prefix.kind = runtimes::kind::image;
  prefix.id += ':';
  CO_TRY(const auto images, co_await store::list_all_json(ecr.store, prefix));
  if (!images.empty() && !json::find_bool(call.input, "force").value_or(false)) {
    co_return refuse(Code::conflict, "RepositoryNotEmptyException",
                     fmt::format("The repository with name '{}' in registry with id '{}' cannot "
                                 "be deleted because it still contains images",
                                 found.key.id, call.account));
  }
  store::Batch batch;
  batch.deletes.push_back(found.key);
  for (const auto& image : images) batch.deletes.push_back(image.key);
  CO_TRY_DO(co_await ecr.store.commit(std::move(batch)));
  co_return Answer{.output = JsonObject{{"repository", shape(std::move(found.body))}}, .body = {}};
}

// There is no registry to log in to; scripts that ask for a token before a build get one.
Task<Result<Answer>> get_authorization_token(Ecr&, Call& call, net::Worker&) {
  const std::string token = "AWS:" + random_text(64, mixed_alphanumeric);
  JsonArray data{JsonObject{{"authorizationToken", crypto::base64(token)},
                            {"expiresAt", seconds(call.now + std::chrono::hours{12})},
                            {"proxyEndpoint", "https://" + registry(call)}}};
  co_return Answer{.output = JsonObject{{"authorizationData", std::move(data)}}, .body = {}};
}

}  // namespace

Task<Result<Loaded>> load_repository(Ecr& ecr, const Call& call, std::string name) {
  CO_TRY(auto found, co_await store::load(ecr.store, repository_key(call, name)));
  if (!found) {
    co_return refuse(Code::not_found, "RepositoryNotFoundException",
                     fmt::format("The repository with name '{}' does not exist in the registry "
                                 "with id '{}'",
                                 name, call.account));
  }
  co_return *std::move(found);
}

void add_repository_operations(Ecr& ecr, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(ecr, "CreateRepository", create_repository));
  rows.push_back(aws::row(ecr, "DescribeRepositories", describe_repositories));
  rows.push_back(aws::row(ecr, "DeleteRepository", delete_repository));
  rows.push_back(aws::row(ecr, "GetAuthorizationToken", get_authorization_token));
}

}  // namespace toolgate::services::ecr
