// User pools: made with their keys, deleted with all that is in them.
#include <fmt/format.h>

#include "services/cognito/documents.h"
#include "services/cognito/service.h"
#include "services/cognito/user_pool.h"

namespace toolgate::services::cognito {
namespace {

using aws::Answer;
using aws::Call;

JsonObject pool_shape(const JsonObject& body) {
  JsonObject shape = body;
  shape["EstimatedNumberOfUsers"] = 0;
  return shape;
}

Task<Result<Answer>> create_user_pool(Cognito& cognito, Call& call, net::Worker&) {
  const std::string id = new_pool_id(call.region);
  const PoolPlace place{call.account, call.region, id};
  store::Key all = key_of(place, kind::pool);
  all.id.clear();
  CO_TRY(const std::vector<store::Key> there,
         co_await keys_below(cognito.store, all, cognito.quotas.pools));
  if (there.size() >= cognito.quotas.pools) {
    co_return limit_exceeded(
        fmt::format("User pool limit of {} exceeded in this region.", cognito.quotas.pools));
  }

  JsonObject pool{
      {"Id", id},
      {"Arn", fmt::format("arn:aws:cognito-idp:{}:{}:userpool/{}", call.region, call.account, id)},
      {"CreationDate", timestamp(call.now)},
      {"LastModifiedDate", timestamp(call.now)}};
  set_fixed_settings(pool, call.input.as_object());
  replace_settings(pool, call.input.as_object());
  const JsonObject keys = co_await cognito.keys->make(id, call.now);
  store::Batch batch;
  create(batch, key_of(place, kind::pool), pool);
  create(batch, key_of(place, kind::keys), keys);
  CO_TRY([[maybe_unused]] store::Version version, co_await cognito.store.commit(std::move(batch)));
  co_return Answer{JsonObject{{"UserPool", pool_shape(pool)}}, {}};
}

Task<Result<Answer>> describe_user_pool(Cognito& cognito, Call& call, net::Worker&) {
  CO_TRY(const Loaded pool, co_await load_pool(cognito.store, place_of(call)));
  co_return Answer{JsonObject{{"UserPool", pool_shape(pool.body)}}, {}};
}

// Beside the text messages and apps that a second factor would need, which nobody configures here.
Task<Result<Answer>> get_user_pool_mfa_config(Cognito& cognito, Call& call, net::Worker&) {
  CO_TRY(const Loaded pool, co_await load_pool(cognito.store, place_of(call)));
  co_return Answer{JsonObject{{"MfaConfiguration", member(pool.body, "MfaConfiguration")}}, {}};
}

Task<Result<Answer>> update_user_pool(Cognito& cognito, Call& call, net::Worker&) {
  CO_TRY(Loaded pool, co_await load_pool(cognito.store, place_of(call)));
  replace_settings(pool.body, call.input.as_object());
  pool.body["LastModifiedDate"] = timestamp(call.now);
  store::Batch batch;
  write_back(batch, pool);
  CO_TRY([[maybe_unused]] store::Version version, co_await cognito.store.commit(std::move(batch)));
  co_return Answer{};
}

// The pool with everything below it, in one commit.
Task<Result<Answer>> delete_user_pool(Cognito& cognito, Call& call, net::Worker&) {
  const PoolPlace place = place_of(call);
  CO_TRY(const Loaded pool, co_await load_pool(cognito.store, place));
  if (const std::string domain = member(pool.body, "Domain"); !domain.empty()) {
    co_return invalid_parameter(fmt::format(
        "User pool cannot be deleted. It has a domain configured that should be deleted first. "
        "(aws cognito-idp delete-user-pool-domain --user-pool-id {} --domain {} "
        "--region {})",
        place.pool_id, domain, call.region));
  }
  if (member(pool.body, "DeletionProtection") == "ACTIVE") {
    co_return invalid_parameter(
        "The user pool cannot be deleted because deletion protection is activated. Deletion "
        "protection must be inactivated first.");
  }
  CO_TRY(std::vector<store::Key> clients,
         co_await keys_below(cognito.store, key_of(place, kind::client, ""),
                             cognito.quotas.clients_per_pool * 2));
  CO_TRY(std::vector<store::Key> servers,
         co_await keys_below(cognito.store, key_of(place, kind::resource_server, ""),
                             cognito.quotas.resource_servers_per_pool * 2));
  store::Batch batch;
  remove(batch, pool);
  batch.deletes.push_back(key_of(place, kind::keys));
  for (store::Key& client : clients) {
    const std::string client_id = client.id.substr(client.id.find('/') + 1);
    batch.deletes.push_back(client_index_key(place.account, client_id));
    batch.deletes.push_back(std::move(client));
  }
  for (store::Key& server : servers) batch.deletes.push_back(std::move(server));
  CO_TRY([[maybe_unused]] store::Version version, co_await cognito.store.commit(std::move(batch)));
  co_return Answer{};
}

Task<Result<Answer>> list_user_pools(Cognito& cognito, Call& call, net::Worker&) {
  store::Key all = key_of(PoolPlace{call.account, call.region, {}}, kind::pool);
  JsonObject output;
  CO_TRY(const std::vector<Loaded> pools,
         co_await load_page(cognito.store, std::move(all), call, output));
  JsonArray shapes;
  for (const Loaded& pool : pools) {
    JsonObject shape;
    for (const std::string_view name :
         {"Id", "Name", "LambdaConfig", "CreationDate", "LastModifiedDate"}) {
      if (const Json* value = pool.body.if_contains(name)) shape[name] = *value;
    }
    shapes.push_back(std::move(shape));
  }
  output["UserPools"] = std::move(shapes);
  co_return Answer{std::move(output), {}};
}

}  // namespace

void add_pool_operations(Cognito& cognito, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::writing_row(cognito, "CreateUserPool", create_user_pool, busy));
  rows.push_back(aws::row(cognito, "DescribeUserPool", describe_user_pool));
  rows.push_back(aws::row(cognito, "GetUserPoolMfaConfig", get_user_pool_mfa_config));
  rows.push_back(aws::writing_row(cognito, "UpdateUserPool", update_user_pool, busy));
  rows.push_back(aws::writing_row(cognito, "DeleteUserPool", delete_user_pool, busy));
  rows.push_back(aws::row(cognito, "ListUserPools", list_user_pools));
}

}  // namespace toolgate::services::cognito
