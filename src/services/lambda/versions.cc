// PublishVersion, ListVersionsByFunction.
#include "services/lambda/versions.h"

#include <fmt/format.h>

#include "aws/paging.h"

namespace toolgate::services::lambda {
namespace {

using aws::Answer;
using aws::Call;

Task<Result<Answer>> publish_version(Lambda& lambda, Call& call, net::Worker&) {
  CO_TRY(const Name name, name_of(call));
  if (json::find(call.input, "PublishTo") != nullptr) co_return unsupported("PublishTo");
  CO_TRY(Loaded head, co_await load_head(lambda, call, name.name));
  CO_TRY_DO(check_revision(call, head.configuration()));
  const std::string sha256 = json::member(head.configuration(), "CodeSha256");
  if (const auto wanted = aws::text_if(call, "CodeSha256"); wanted && *wanted != sha256) {
    co_return invalid(
        fmt::format("CodeSHA256 ({}) is different from current CodeSHA256 in $LATEST "
                    "({}). Please try again with the CodeSHA256 in $LATEST.",
                    *wanted, sha256));
  }
  CO_TRY(JsonObject published,
         co_await publish(lambda, call, name.name, aws::text_if(call, "Description")));
  co_return Answer{.output = std::move(published), .body = {}};
}

Task<Result<Answer>> list_versions_by_function(Lambda& lambda, Call& call, net::Worker&) {
  CO_TRY(const Name name, name_of(call));
  CO_TRY(Loaded head, co_await load_head(lambda, call, name.name));
  CO_TRY(const auto page,
         aws::page_request(call, {.size = "MaxItems", .token = "Marker", .default_size = 50}));
  JsonArray list;
  if (page.after.empty()) {
    head.configuration()["FunctionArn"] =
        functions::function_arn(place_of(call), name.name) + ":$LATEST";
    list.push_back(std::move(head.configuration()));
  }
  CO_TRY(auto found,
         co_await store::list_json(lambda.store, versions_prefix(place_of(call), name.name),
                                   page.size, page.after));
  for (auto& document : found.documents) {
    list.push_back(std::move(document.body.get_object()["configuration"]));
  }
  JsonObject output{{"Versions", std::move(list)}};
  if (!found.next.empty()) output["NextMarker"] = aws::next_token(call, found.next);
  co_return Answer{.output = std::move(output), .body = {}};
}

}  // namespace

store::Key versions_prefix(const model::Place& place, std::string_view name) {
  store::Key key = functions::alias_key(place, name, "");
  key.kind = functions::kind::version;
  return key;
}

Task<Result<JsonObject>> publish(Lambda& lambda, const Call& call, const std::string& name,
                                 std::optional<std::string> description) {
  CO_TRY(Loaded head, co_await load_head(lambda, call, name));
  const model::Place place = place_of(call);
  const std::int64_t last = json::find_int(head.document, "lastVersion").value_or(0);
  if (last > 0) {
    CO_TRY(auto before,
           co_await store::get_json(lambda.store,
                                    functions::version_key(place, name, std::to_string(last))));
    // As Lambda: nothing that runs has changed, so there is nothing to publish.
    if (before && json::member(before->get_object(), "of") == json::member(head.document, "runs")) {
      co_return std::move(before->get_object()["configuration"].get_object());
    }
  }
  const std::string number = std::to_string(last + 1);
  JsonObject configuration = head.configuration();
  configuration["Version"] = number;
  configuration["FunctionArn"] = functions::function_arn(place, name) + ':' + number;
  configuration["RevisionId"] = new_revision();
  if (description) configuration["Description"] = *description;
  CO_TRY(const store::BlobId blob, co_await lambda.blobs.offload().run([&] {
    return lambda.blobs.link(json::member(head.document, "blob"));
  }));
  const JsonObject document{{"configuration", configuration},
                            {"blob", blob},
                            {"digest", json::member(head.document, "digest")},
                            {"runs", new_revision()},
                            {"of", json::member(head.document, "runs")}};
  store::Batch batch;
  batch.puts.push_back(
      {.key = functions::version_key(place, name, number), .body = json::print(document)});
  store::Blobs::keep(batch, blob);
  head.document["lastVersion"] = last + 1;
  const auto done = co_await replace(lambda, head, std::move(batch));
  if (!done) {
    lambda.blobs.drop({blob});
    co_return std::unexpected(done.error());
  }
  co_return configuration;
}

Task<Result<void>> delete_version(Lambda& lambda, const Call& call, const Name& name) {
  if (!functions::is_number(name.qualifier)) {
    co_return invalid("$LATEST version cannot be deleted without deleting the function.");
  }
  CO_TRY(Loaded found, co_await load(lambda, call, name));
  const model::Place place = place_of(call);
  CO_TRY(const auto aliases,
         co_await store::list_all_json(lambda.store, functions::alias_key(place, name.name, "")));
  for (const auto& alias : aliases) {
    if (json::find_string(alias.body, "FunctionVersion") == name.qualifier) {
      co_return refuse(Code::conflict, "ResourceConflictException",
                       fmt::format("Version {} is referenced by alias {}", name.qualifier,
                                   alias.key.id.substr(alias.key.id.find('/') + 1)));
    }
  }
  const std::string arn = functions::function_arn(place, name.name) + ':' + name.qualifier;
  const store::BlobId blob = json::member(found.document, "blob");
  store::Batch batch;
  batch.deletes.push_back(found.key);
  store::Key policy = found.key;
  policy.kind = model::kind::resource_policy;
  policy.id = arn;
  batch.deletes.push_back(policy);
  store::Blobs::forget(batch, blob);
  CO_TRY_DO(co_await lambda.store.commit(std::move(batch)));
  lambda.blobs.drop({blob});
  lambda.runner.renew(arn, "");
  co_return Result<void>{};
}

void add_version_operations(Lambda& lambda, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(lambda, "PublishVersion", publish_version));
  rows.push_back(aws::row(lambda, "ListVersionsByFunction", list_versions_by_function));
}

}  // namespace toolgate::services::lambda
