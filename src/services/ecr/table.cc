// The operations of the service.
#include "services/ecr/service.h"

namespace toolgate::services::ecr {

aws::Service table(Ecr& ecr) {
  aws::Service service{.name = "ecr", .operations = {}};
  add_repository_operations(ecr, service.operations);
  add_image_operations(ecr, service.operations);
  add_tag_operations(ecr, service.operations);
  return service;
}

}  // namespace toolgate::services::ecr
