// The operations of the service.
#include "services/identity_data/service.h"

namespace toolgate::services::identity_data {

aws::Service table(IdentityData& own) {
  return {"bedrock-agentcore",
          {aws::row(own, "GetWorkloadAccessToken", get_workload_token),
           aws::row(own, "GetWorkloadAccessTokenForJWT", get_workload_token_for_jwt),
           aws::row(own, "GetWorkloadAccessTokenForUserId", get_workload_token_for_user_id),
           aws::row(own, "GetResourceOauth2Token", get_resource_oauth2_token),
           aws::row(own, "GetResourceApiKey", get_resource_api_key),
           aws::row(own, "CompleteResourceTokenAuth", complete_resource_token_auth)}};
}

}  // namespace toolgate::services::identity_data
