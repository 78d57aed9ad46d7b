#include "services/cognito/scopes.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace toolgate::services::cognito {
namespace {

// The names of a resource server's scopes; none when there is no such server.
Task<Result<std::set<std::string>>> scope_names(store::Store& store, PoolPlace pool,
                                                std::string identifier) {
  CO_TRY(const std::optional<Loaded> server,
         co_await load(store, key_of(pool, kind::resource_server, identifier)));
  std::set<std::string> names;
  const Json* scopes = server ? server->body.if_contains("Scopes") : nullptr;
  if (scopes != nullptr && scopes->is_array()) {
    for (const Json& scope : scopes->get_array()) {
      names.emplace(json::find_string(scope, "ScopeName").value_or(""));
    }
  }
  co_return std::move(names);
}

}  // namespace

bool is_user_scope(std::string_view scope) {
  constexpr std::array<std::string_view, 5> user_scopes{"phone", "email", "openid", "profile",
                                                        "aws.cognito.signin.user.admin"};
  return std::ranges::find(user_scopes, scope) != user_scopes.end();
}

Task<Result<std::vector<std::string>>> unknown_scopes(store::Store& store, PoolPlace pool,
                                                      std::vector<std::string> scopes) {
  std::map<std::string, std::set<std::string>> servers;  // read once each
  std::vector<std::string> unknown;
  for (std::string& scope : scopes) {
    if (is_user_scope(scope)) continue;
    // An identifier may hold slashes ("https://orders"), a scope's name may not.
    const auto slash = scope.rfind('/');
    if (slash == std::string::npos || slash == 0) {
      unknown.push_back(std::move(scope));
      continue;
    }
    const std::string identifier = scope.substr(0, slash);
    auto server = servers.find(identifier);
    if (server == servers.end()) {
      CO_TRY(std::set<std::string> names, co_await scope_names(store, pool, identifier));
      server = servers.emplace(identifier, std::move(names)).first;
    }
    if (!server->second.contains(scope.substr(slash + 1))) unknown.push_back(std::move(scope));
  }
  co_return std::move(unknown);
}

}  // namespace toolgate::services::cognito
