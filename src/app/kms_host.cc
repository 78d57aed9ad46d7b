#include "app/kms_host.h"

#include <fmt/format.h>

#include "services/kms/signing.h"

namespace toolgate::app {
namespace {

using Keys = std::vector<std::pair<std::string, std::vector<std::string>>>;

// What key policies ask ("Condition keys for AWS KMS", KMS developer guide). What comes over the
// inner net is asked by our gateways and token vaults.
Keys keys_of(const aws::Call& call) {
  Keys keys{{"kms:CallerAccount", {call.caller.account}}};
  const Json* context = json::find(call.input, "EncryptionContext");
  if (context == nullptr || !context->is_object()) return keys;
  std::vector<std::string> names;
  bool identity = false;
  for (const auto& [name, value] : context->get_object()) {
    names.emplace_back(name);
    identity = identity || names.back().starts_with("aws:bedrock-agentcore-identity:");
    keys.push_back(
        {fmt::format("kms:EncryptionContext:{}", names.back()), {std::string{value.get_string()}}});
  }
  keys.push_back({"kms:EncryptionContextKeys", std::move(names)});
  if (call.request != nullptr && call.request->peer.hops > 0) {
    keys.push_back({"kms:ViaService",
                    {fmt::format("bedrock-agentcore{}.{}.amazonaws.com",
                                 identity ? "-identity" : "", call.region)}});
  }
  return keys;
}

Task<Result<void>> may_use_key(services::iam::Authorizer& authorizer, const aws::Call& call,
                               std::string action, std::string arn) {
  CO_TRY_DO(co_await authorizer.settle());
  co_return authorizer.may({.caller = call.caller,
                            .action = action,
                            .resource = arn,
                            .region = call.region,
                            .request = call.request,
                            .keys = keys_of(call)});
}

}  // namespace

services::kms::Kms make_kms(store::Store& store, const store::Secrets& secrets,
                            services::iam::Authorizer& authorizer, Offload& offload) {
  return {store, secrets,
          [&authorizer](const aws::Call& call, std::string action, std::string arn) {
            return may_use_key(authorizer, call, std::move(action), std::move(arn));
          },
          &offload};
}

Task<Result<std::string>> KmsSigner::sign(Wanted wanted) const {
  co_return co_await services::kms::sign_jwt(kms_,
                                             {.account = std::move(wanted.place.account),
                                              .region = std::move(wanted.place.region),
                                              .key_arn = std::move(wanted.key_arn),
                                              .algorithm = std::move(wanted.algorithm),
                                              .input = std::move(wanted.input)},
                                             clock_.now());
}

Task<Result<void>> KmsSigner::may_sign(const identity::Principal& caller, model::Place place,
                                       std::string key_arn) const {
  CO_TRY_DO(co_await authorizer_.settle());
  co_return authorizer_.may(
      {.caller = caller, .action = "kms:Sign", .resource = key_arn, .region = place.region});
}

}  // namespace toolgate::app
