// GATEWAY_IAM_ROLE: a session of the gateway's own role signs the request (SigV4).
#include "credentials/kinds.h"
#include "json/members.h"

namespace toolgate::credentials {

Owner owner_of(const model::Place& place, const Json& gateway) {
  return {.place = place,
          .gateway_arn = json::member(gateway, "gatewayArn"),
          .role_arn = json::member(gateway, "roleArn")};
}

// `configuration` is an iamCredentialProvider, or an empty object: a target's kind may imply it.
Result<void> read_gateway_role(const Json& configuration, std::string_view /*path*/, Need& need) {
  need.service = json::find_string(configuration, "service").value_or("");
  need.region = json::find_string(configuration, "region").value_or(need.place.region);
  return {};
}

Task<Result<Made>> make_gateway_role(const Need& need, const store::Document& /*provider*/,
                                     Making making) {
  if (making.roles == nullptr) co_return fail(Code::denied, "no role can be assumed here");
  CO_TRY(const auto session, co_await making.roles->assume(need.owner));
  Made made;
  made.credential.show = crypto::SigningKey{.access_key_id = session.access_key_id,
                                            .secret_access_key = session.secret_access_key,
                                            .session_token = session.session_token,
                                            .region = need.region,
                                            .service = need.service};
  made.life =
      std::chrono::duration_cast<std::chrono::seconds>(session.expires - making.clock.now());
  co_return made;
}

}  // namespace toolgate::credentials
