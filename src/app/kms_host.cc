#include "app/kms_host.h"

namespace toolgate::app {
namespace {

Task<Result<void>> may_use_key(services::iam::Authorizer& authorizer, const aws::Call& call,
                               std::string action, std::string arn) {
  CO_TRY_DO(co_await authorizer.settle());
  co_return authorizer.may({.caller = call.caller,
                            .action = action,
                            .resource = arn,
                            .region = call.region,
                            .request = call.request});
}

}  // namespace

services::kms::Kms make_kms(store::Store& store, const store::Secrets& secrets,
                            services::iam::Authorizer& authorizer) {
  return {store, secrets,
          [&authorizer](const aws::Call& call, std::string action, std::string arn) {
            return may_use_key(authorizer, call, std::move(action), std::move(arn));
          }};
}

}  // namespace toolgate::app
