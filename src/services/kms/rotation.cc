// GetKeyRotationStatus, EnableKeyRotation, DisableKeyRotation, RotateKeyOnDemand.
#include "services/kms/rotation.h"

#include <fmt/format.h>

#include "services/kms/material.h"
#include "services/kms/signing.h"

namespace toolgate::services::kms {
namespace {

using aws::Answer;
using aws::Call;

constexpr std::int64_t period_days_default = 365;
constexpr double day_seconds = 24.0 * 3600;
// RotateKeyOnDemand, API reference: "maximum 25 for each KMS key"; of rotation as a whole ours.
constexpr std::size_t materials_count_max = 200;

double number_of(const Json* value) {
  if (value == nullptr) return 0;
  return value->is_double() ? value->get_double() : value->to_number<double>();
}

// When the newest material was made, or rotation was switched on, whichever is later.
double began(const JsonObject& body) {
  const double made = number_of(json::find(json::find_array(body, "materials")->back(), "at"));
  return std::max(made, number_of(json::find(body, "rotation", "since")));
}

Task<Result<Answer>> get_key_rotation_status(Kms& kms, Call& call, net::Worker&) {
  CO_TRY(const Key key, co_await load_key(kms, call));
  CO_TRY_DO(check_not_pending(key));
  const auto next = next_rotation(key);
  JsonObject output{{"KeyRotationEnabled", next.has_value()}, {"KeyId", key.arn()}};
  if (next) {
    output["NextRotationDate"] = *next;
    output["RotationPeriodInDays"] = json::number(key.body, "rotation", "days");
  }
  co_return Answer{std::move(output), {}};
}

Task<Result<Answer>> enable_key_rotation(Kms& kms, Call& call, net::Worker&) {
  CO_TRY(Key key, co_await load_key(kms, call));
  CO_TRY_DO(check_rotates(key));
  key.body["rotation"] = JsonObject{
      {"days", json::find_int(call.input, "RotationPeriodInDays").value_or(period_days_default)},
      {"since", epoch_seconds(call.now)}};
  CO_TRY_DO(co_await save(kms, std::move(key)));
  co_return Answer{};
}

Task<Result<Answer>> disable_key_rotation(Kms& kms, Call& call, net::Worker&) {
  CO_TRY(Key key, co_await load_key(kms, call));
  CO_TRY_DO(check_rotates(key));
  key.body.erase("rotation");
  CO_TRY_DO(co_await save(kms, std::move(key)));
  co_return Answer{};
}

Task<Result<Answer>> rotate_key_on_demand(Kms& kms, Call& call, net::Worker&) {
  CO_TRY(Key key, co_await load_key(kms, call));
  CO_TRY_DO(check_rotates(key));
  if (key.body["materials"].get_array().size() >= materials_count_max) {
    co_return refuse(Code::quota, "LimitExceededException",
                     fmt::format("The key has {} materials, its limit.", materials_count_max));
  }
  JsonObject output{{"KeyId", key.arn()}};
  add_material(kms, key, call.now);
  CO_TRY_DO(co_await save(kms, std::move(key)));
  co_return Answer{std::move(output), {}};
}

}  // namespace

std::optional<double> next_rotation(const Key& key) {
  const auto days = json::number(key.body, "rotation", "days");
  if (days == 0) return std::nullopt;
  return began(key.body) + static_cast<double>(days) * day_seconds;
}

Task<Result<Key>> rotated(Kms& kms, Key key, Time now) {
  const auto next = next_rotation(key);
  const auto count = key.body["materials"].get_array().size();
  if (!next || *next > epoch_seconds(now) || count >= materials_count_max) co_return key;
  add_material(kms, key, now);
  const store::Key place = key.key;
  const auto done = co_await save(kms, std::move(key));
  if (!done && !store::lost_race(done.error())) co_return std::unexpected(done.error());
  CO_TRY(auto fresh, co_await find_key(kms, place, now));
  if (!fresh) co_return no_key(place.id);
  co_return *std::move(fresh);
}

void add_rotation_operations(Kms& kms, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(kms, "GetKeyRotationStatus", get_key_rotation_status));
  rows.push_back(aws::writing_row(kms, "EnableKeyRotation", enable_key_rotation, busy));
  rows.push_back(aws::writing_row(kms, "DisableKeyRotation", disable_key_rotation, busy));
  rows.push_back(aws::writing_row(kms, "RotateKeyOnDemand", rotate_key_on_demand, busy));
}

}  // namespace toolgate::services::kms
