// The operations of the service.
#include "services/logs/service.h"

namespace toolgate::services::logs {

aws::Service table(Logs& logs) {
  aws::Service service{"logs", {}};
  for (const auto add :
       {add_group_operations, add_stream_operations, add_write_operations, add_read_operations,
        add_tag_operations, add_policy_operations, add_delivery_source_operations,
        add_delivery_destination_operations, add_delivery_operations}) {
    add(logs, service.operations);
  }
  return service;
}

}  // namespace toolgate::services::logs
