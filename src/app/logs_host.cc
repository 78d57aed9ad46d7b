#include "app/logs_host.h"

namespace toolgate::app {
namespace {

Task<Result<void>> may(services::iam::Authorizer& authorizer, const aws::Call& call,
                       std::string action, std::string resource) {
  CO_TRY_DO(co_await authorizer.settle());
  co_return authorizer.may({.caller = call.caller,
                            .action = action,
                            .resource = resource,
                            .region = call.region,
                            .request = call.request});
}

}  // namespace

services::logs::Logs make_logs(journal::Journal& journal, store::Store& store,
                               services::iam::Authorizer& authorizer) {
  return {.journal = journal,
          .store = store,
          .may = [&authorizer](const aws::Call& call, std::string action, std::string resource) {
            return may(authorizer, call, std::move(action), std::move(resource));
          }};
}

}  // namespace toolgate::app
