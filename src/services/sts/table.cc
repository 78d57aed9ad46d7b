// The operations of the service.
#include "services/sts/service.h"

namespace toolgate::services::sts {

aws::Service table(Sts& sts) {
  return {"sts",
          {
              aws::row(sts, "GetCallerIdentity", get_caller_identity),
              aws::row(sts, "GetSessionToken", get_session_token),
              aws::row(sts, "AssumeRole", assume_role),
          }};
}

JsonObject credentials_shape(const identity::SessionCredentials& credentials) {
  return JsonObject{{"AccessKeyId", credentials.access_key_id},
                    {"SecretAccessKey", credentials.secret_access_key},
                    {"SessionToken", credentials.session_token},
                    {"Expiration", static_cast<double>(seconds_of(credentials.expires))}};
}

std::string parent_key_of(const identity::Principal& caller) {
  return caller.access_key_id.starts_with("AKIA") ? caller.access_key_id : std::string{};
}

}  // namespace toolgate::services::sts
