// Scopes: "<resource server's identifier>/<scope's name>", and the five that Cognito itself has.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/cognito/documents.h"

namespace toolgate::services::cognito {

// openid, email, …: of users. Client credentials have none of them.
[[nodiscard]] bool is_user_scope(std::string_view scope);

// Those of `scopes` that no resource server of the pool has now. User scopes are not among them.
Task<Result<std::vector<std::string>>> unknown_scopes(store::Store& store, PoolPlace pool,
                                                      std::vector<std::string> scopes);

}  // namespace toolgate::services::cognito
