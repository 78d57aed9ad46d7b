#include "app/kms_host.h"

#include <fmt/format.h>

#include "services/kms/signing.h"

namespace toolgate::app {
namespace {

// What comes over the inner net is asked by our gateways and token vaults.
KeyRequest request_of(const aws::Call& call) {
  KeyRequest request{.caller_account = call.caller.account, .region = call.region};
  const Json* context = json::find(call.input, "EncryptionContext");
  if (context != nullptr && context->is_object()) request.context = context->get_object();
  request.via_us = call.request != nullptr && call.request->peer.hops > 0;
  return request;
}

Task<Result<void>> may_use_key(services::iam::Authorizer& authorizer, const aws::Call& call,
                               std::string action, std::string arn) {
  CO_TRY_DO(co_await authorizer.settle());
  co_return authorizer.may({.caller = call.caller,
                            .action = action,
                            .resource = arn,
                            .region = call.region,
                            .request = call.request,
                            .keys = kms_condition_keys(request_of(call))});
}

}  // namespace

std::vector<std::pair<std::string, std::vector<std::string>>> kms_condition_keys(
    const KeyRequest& request) {
  std::vector<std::pair<std::string, std::vector<std::string>>> keys{
      {"kms:CallerAccount", {std::string{request.caller_account}}}};
  std::vector<std::string> names;
  const auto add = [&](std::string name, const Json& value) {
    keys.push_back(
        {"kms:EncryptionContext:" + name, {std::string{std::string_view{value.get_string()}}}});
    names.push_back(std::move(name));
  };
  bool identity = false;
  for (const auto& [name, value] : request.context) {
    add(std::string{name}, value);
    if (!name.starts_with("aws:bedrock-agentcore-identity:")) continue;
    // The library that AWS's token vault encrypts with puts this before it, and so do the policies
    // that AWS's documentation shows.
    identity = true;
    add("aws-crypto-ec:" + std::string{name}, value);
  }
  if (!names.empty()) keys.push_back({"kms:EncryptionContextKeys", std::move(names)});
  if (request.via_us) {
    keys.push_back({"kms:ViaService",
                    {fmt::format("bedrock-agentcore{}.{}.amazonaws.com",
                                 identity ? "-identity" : "", request.region)}});
  }
  return keys;
}

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
