#include "services/agentcore/identities/named.h"

#include <fmt/format.h>

#include "base/ids.h"
#include "services/agentcore/identities/resources.h"
#include "store/optimistic.h"

namespace toolgate::services::agentcore {
namespace {

std::string not_found(const Family& family, std::string_view name) {
  return fmt::format("{} with name: {} not found", family.what, name);
}

}  // namespace

store::Key named_key(const aws::Call& call, const Family& family) {
  return key_of(call, family.kind, aws::text(call, "name"));
}

Task<Result<void>> create_named(AgentCore& agentcore, const aws::Call& call, const Family& family,
                                JsonObject document) {
  const store::Key key = named_key(call, family);
  const std::string taken = fmt::format("{} with name: {} already exists", family.what, key.id);
  // Before the quota, so that a script that makes what it needs hears that it is there.
  CO_TRY(const auto existing, co_await agentcore.store.get(key));
  if (existing) co_return fail(Code::conflict, taken);
  const std::size_t quota = agentcore.quotas.*family.quota;
  CO_TRY(const auto others, co_await count(agentcore, key_of(call, family.kind, ""), quota));
  if (others >= quota) {
    co_return fail(Code::quota, fmt::format("{}: the account has {} in region {}, its limit",
                                            family.what, quota, call.region));
  }
  store::Batch batch;
  batch.preconditions.push_back(
      {.holds = store::Precondition::Holds::absent, .key = key, .otherwise = taken});
  batch.puts.push_back({.key = key, .body = json::print(document)});
  const std::string arn = family.arn(place_of(call), key.id);
  if (const Json* tags = json::find(call.input, "tags")) {
    CO_TRY_DO(check_tags(*tags));
    batch.puts.push_back({.key = key_of(call, model::kind::tags, arn), .body = json::print(*tags)});
  }
  CO_TRY_DO(co_await commit_and_serve(agentcore, std::move(batch)));
  co_return Result<void>{};
}

Task<Result<Loaded>> load_named(AgentCore& agentcore, const aws::Call& call, const Family& family) {
  store::Key key = named_key(call, family);
  std::string absent = not_found(family, key.id);
  co_return co_await load(agentcore, std::move(key), std::move(absent));
}

Task<Result<void>> update_named(AgentCore& agentcore, const Loaded& loaded, JsonObject document) {
  store::Batch batch;
  batch.preconditions.push_back(
      store::unchanged(loaded.key, loaded.version,
                       fmt::format("{} was changed meanwhile; try again", loaded.key.id)));
  batch.puts.push_back({.key = loaded.key, .body = json::print(document)});
  CO_TRY_DO(co_await commit_and_serve(agentcore, std::move(batch)));
  co_return Result<void>{};
}

Task<Result<aws::Answer>> delete_named(AgentCore& agentcore, const aws::Call& call,
                                       const Family& family) {
  CO_TRY(const Loaded loaded, co_await load_named(agentcore, call, family));
  const std::string arn = family.arn(place_of(call), loaded.key.id);
  store::Batch batch;
  batch.deletes = {loaded.key, key_of(call, model::kind::tags, arn),
                   key_of(call, model::kind::resource_policy, arn)};
  CO_TRY_DO(co_await commit_and_serve(agentcore, std::move(batch)));
  co_return aws::Answer{};
}

Json new_secret_arn(const aws::Call& call, std::string_view folder) {
  return JsonObject{
      {"secretArn", fmt::format("arn:aws:secretsmanager:{}:{}:secret:"
                                "bedrock-agentcore-identity!default/{}/{}-{}",
                                call.region, call.account, folder, aws::text(call, "name"),
                                random_text(6, mixed_alphanumeric))}};
}

}  // namespace toolgate::services::agentcore
