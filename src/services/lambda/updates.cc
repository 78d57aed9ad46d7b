// UpdateFunctionCode, UpdateFunctionConfiguration.
#include <fmt/format.h>

#include "services/lambda/code.h"
#include "services/lambda/resource.h"
#include "services/lambda/settings.h"
#include "services/lambda/versions.h"

namespace toolgate::services::lambda {
namespace {

using aws::Answer;
using aws::Call;

Result<Name> latest_name(const Call& call) {
  TRY(const Name name, name_of(call));
  if (!name.qualifier.empty() && name.qualifier != functions::latest) {
    return invalid("FunctionName: only $LATEST can be changed");
  }
  return name;
}

// What runs is another one from now on.
void mark_changed(const Call& call, Loaded& head) {
  head.document["runs"] = new_revision();
  head.configuration()["RevisionId"] = new_revision();
  head.configuration()["LastModified"] = last_modified(call.now);
}

void renew(Lambda& lambda, const Call& call, const std::string& name, const Loaded& head) {
  lambda.runner.renew(functions::function_arn(place_of(call), name) + ":$LATEST",
                      json::member(head.document, "runs"));
}

Task<Result<Answer>> update_function_code(Lambda& lambda, Call& call, net::Worker& worker) {
  CO_TRY(const Name name, latest_name(call));
  CO_TRY_DO(refuse_unsupported(call));
  CO_TRY(Loaded head, co_await load_head(lambda, call, name.name));
  CO_TRY_DO(check_revision(call, head.configuration()));
  CO_TRY(const Package package, co_await take_code(lambda, call, call.input, worker));
  head.configuration()["CodeSha256"] = package.sha256;
  head.configuration()["CodeSize"] = package.bytes;
  if (const Json* value = json::find(call.input, "Architectures")) {
    head.configuration()["Architectures"] = *value;
  }
  if (json::find_bool(call.input, "DryRun").value_or(false)) {
    co_return Answer{.output = std::move(head.configuration()), .body = {}};
  }
  CO_TRY(const store::BlobId blob, co_await keep_code(lambda, package));
  const store::BlobId before = json::member(head.document, "blob");
  head.document["blob"] = blob;
  head.document["digest"] = package.digest;
  mark_changed(call, head);
  store::Batch batch;
  store::Blobs::keep(batch, blob);
  store::Blobs::forget(batch, before);
  const auto done = co_await replace(lambda, head, std::move(batch));
  lambda.blobs.drop({done ? before : blob});
  if (!done) co_return std::unexpected(done.error());
  renew(lambda, call, name.name, head);
  co_await lambda.runner.prepare(json::member(head.configuration(), "Runtime"), package.digest);
  if (!json::find_bool(call.input, "Publish").value_or(false)) {
    co_return Answer{.output = std::move(head.configuration()), .body = {}};
  }
  CO_TRY(JsonObject published, co_await publish(lambda, call, name.name, {}));
  co_return Answer{.output = std::move(published), .body = {}};
}

Task<Result<Answer>> update_function_configuration(Lambda& lambda, Call& call, net::Worker&) {
  CO_TRY(const Name name, latest_name(call));
  CO_TRY_DO(refuse_unsupported(call));
  CO_TRY(Loaded head, co_await load_head(lambda, call, name.name));
  CO_TRY_DO(check_revision(call, head.configuration()));
  CO_TRY_DO(apply_settings(call, head.configuration()));
  if (const auto role = aws::text_if(call, "Role")) {
    CO_TRY_DO(
        co_await check_role(lambda, *role, json::member(head.configuration(), "FunctionArn")));
  }
  mark_changed(call, head);
  CO_TRY_DO(co_await replace(lambda, head));
  renew(lambda, call, name.name, head);
  co_return Answer{.output = std::move(head.configuration()), .body = {}};
}

}  // namespace

void add_update_operations(Lambda& lambda, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(lambda, "UpdateFunctionCode", update_function_code));
  rows.push_back(aws::row(lambda, "UpdateFunctionConfiguration", update_function_configuration));
}

}  // namespace toolgate::services::lambda
