// The operations of the service.
#include "services/iam/service.h"

namespace toolgate::services::iam {

aws::Service table(Iam& iam) {
  aws::Service service{"iam", {}};
  add_user_operations(iam, service.operations);
  add_access_key_operations(iam, service.operations);
  add_role_operations(iam, service.operations);
  add_inline_policy_operations(iam, service.operations);
  add_managed_policy_operations(iam, service.operations);
  add_policy_version_operations(iam, service.operations);
  add_attachment_operations(iam, service.operations);
  add_tag_operations(iam, service.operations);
  return service;
}

}  // namespace toolgate::services::iam
