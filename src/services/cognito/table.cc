// The operations of the service.
#include "services/cognito/service.h"

namespace toolgate::services::cognito {

aws::Service table(Cognito& cognito) {
  aws::Service service{"cognito-idp", {}};
  add_pool_operations(cognito, service.operations);
  add_domain_operations(cognito, service.operations);
  add_resource_server_operations(cognito, service.operations);
  add_client_operations(cognito, service.operations);
  add_tag_operations(cognito, service.operations);
  return service;
}

}  // namespace toolgate::services::cognito
