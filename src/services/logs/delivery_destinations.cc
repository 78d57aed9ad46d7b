// Delivery destinations: a log group, a bucket, a stream, or X-Ray, with a policy of who may use
// it.
#include <fmt/format.h>

#include "base/text.h"
#include "json/members.h"
#include "services/logs/delivery_documents.h"

namespace toolgate::services::logs {
namespace {

using aws::Answer;
using aws::Call;

// The type that an ARN's service means (DeliveryDestination, API reference).
struct TypeRow {
  std::string_view service;
  std::string_view type;
};
constexpr TypeRow types[] = {{"logs", "CWL"}, {"s3", "S3"}, {"firehose", "FH"}};

Result<std::string> type_of(const Call& call) {
  const auto given = aws::text_if(call, "deliveryDestinationType");
  const auto arn =
      json::find_string(call.input, "deliveryDestinationConfiguration", "destinationResourceArn");
  if (!arn) {
    if (given == "XRAY") return *given;
    return invalid_delivery(
        "deliveryDestinationConfiguration: expected a destinationResourceArn, unless "
        "deliveryDestinationType is XRAY");
  }
  const auto parts = split(*arn, ':');
  for (const auto& [service, type] : types) {
    if (parts.size() < 6 || parts[0] != "arn" || parts[2] != service) continue;
    if (given && *given != type) break;
    return std::string{type};
  }
  return invalid_delivery(
      fmt::format("destinationResourceArn {}: expected the ARN of a log group, a bucket or a "
                  "Firehose stream that fits deliveryDestinationType",
                  *arn));
}

Task<Result<Answer>> put_delivery_destination(Logs& logs, Call& call, net::Worker&) {
  const std::string name = aws::text(call, "name");
  CO_TRY(const std::string type, type_of(call));
  const auto key = key_of(call, kind_destination, name);
  CO_TRY(const auto there, co_await store::get_document(logs.store, key));
  JsonObject destination{{"name", name},
                         {"arn", arn_of(call, "delivery-destination:" + name)},
                         {"deliveryDestinationType", type}};
  store::Batch batch;
  if (there) {
    if (json::find_string(there->body, "deliveryDestinationType") != type) {
      co_return conflict("The delivery destination exists with another type.");
    }
    for (const char* member : {"tags", "_policy"}) {
      if (const Json* value = json::find(there->body, member)) destination[member] = *value;
    }
    batch.preconditions.push_back(unchanged(*there));
  }
  for (const char* member :
       {"outputFormat", "deliveryDestinationConfiguration", "roleArn", "tags"}) {
    if (const Json* value = json::find(call.input, member)) destination[member] = *value;
  }
  batch.puts.push_back(store::put_json(key, destination));
  CO_TRY_DO(conflicting(co_await logs.store.commit(std::move(batch)), {}));
  co_return Answer{JsonObject{{"deliveryDestination", shown(destination)}}, {}};
}

Task<Result<Answer>> get_delivery_destination(Logs& logs, Call& call, net::Worker&) {
  CO_TRY(const auto destination,
         co_await load_delivery_part(logs, call, kind_destination, aws::text(call, "name")));
  co_return Answer{JsonObject{{"deliveryDestination", shown(destination.body)}}, {}};
}

Task<Result<Answer>> describe_delivery_destinations(Logs& logs, Call& call, net::Worker&) {
  co_return co_await describe_delivery_parts(logs, call, kind_destination, "deliveryDestinations",
                                             [](const Json&) { return true; });
}

Task<Result<Answer>> delete_delivery_destination(Logs& logs, Call& call, net::Worker&) {
  CO_TRY(const auto destination,
         co_await load_delivery_part(logs, call, kind_destination, aws::text(call, "name")));
  const std::string arn = json::member(destination.body, "arn");
  CO_TRY(const bool used, co_await is_delivered(logs, call, "deliveryDestinationArn", arn));
  if (used) co_return conflict("The delivery destination has deliveries; delete them first.");
  store::Batch batch;
  batch.preconditions.push_back(unchanged(destination));
  batch.deletes.push_back(destination.key);
  CO_TRY_DO(conflicting(co_await logs.store.commit(std::move(batch)), {}));
  co_return Answer{};
}

Task<Result<store::JsonDocument>> load_for_policy(Logs& logs, const Call& call) {
  co_return co_await load_delivery_part(logs, call, kind_destination,
                                        aws::text(call, "deliveryDestinationName"));
}

Task<Result<Answer>> write_policy(Logs& logs, store::JsonDocument destination) {
  JsonObject policy;
  if (const Json* text = json::find(destination.body, "_policy")) {
    policy["deliveryDestinationPolicy"] = *text;
  }
  store::Batch batch;
  batch.preconditions.push_back(unchanged(destination));
  batch.puts.push_back(store::put_json(destination.key, destination.body));
  CO_TRY_DO(conflicting(co_await logs.store.commit(std::move(batch)), {}));
  co_return Answer{JsonObject{{"policy", std::move(policy)}}, {}};
}

Task<Result<Answer>> put_policy(Logs& logs, Call& call, net::Worker&) {
  CO_TRY(auto destination, co_await load_for_policy(logs, call));
  const std::string policy = aws::text(call, "deliveryDestinationPolicy");
  const auto parsed = json::parse(policy);
  if (!parsed || !parsed->is_object() || json::find(*parsed, "Statement") == nullptr) {
    co_return invalid_delivery(
        "deliveryDestinationPolicy: expected a JSON policy with a Statement");
  }
  destination.body.get_object()["_policy"] = policy;
  co_return co_await write_policy(logs, std::move(destination));
}

Task<Result<Answer>> get_policy(Logs& logs, Call& call, net::Worker&) {
  CO_TRY(const auto destination, co_await load_for_policy(logs, call));
  JsonObject policy;
  if (const Json* text = json::find(destination.body, "_policy")) {
    policy["deliveryDestinationPolicy"] = *text;
  }
  co_return Answer{JsonObject{{"policy", std::move(policy)}}, {}};
}

Task<Result<Answer>> delete_policy(Logs& logs, Call& call, net::Worker&) {
  CO_TRY(auto destination, co_await load_for_policy(logs, call));
  if (destination.body.get_object().erase("_policy") == 0) {
    co_return fail(Code::not_found, "The delivery destination has no policy.");
  }
  CO_TRY_DO(co_await write_policy(logs, std::move(destination)));
  co_return Answer{};
}

}  // namespace

void add_delivery_destination_operations(Logs& logs, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(logs, "PutDeliveryDestination", put_delivery_destination));
  rows.push_back(aws::row(logs, "GetDeliveryDestination", get_delivery_destination));
  rows.push_back(aws::row(logs, "DescribeDeliveryDestinations", describe_delivery_destinations));
  rows.push_back(aws::row(logs, "DeleteDeliveryDestination", delete_delivery_destination));
  rows.push_back(aws::row(logs, "PutDeliveryDestinationPolicy", put_policy));
  rows.push_back(aws::row(logs, "GetDeliveryDestinationPolicy", get_policy));
  rows.push_back(aws::row(logs, "DeleteDeliveryDestinationPolicy", delete_policy));
}

}  // namespace toolgate::services::logs
