// CreateAlias, GetAlias, UpdateAlias, DeleteAlias, ListAliases.
#include <fmt/format.h>

#include "aws/paging.h"
#include "services/lambda/resource.h"

namespace toolgate::services::lambda {
namespace {

using aws::Answer;
using aws::Call;

store::Key key_of(const Call& call, const Name& name) {
  return functions::alias_key(place_of(call), name.name, aws::text(call, "Name"));
}

Result<Name> function_of(const Call& call) {
  return parse_name(call, aws::text(call, "FunctionName"));
}

std::unexpected<Error> no_such_alias(const Call& call, const Name& name) {
  return refuse(
      Code::not_found, "ResourceNotFoundException",
      fmt::format("Cannot find alias arn: {}:{}",
                  functions::function_arn(place_of(call), name.name), aws::text(call, "Name")));
}

// The versions that it names must be there.
Task<Result<void>> check_versions(Lambda& lambda, const Call& call, const Name& name) {
  std::vector<std::string> versions;
  if (const auto version = aws::text_if(call, "FunctionVersion")) versions.push_back(*version);
  const Json* weights = json::find(call.input, "RoutingConfig", "AdditionalVersionWeights");
  if (weights != nullptr && weights->is_object()) {
    if (weights->get_object().size() > 1) {
      co_return invalid("RoutingConfig.AdditionalVersionWeights: one other version at most");
    }
    for (const auto& [version, weight] : weights->get_object()) versions.emplace_back(version);
  }
  for (const auto& version : versions) {
    CO_TRY_DO(co_await lambda.catalogue.find(place_of(call), name.name, version));
  }
  co_return Result<void>{};
}

void take_members(const Call& call, JsonObject& alias) {
  for (const std::string_view member : {"FunctionVersion", "Description"}) {
    if (const Json* value = json::find(call.input, member)) alias[member] = *value;
  }
  if (const Json* routing = json::find(call.input, "RoutingConfig")) {
    const Json* weights = json::find(*routing, "AdditionalVersionWeights");
    alias.erase("RoutingConfig");
    if (weights != nullptr && !weights->get_object().empty()) alias["RoutingConfig"] = *routing;
  }
  alias["RevisionId"] = new_revision();
}

Task<Result<Answer>> create_alias(Lambda& lambda, Call& call, net::Worker&) {
  CO_TRY(const Name name, function_of(call));
  const std::string alias_name = aws::text(call, "Name");
  if (functions::is_number(alias_name)) {
    co_return invalid(fmt::format("Name: {} would be a version", alias_name));
  }
  CO_TRY(const Loaded head, co_await load_head(lambda, call, name.name));
  CO_TRY_DO(co_await check_versions(lambda, call, name));
  const std::string arn = functions::function_arn(place_of(call), name.name) + ':' + alias_name;
  JsonObject alias{{"AliasArn", arn}, {"Name", alias_name}, {"Description", ""}};
  take_members(call, alias);
  store::Batch batch;
  batch.preconditions.push_back({.holds = store::Precondition::Holds::absent,
                                 .key = key_of(call, name),
                                 .otherwise = "Alias already exists: " + arn});
  batch.preconditions.push_back({.holds = store::Precondition::Holds::present,
                                 .key = head.key,
                                 .otherwise = "Function not found: " + arn});
  batch.puts.push_back({.key = key_of(call, name), .body = json::print(alias)});
  const auto done = co_await lambda.store.commit(std::move(batch));
  if (!done && done.error().code == Code::conflict) {
    co_return refuse(Code::conflict, "ResourceConflictException", done.error().message);
  }
  if (!done) co_return std::unexpected(done.error());
  co_return Answer{.output = std::move(alias), .body = {}};
}

Task<Result<Loaded>> load_alias(Lambda& lambda, const Call& call, const Name& name) {
  CO_TRY(auto found, co_await store::get_document(lambda.store, key_of(call, name)));
  if (!found) co_return no_such_alias(call, name);
  co_return Loaded{.key = found->key,
                   .version = found->version,
                   .document = std::move(found->body.get_object())};
}

Task<Result<Answer>> get_alias(Lambda& lambda, Call& call, net::Worker&) {
  CO_TRY(const Name name, function_of(call));
  CO_TRY(Loaded alias, co_await load_alias(lambda, call, name));
  co_return Answer{.output = std::move(alias.document), .body = {}};
}

Task<Result<Answer>> update_alias(Lambda& lambda, Call& call, net::Worker&) {
  CO_TRY(const Name name, function_of(call));
  CO_TRY(Loaded alias, co_await load_alias(lambda, call, name));
  CO_TRY_DO(check_revision(call, alias.document));
  CO_TRY_DO(co_await check_versions(lambda, call, name));
  take_members(call, alias.document);
  CO_TRY_DO(co_await replace(lambda, alias));
  co_return Answer{.output = std::move(alias.document), .body = {}};
}

Task<Result<Answer>> delete_alias(Lambda& lambda, Call& call, net::Worker&) {
  CO_TRY(const Name name, function_of(call));
  store::Batch batch;
  batch.deletes.push_back(key_of(call, name));
  store::Key policy = key_of(call, name);
  policy.kind = model::kind::resource_policy;
  policy.id = functions::function_arn(place_of(call), name.name) + ':' + aws::text(call, "Name");
  batch.deletes.push_back(std::move(policy));
  CO_TRY_DO(co_await lambda.store.commit(std::move(batch)));
  co_return Answer{};
}

Task<Result<Answer>> list_aliases(Lambda& lambda, Call& call, net::Worker&) {
  CO_TRY(const Name name, function_of(call));
  CO_TRY_DO(co_await load_head(lambda, call, name.name));
  CO_TRY(const auto page,
         aws::page_request(call, {.size = "MaxItems", .token = "Marker", .default_size = 50}));
  CO_TRY(auto found, co_await store::list_json(lambda.store,
                                               functions::alias_key(place_of(call), name.name, ""),
                                               page.size, page.after));
  const auto version = aws::text_if(call, "FunctionVersion");
  JsonArray list;
  for (auto& document : found.documents) {
    if (version && json::find_string(document.body, "FunctionVersion") != *version) continue;
    list.push_back(std::move(document.body));
  }
  JsonObject output{{"Aliases", std::move(list)}};
  if (!found.next.empty()) output["NextMarker"] = aws::next_token(call, found.next);
  co_return Answer{.output = std::move(output), .body = {}};
}

}  // namespace

void add_alias_operations(Lambda& lambda, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(lambda, "CreateAlias", create_alias));
  rows.push_back(aws::row(lambda, "GetAlias", get_alias));
  rows.push_back(aws::row(lambda, "UpdateAlias", update_alias));
  rows.push_back(aws::row(lambda, "DeleteAlias", delete_alias));
  rows.push_back(aws::row(lambda, "ListAliases", list_aliases));
}

}  // namespace toolgate::services::lambda
