// Amazon CloudWatch Logs: groups, streams and events over the journal; resource policies and
// deliveries as configuration in the store. One file per family of operations.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "aws/service.h"
#include "journal/journal.h"
#include "store/store.h"

namespace toolgate::services::logs {

// What the operations work with. Everything outlives it.
struct Logs {
  journal::Journal& journal;
  store::Store& store;
  // Whether the caller may do this to a resource that is not ours.
  std::function<Task<Result<void>>(const aws::Call&, std::string action, std::string arn)> may;
};

// `logs` outlives the table.
[[nodiscard]] aws::Service table(Logs& logs);

// The rows of one family each; table joins them.
void add_group_operations(Logs& logs, std::vector<aws::Operation>& rows);
void add_stream_operations(Logs& logs, std::vector<aws::Operation>& rows);
void add_write_operations(Logs& logs, std::vector<aws::Operation>& rows);
void add_read_operations(Logs& logs, std::vector<aws::Operation>& rows);
void add_tag_operations(Logs& logs, std::vector<aws::Operation>& rows);
void add_policy_operations(Logs& logs, std::vector<aws::Operation>& rows);
void add_delivery_source_operations(Logs& logs, std::vector<aws::Operation>& rows);
void add_delivery_destination_operations(Logs& logs, std::vector<aws::Operation>& rows);
void add_delivery_operations(Logs& logs, std::vector<aws::Operation>& rows);

}  // namespace toolgate::services::logs
