// Delivery sources: a resource and a kind of logs that it can deliver.
#include <fmt/format.h>

#include "base/text.h"
#include "services/logs/delivery_documents.h"

namespace toolgate::services::logs {
namespace {

using aws::Answer;
using aws::Call;

// arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE → SERVICE
Result<std::string> service_of(const std::string& arn) {
  const auto parts = split(arn, ':');
  if (parts.size() < 6 || parts[0] != "arn" || parts[2].empty() || parts[5].empty()) {
    return invalid_delivery(
        fmt::format("resourceArn {}: expected arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE", arn));
  }
  return std::string{parts[2]};
}

std::string origin_of(const Json& source) {
  const auto* arns = json::find_array(source, "resourceArns");
  return fmt::format("{} {}", std::string_view{arns->at(0).get_string()},
                     json::find_string(source, "logType").value_or(""));
}

Task<Result<Answer>> put_delivery_source(Logs& logs, Call& call, net::Worker&) {
  const std::string name = aws::text(call, "name");
  const std::string resource = aws::text(call, "resourceArn");
  CO_TRY(const std::string service, service_of(resource));
  const auto key = key_of(call, kind_source, name);
  CO_TRY(const auto there, co_await store::get_document(logs.store, key));
  JsonObject source{{"name", name},
                    {"arn", arn_of(call, "delivery-source:" + name)},
                    {"resourceArns", JsonArray{resource}},
                    {"service", service},
                    {"logType", aws::text(call, "logType")},
                    {"status", "ACTIVE"}};
  if (there) {
    if (const Json* tags = json::find(there->body, "tags")) source["tags"] = *tags;
  }
  for (const char* member : {"tags", "deliverySourceConfiguration"}) {
    if (const Json* value = json::find(call.input, member)) source[member] = *value;
  }
  store::Batch batch;
  if (there) {
    batch.preconditions.push_back(unchanged(*there));
    batch.releases.push_back({key, origin_of(there->body)});
  }
  batch.claims.push_back({key, origin_of(source)});
  batch.puts.push_back(store::put_json(key, source));
  CO_TRY_DO(conflicting(co_await logs.store.commit(std::move(batch)),
                        "Another delivery source has this resource and log type already."));
  co_return Answer{JsonObject{{"deliverySource", std::move(source)}}, {}};
}

Task<Result<Answer>> get_delivery_source(Logs& logs, Call& call, net::Worker&) {
  CO_TRY(const auto source,
         co_await load_delivery_part(logs, call, kind_source, aws::text(call, "name")));
  co_return Answer{JsonObject{{"deliverySource", shown(source.body)}}, {}};
}

Task<Result<Answer>> describe_delivery_sources(Logs& logs, Call& call, net::Worker&) {
  const auto* arns = json::find_array(call.input, "resourceArns");
  co_return co_await describe_delivery_parts(
      logs, call, kind_source, "deliverySources", [arns](const Json& source) {
        return listed(arns, json::find_array(source, "resourceArns")->at(0).get_string());
      });
}

Task<Result<Answer>> delete_delivery_source(Logs& logs, Call& call, net::Worker&) {
  const std::string name = aws::text(call, "name");
  CO_TRY(const auto source, co_await load_delivery_part(logs, call, kind_source, name));
  CO_TRY(const bool used, co_await is_delivered(logs, call, "deliverySourceName", name));
  if (used) co_return conflict("The delivery source has deliveries; delete them first.");
  store::Batch batch;
  // A delivery that is made meanwhile changes its source.
  batch.preconditions.push_back(unchanged(source));
  batch.deletes.push_back(source.key);
  CO_TRY_DO(conflicting(co_await logs.store.commit(std::move(batch)), {}));
  co_return Answer{};
}

}  // namespace

void add_delivery_source_operations(Logs& logs, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(logs, "PutDeliverySource", put_delivery_source));
  rows.push_back(aws::row(logs, "GetDeliverySource", get_delivery_source));
  rows.push_back(aws::row(logs, "DescribeDeliverySources", describe_delivery_sources));
  rows.push_back(aws::row(logs, "DeleteDeliverySource", delete_delivery_source));
}

}  // namespace toolgate::services::logs
