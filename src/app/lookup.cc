#include "app/lookup.h"

#include <fmt/format.h>

#include "model/kinds.h"
#include "store/documents.h"
#include "store/envelope.h"

namespace toolgate::app {
Task<Result<store::Key>> find_gateway(store::Store& store, std::string wanted) {
  CO_TRY(const auto keys, co_await store.keys_of(std::string{model::kind::gateway}));
  for (const auto& key : keys) {
    CO_TRY(const auto stored, co_await store.get(key));
    if (!stored) continue;
    CO_TRY(const Json document, json::parse(stored->body));
    if (key.id == wanted || json::find_string(document, "name") == wanted) co_return key;
  }
  co_return fail(Code::not_found, fmt::format("no gateway has the id or name '{}'", wanted));
}

Task<Result<Json>> find_target(store::Store& store, store::Key gateway, std::string wanted) {
  store::Key prefix = gateway;
  prefix.kind = model::kind::target;
  prefix.id += '/';
  CO_TRY(auto targets, co_await store::list_all_json(store, std::move(prefix)));
  for (auto& [key, version, document] : targets) {
    const bool found = json::find_string(document, "targetId") == wanted ||
                       json::find_string(document, "name") == wanted;
    if (!found) continue;
    if (!store::check_open(document)) {
      co_return fail(
          Code::denied,
          fmt::format("target {} is sealed under its gateway's KMS key, which only the running "
                      "server opens; UpdateGatewayTarget tells its steps (header DryRun: true)",
                      wanted));
    }
    co_return std::move(document);
  }
  co_return fail(Code::not_found, fmt::format("gateway {} has no target with the id or name '{}'",
                                              gateway.id, wanted));
}

}  // namespace toolgate::app
