// The operations of the service.
#include "services/lambda/service.h"

namespace toolgate::services::lambda {

aws::Service table(Lambda& lambda) {
  aws::Service service{"lambda", {}};
  for (const auto add : {add_function_operations, add_update_operations, add_invoke_operation,
                         add_version_operations, add_alias_operations, add_policy_operations,
                         add_setting_operations}) {
    add(lambda, service.operations);
  }
  return service;
}

}  // namespace toolgate::services::lambda
