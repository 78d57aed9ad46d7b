// Workload access tokens: sealed statements that a workload identity acts, for a user or for
// itself. They say everything themselves; nothing is stored.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "aws/call.h"
#include "base/result.h"
#include "base/task.h"
#include "credentials/user.h"
#include "services/identity_data/service.h"

namespace toolgate::services::identity_data {

// AWS names no life; it is long enough for one turn of an agent, consent included.
inline constexpr auto workload_token_life = std::chrono::minutes{15};

// `user.name` is empty for a workload that acts for itself. A token that carries a user's JWT ends
// with it at the latest.
[[nodiscard]] std::string make_workload_token(const IdentityData& own, const model::Place& place,
                                              Time now, const credentials::User& user);

// Fails with Error::name "UnauthorizedException": not one of ours, of another account or region,
// ended, or of a workload identity that was deleted.
Task<Result<std::shared_ptr<const credentials::User>>> open_workload_token(const IdentityData& own,
                                                                           const aws::Call& call,
                                                                           std::string token);

// The workload identity must exist: Code::not_found.
Task<Result<void>> check_workload(const IdentityData& own, const aws::Call& call,
                                  std::string_view name);

// Who a user's JWT speaks of, once its signature was checked with the keys of its issuer. Fails
// with Code::invalid.
Task<Result<credentials::User>> verified_user(const IdentityData& own, std::string token,
                                              net::Worker& worker);

}  // namespace toolgate::services::identity_data
