// A pool's resource servers, which name its scopes.
#include <set>

#include <fmt/format.h>

#include "json/members.h"
#include "services/cognito/documents.h"
#include "services/cognito/service.h"

namespace toolgate::services::cognito {
namespace {

using aws::Answer;
using aws::Call;

store::Key server_key(const Call& call) {
  return key_of(place_of(call), kind::resource_server, aws::text(call, "Identifier"));
}

Result<void> check_scopes(const Call& call) {
  const JsonArray* scopes = json::find_array(call.input, "Scopes");
  if (scopes == nullptr) return {};
  std::set<std::string> names;
  for (const Json& scope : *scopes) {
    const std::string name = json::member(scope, "ScopeName");
    if (!names.insert(name).second) {
      return invalid_parameter(fmt::format("Scope {} is listed more than once.", name));
    }
  }
  return {};
}

JsonObject body_of(const Call& call) {
  const Json* scopes = json::find(call.input, "Scopes");
  return JsonObject{{"UserPoolId", aws::text(call, "UserPoolId")},
                    {"Identifier", aws::text(call, "Identifier")},
                    {"Name", aws::text(call, "Name")},
                    {"Scopes", scopes != nullptr ? *scopes : Json(JsonArray{})}};
}

Task<Result<Loaded>> load_server(Cognito& cognito, const Call& call) {
  CO_TRY([[maybe_unused]] const Loaded pool, co_await load_pool(cognito.store, place_of(call)));
  CO_TRY(std::optional<Loaded> server, co_await load(cognito.store, server_key(call)));
  if (!server) {
    co_return not_found(
        fmt::format("Resource server {} does not exist.", aws::text(call, "Identifier")));
  }
  co_return *std::move(server);
}

Task<Result<Answer>> create_resource_server(Cognito& cognito, Call& call, net::Worker&) {
  CO_TRY_DO(check_scopes(call));
  const PoolPlace place = place_of(call);
  CO_TRY([[maybe_unused]] const Loaded pool, co_await load_pool(cognito.store, place));
  const std::size_t most = cognito.quotas.resource_servers_per_pool;
  CO_TRY(const std::vector<store::Key> there,
         co_await keys_below(cognito.store, key_of(place, kind::resource_server, ""), most));
  if (there.size() >= most) {
    co_return limit_exceeded(fmt::format("Resource server limit of {} exceeded.", most));
  }
  const store::Key key = server_key(call);
  CO_TRY(const std::optional<Loaded> taken, co_await load(cognito.store, key));
  if (taken) {
    co_return invalid_parameter(fmt::format("{} already exists in user pool {}.",
                                            aws::text(call, "Identifier"), place.pool_id));
  }
  const JsonObject body = body_of(call);
  store::Batch batch;
  batch.preconditions.push_back(
      {.holds = store::Precondition::Holds::present, .key = key_of(place, kind::pool)});
  create(batch, key, body);
  CO_TRY([[maybe_unused]] store::Version version, co_await cognito.store.commit(std::move(batch)));
  co_return Answer{JsonObject{{"ResourceServer", body}}, {}};
}

Task<Result<Answer>> describe_resource_server(Cognito& cognito, Call& call, net::Worker&) {
  CO_TRY(const Loaded server, co_await load_server(cognito, call));
  co_return Answer{JsonObject{{"ResourceServer", server.body}}, {}};
}

Task<Result<Answer>> update_resource_server(Cognito& cognito, Call& call, net::Worker&) {
  CO_TRY_DO(check_scopes(call));
  CO_TRY(Loaded server, co_await load_server(cognito, call));
  server.body = body_of(call);
  store::Batch batch;
  write_back(batch, server);
  CO_TRY([[maybe_unused]] store::Version version, co_await cognito.store.commit(std::move(batch)));
  co_return Answer{JsonObject{{"ResourceServer", server.body}}, {}};
}

Task<Result<Answer>> delete_resource_server(Cognito& cognito, Call& call, net::Worker&) {
  CO_TRY(const Loaded server, co_await load_server(cognito, call));
  store::Batch batch;
  remove(batch, server);
  CO_TRY([[maybe_unused]] store::Version version, co_await cognito.store.commit(std::move(batch)));
  co_return Answer{};
}

Task<Result<Answer>> list_resource_servers(Cognito& cognito, Call& call, net::Worker&) {
  const PoolPlace place = place_of(call);
  CO_TRY([[maybe_unused]] const Loaded pool, co_await load_pool(cognito.store, place));
  JsonObject output;
  CO_TRY(std::vector<Loaded> servers,
         co_await load_page(cognito.store, key_of(place, kind::resource_server, ""), call, output));
  JsonArray shapes;
  for (Loaded& server : servers) shapes.push_back(std::move(server.body));
  output["ResourceServers"] = std::move(shapes);
  co_return Answer{std::move(output), {}};
}

}  // namespace

void add_resource_server_operations(Cognito& cognito, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::writing_row(cognito, "CreateResourceServer", create_resource_server, busy));
  rows.push_back(aws::row(cognito, "DescribeResourceServer", describe_resource_server));
  rows.push_back(aws::writing_row(cognito, "UpdateResourceServer", update_resource_server, busy));
  rows.push_back(aws::writing_row(cognito, "DeleteResourceServer", delete_resource_server, busy));
  rows.push_back(aws::row(cognito, "ListResourceServers", list_resource_servers));
}

}  // namespace toolgate::services::cognito
