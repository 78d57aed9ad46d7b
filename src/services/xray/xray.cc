// Where traces go and which are indexed, as configuration.
#include <fmt/format.h>

#include "services/xray/service.h"
#include "store/documents.h"

namespace toolgate::services::xray {
namespace {

using aws::Answer;
using aws::Call;

constexpr std::string_view kind = "xray_configuration";
constexpr std::string_view destination_id = "trace_segment_destination";
// The one rule that there is (GetIndexingRules, API reference), and what it is until it is changed.
constexpr std::string_view rule_name = "Default";
constexpr double rule_percentage = 1.0;

store::Key key_of(const Call& call, std::string_view id) {
  return {call.account, call.region, std::string{kind}, std::string{id}};
}

Task<Result<void>> write(XRay& xray, store::Key key, JsonObject body) {
  store::Batch batch;
  batch.puts.push_back(store::put_json(std::move(key), body));
  CO_TRY_DO(co_await xray.store.commit(std::move(batch)));
  co_return Result<void>{};
}

std::unexpected<Error> invalid_request(std::string message) {
  auto error = fail(Code::invalid, std::move(message));
  error.error().name = "InvalidRequestException";
  return error;
}

Task<Result<Answer>> get_trace_segment_destination(XRay& xray, Call& call, net::Worker&) {
  CO_TRY(const auto kept, co_await store::get_json(xray.store, key_of(call, destination_id)));
  if (kept) co_return Answer{*kept, {}};
  co_return Answer{JsonObject{{"Destination", "XRay"}, {"Status", "ACTIVE"}}, {}};
}

// At AWS the change is PENDING for minutes; here there is nothing to move.
Task<Result<Answer>> update_trace_segment_destination(XRay& xray, Call& call, net::Worker&) {
  const auto destination = aws::text_if(call, "Destination");
  if (!destination) co_return invalid_request("Destination: expected XRay or CloudWatchLogs");
  JsonObject kept{{"Destination", *destination}, {"Status", "ACTIVE"}};
  CO_TRY_DO(co_await write(xray, key_of(call, destination_id), kept));
  co_return Answer{std::move(kept), {}};
}

JsonObject rule_shape(double percentage, std::optional<double> modified) {
  JsonObject shape{{"Name", rule_name},
                   {"Rule", JsonObject{{"Probabilistic",
                                        JsonObject{{"DesiredSamplingPercentage", percentage},
                                                   {"ActualSamplingPercentage", percentage}}}}}};
  if (modified) shape["ModifiedAt"] = *modified;
  return shape;
}

Task<Result<Answer>> get_indexing_rules(XRay& xray, Call& call, net::Worker&) {
  CO_TRY(auto kept, co_await store::get_json(xray.store, key_of(call, rule_name)));
  Json rule = kept ? *std::move(kept) : Json(rule_shape(rule_percentage, std::nullopt));
  co_return Answer{JsonObject{{"IndexingRules", JsonArray{std::move(rule)}}}, {}};
}

Task<Result<Answer>> update_indexing_rule(XRay& xray, Call& call, net::Worker&) {
  if (aws::text(call, "Name") != rule_name) {
    auto error = fail(Code::not_found, fmt::format("There is no indexing rule {}: the only one is "
                                                   "{}.",
                                                   aws::text(call, "Name"), rule_name));
    co_return error;
  }
  const Json* wanted = json::find(call.input, "Rule", "Probabilistic", "DesiredSamplingPercentage");
  const double percentage =
      wanted != nullptr && wanted->is_number() ? wanted->to_number<double>() : -1;
  if (!(percentage >= 0 && percentage <= 100)) {
    co_return invalid_request(
        "Rule.Probabilistic.DesiredSamplingPercentage: expected a number from 0 to 100");
  }
  JsonObject rule = rule_shape(percentage, static_cast<double>(milliseconds_of(call.now)) / 1000.0);
  CO_TRY_DO(co_await write(xray, key_of(call, rule_name), rule));
  co_return Answer{JsonObject{{"IndexingRule", std::move(rule)}}, {}};
}

}  // namespace

aws::Service table(XRay& xray) {
  return {"xray",
          {
              aws::row(xray, "GetTraceSegmentDestination", get_trace_segment_destination),
              aws::row(xray, "UpdateTraceSegmentDestination", update_trace_segment_destination),
              aws::row(xray, "GetIndexingRules", get_indexing_rules),
              aws::row(xray, "UpdateIndexingRule", update_indexing_rule),
          }};
}

}  // namespace toolgate::services::xray
