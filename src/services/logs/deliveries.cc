// Deliveries: from a source to a destination.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/ids.h"
#include "base/text.h"
#include "services/logs/delivery_documents.h"

namespace toolgate::services::logs {
namespace {

using aws::Answer;
using aws::Call;

constexpr std::size_t id_length = 16;

void copy_configuration(const Call& call, JsonObject& delivery) {
  for (const char* member : {"recordFields", "fieldDelimiter", "s3DeliveryConfiguration"}) {
    if (const Json* value = json::find(call.input, member)) delivery[member] = *value;
  }
}

// What it takes to have a destination written to, for AWS's log delivery writes itself into the
// destination's policy or tags in the caller's name ("Logging that requires additional permissions
// [V2]", CloudWatch Logs user guide).
Task<Result<void>> check_destination(Logs& logs, const Call& call, const Json& destination) {
  struct Needed {
    std::string_view service;  // of the ARN
    std::string_view action;
  };
  constexpr std::array needed{Needed{"logs", "logs:PutResourcePolicy"},
                              Needed{"s3", "s3:PutBucketPolicy"},
                              Needed{"firehose", "firehose:TagDeliveryStream"}};
  std::string arn{
      json::find_string(destination, "deliveryDestinationConfiguration", "destinationResourceArn")
          .value_or("")};
  const auto parts = split(arn, ':');
  if (parts.size() < 6) co_return Result<void>{};  // X-Ray has none
  const auto* const one = std::ranges::find(needed, parts[2], &Needed::service);
  if (one == needed.end()) co_return Result<void>{};
  // A bucket's ARN may have a prefix behind it.
  if (parts[2] == "s3") arn.resize(std::min(arn.find('/'), arn.size()));
  co_return co_await logs.may(call, std::string{one->action}, std::move(arn));
}

Task<Result<Answer>> create_delivery(Logs& logs, Call& call, net::Worker&) {
  const std::string destination_arn = aws::text(call, "deliveryDestinationArn");
  const std::string ours = arn_of(call, "delivery-destination:");
  if (!destination_arn.starts_with(ours)) {
    co_return fail(Code::not_found,
                   fmt::format("The delivery destination {} does not exist.", destination_arn));
  }
  CO_TRY(const auto source, co_await load_delivery_part(logs, call, kind_source,
                                                        aws::text(call, "deliverySourceName")));
  CO_TRY(const auto destination, co_await load_delivery_part(logs, call, kind_destination,
                                                             destination_arn.substr(ours.size())));
  CO_TRY_DO(co_await check_destination(logs, call, destination.body));
  const std::string id = random_text(id_length, mixed_alphanumeric);
  JsonObject delivery{
      {"id", id},
      {"arn", arn_of(call, "delivery:" + id)},
      {"deliverySourceName", aws::text(call, "deliverySourceName")},
      {"deliveryDestinationArn", destination_arn},
      {"deliveryDestinationType",
       json::find_string(destination.body, "deliveryDestinationType").value_or("")}};
  copy_configuration(call, delivery);
  if (const Json* tags = json::find(call.input, "tags")) delivery["tags"] = *tags;
  const auto key = key_of(call, kind_delivery, id);
  store::Batch batch;
  // Both are written too, so that their deletion notices the delivery.
  for (const auto* part : {&source, &destination}) {
    batch.preconditions.push_back(unchanged(*part));
    batch.puts.push_back(store::put_json(part->key, part->body));
  }
  batch.claims.push_back({key, pair_of(aws::text(call, "deliverySourceName"), destination_arn)});
  batch.puts.push_back(store::put_json(key, delivery));
  CO_TRY_DO(conflicting(co_await logs.store.commit(std::move(batch)),
                        "A delivery from this source to this destination exists already."));
  co_return Answer{JsonObject{{"delivery", std::move(delivery)}}, {}};
}

Task<Result<Answer>> get_delivery(Logs& logs, Call& call, net::Worker&) {
  CO_TRY(const auto delivery,
         co_await load_delivery_part(logs, call, kind_delivery, aws::text(call, "id")));
  co_return Answer{JsonObject{{"delivery", shown(delivery.body)}}, {}};
}

Task<Result<Answer>> describe_deliveries(Logs& logs, Call& call, net::Worker&) {
  const auto* names = json::find_array(call.input, "deliverySourceNames");
  co_return co_await describe_delivery_parts(
      logs, call, kind_delivery, "deliveries", [names](const Json& delivery) {
        return listed(names, json::find_string(delivery, "deliverySourceName").value_or(""));
      });
}

Task<Result<Answer>> update_delivery_configuration(Logs& logs, Call& call, net::Worker&) {
  CO_TRY(auto delivery,
         co_await load_delivery_part(logs, call, kind_delivery, aws::text(call, "id")));
  copy_configuration(call, delivery.body.get_object());
  store::Batch batch;
  batch.preconditions.push_back(unchanged(delivery));
  batch.puts.push_back(store::put_json(delivery.key, delivery.body));
  CO_TRY_DO(conflicting(co_await logs.store.commit(std::move(batch)), {}));
  co_return Answer{};
}

Task<Result<Answer>> delete_delivery(Logs& logs, Call& call, net::Worker&) {
  CO_TRY(const auto delivery,
         co_await load_delivery_part(logs, call, kind_delivery, aws::text(call, "id")));
  store::Batch batch;
  batch.preconditions.push_back(unchanged(delivery));
  batch.deletes.push_back(delivery.key);
  CO_TRY_DO(conflicting(co_await logs.store.commit(std::move(batch)), {}));
  co_return Answer{};
}

}  // namespace

void add_delivery_operations(Logs& logs, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(logs, "CreateDelivery", create_delivery));
  rows.push_back(aws::row(logs, "GetDelivery", get_delivery));
  rows.push_back(aws::row(logs, "DescribeDeliveries", describe_deliveries));
  rows.push_back(aws::row(logs, "UpdateDeliveryConfiguration", update_delivery_configuration));
  rows.push_back(aws::row(logs, "DeleteDelivery", delete_delivery));
}

}  // namespace toolgate::services::logs
