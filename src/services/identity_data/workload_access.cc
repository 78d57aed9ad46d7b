// GetWorkloadAccessToken, GetWorkloadAccessTokenForJWT, GetWorkloadAccessTokenForUserId.
#include "services/identity_data/workload_tokens.h"

namespace toolgate::services::identity_data {
namespace {

Task<Result<aws::Answer>> answer(IdentityData& own, aws::Call& call, credentials::User user) {
  user.workload = aws::text(call, "workloadName");
  CO_TRY_DO(co_await check_workload(own, call, user.workload));
  const model::Place place{call.account, call.region};
  co_return aws::Answer{.output = JsonObject{{"workloadAccessToken",
                                              make_workload_token(own, place, call.now, user)}},
                        .body = {}};
}

}  // namespace

Task<Result<aws::Answer>> get_workload_token(IdentityData& own, aws::Call& call, net::Worker&) {
  co_return co_await answer(own, call, {});
}

Task<Result<aws::Answer>> get_workload_token_for_jwt(IdentityData& own, aws::Call& call,
                                                     net::Worker& worker) {
  CO_TRY(auto user, co_await verified_user(own, aws::text(call, "userToken"), worker));
  co_return co_await answer(own, call, std::move(user));
}

Task<Result<aws::Answer>> get_workload_token_for_user_id(IdentityData& own, aws::Call& call,
                                                         net::Worker&) {
  credentials::User user;
  user.name = credentials::user_of_id(aws::text(call, "userId"));
  co_return co_await answer(own, call, std::move(user));
}

}  // namespace toolgate::services::identity_data
