// A pool's clients: their secrets, flows and scopes.
#include <fmt/format.h>

#include "base/ids.h"
#include "services/cognito/client.h"
#include "services/cognito/documents.h"
#include "services/cognito/scopes.h"
#include "services/cognito/service.h"

namespace toolgate::services::cognito {
namespace {

using aws::Answer;
using aws::Call;

constexpr std::size_t client_id_characters = 26;
constexpr std::size_t secret_characters = 51;

Task<Result<Loaded>> load_client(Cognito& cognito, const Call& call) {
  const PoolPlace place = place_of(call);
  const std::string id = aws::text(call, "ClientId");
  CO_TRY([[maybe_unused]] const Loaded pool, co_await load_pool(cognito.store, place));
  CO_TRY(std::optional<Loaded> client,
         co_await load(cognito.store, key_of(place, kind::client, id)));
  if (!client) co_return not_found(fmt::format("User pool client {} does not exist.", id));
  co_return *std::move(client);
}

Task<Result<void>> check_scopes(Cognito& cognito, PoolPlace place, const JsonObject& client) {
  CO_TRY(const std::vector<std::string> unknown,
         co_await unknown_scopes(cognito.store, std::move(place),
                                 texts(client, "AllowedOAuthScopes")));
  if (unknown.empty()) co_return Result<void>{};
  co_return refuse(Code::invalid, "ScopeDoesNotExistException",
                   fmt::format("Invalid scope requested: {}", unknown.front()));
}

// With the secret in the clear, as creation and description show it.
Result<Answer> answer_with(const Cognito& cognito, const JsonObject& client) {
  JsonObject shape = client_shape(client);
  if (has_secret(client)) {
    TRY(shape["ClientSecret"], secret_of(client, cognito.secrets));
  }
  return Answer{JsonObject{{"UserPoolClient", std::move(shape)}}, {}};
}

Task<Result<Answer>> create_user_pool_client(Cognito& cognito, Call& call, net::Worker&) {
  const PoolPlace place = place_of(call);
  CO_TRY([[maybe_unused]] const Loaded pool, co_await load_pool(cognito.store, place));
  const std::size_t most = cognito.quotas.clients_per_pool;
  CO_TRY(const std::vector<store::Key> there,
         co_await keys_below(cognito.store, key_of(place, kind::client, ""), most));
  if (there.size() >= most) {
    co_return limit_exceeded(fmt::format("User pool client limit of {} exceeded.", most));
  }
  const std::string id = random_text(client_id_characters, lower_alphanumeric);
  JsonObject client{{"UserPoolId", place.pool_id},
                    {"ClientId", id},
                    {"CreationDate", timestamp(call.now)},
                    {"LastModifiedDate", timestamp(call.now)}};
  replace_client_settings(client, call.input.as_object());
  const bool generate = json::find_bool(call.input, "GenerateSecret").value_or(false);
  const auto given = aws::text_if(call, "ClientSecret");
  if (generate && given) {
    co_return invalid_parameter("GenerateSecret and ClientSecret exclude each other.");
  }
  if (generate) {
    set_secret(client, random_text(secret_characters, lower_alphanumeric), cognito.secrets);
  } else if (given) {
    set_secret(client, *given, cognito.secrets);
  }
  CO_TRY_DO(check_client(client));
  CO_TRY_DO(co_await check_scopes(cognito, place, client));

  store::Batch batch;
  batch.preconditions.push_back(
      {.holds = store::Precondition::Holds::present, .key = key_of(place, kind::pool)});
  create(batch, key_of(place, kind::client, id), client);
  create(batch, client_index_key(place.account, id),
         JsonObject{{"Region", place.region}, {"UserPoolId", place.pool_id}});
  CO_TRY([[maybe_unused]] store::Version version, co_await cognito.store.commit(std::move(batch)));
  co_return answer_with(cognito, client);
}

Task<Result<Answer>> describe_user_pool_client(Cognito& cognito, Call& call, net::Worker&) {
  CO_TRY(const Loaded client, co_await load_client(cognito, call));
  co_return answer_with(cognito, client.body);
}

Task<Result<Answer>> update_user_pool_client(Cognito& cognito, Call& call, net::Worker&) {
  CO_TRY(Loaded client, co_await load_client(cognito, call));
  replace_client_settings(client.body, call.input.as_object());
  client.body["LastModifiedDate"] = timestamp(call.now);
  CO_TRY_DO(check_client(client.body));
  CO_TRY_DO(co_await check_scopes(cognito, place_of(call), client.body));
  store::Batch batch;
  write_back(batch, client);
  CO_TRY([[maybe_unused]] store::Version version, co_await cognito.store.commit(std::move(batch)));
  co_return answer_with(cognito, client.body);
}

Task<Result<Answer>> delete_user_pool_client(Cognito& cognito, Call& call, net::Worker&) {
  CO_TRY(const Loaded client, co_await load_client(cognito, call));
  store::Batch batch;
  remove(batch, client);
  batch.deletes.push_back(client_index_key(call.account, aws::text(call, "ClientId")));
  CO_TRY([[maybe_unused]] store::Version version, co_await cognito.store.commit(std::move(batch)));
  co_return Answer{};
}

Task<Result<Answer>> list_user_pool_clients(Cognito& cognito, Call& call, net::Worker&) {
  const PoolPlace place = place_of(call);
  CO_TRY([[maybe_unused]] const Loaded pool, co_await load_pool(cognito.store, place));
  JsonObject output;
  CO_TRY(const std::vector<Loaded> clients,
         co_await load_page(cognito.store, key_of(place, kind::client, ""), call, output));
  JsonArray shapes;
  for (const Loaded& client : clients) {
    shapes.push_back(JsonObject{{"ClientId", member(client.body, "ClientId")},
                                {"UserPoolId", place.pool_id},
                                {"ClientName", member(client.body, "ClientName")}});
  }
  output["UserPoolClients"] = std::move(shapes);
  co_return Answer{std::move(output), {}};
}

}  // namespace

void add_client_operations(Cognito& cognito, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::writing_row(cognito, "CreateUserPoolClient", create_user_pool_client, busy));
  rows.push_back(aws::row(cognito, "DescribeUserPoolClient", describe_user_pool_client));
  rows.push_back(aws::writing_row(cognito, "UpdateUserPoolClient", update_user_pool_client, busy));
  rows.push_back(aws::writing_row(cognito, "DeleteUserPoolClient", delete_user_pool_client, busy));
  rows.push_back(aws::row(cognito, "ListUserPoolClients", list_user_pool_clients));
}

}  // namespace toolgate::services::cognito
