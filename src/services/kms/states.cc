// EnableKey, DisableKey, ScheduleKeyDeletion, CancelKeyDeletion.
#include <fmt/format.h>

#include "services/kms/documents.h"

namespace toolgate::services::kms {
namespace {

using aws::Answer;
using aws::Call;

// ScheduleKeyDeletion, API reference.
constexpr int window_days_min = 7;
constexpr int window_days_max = 30;
constexpr int window_days_default = 30;

void set_state(Key& key, std::string_view state) {
  key.metadata()["KeyState"] = state;
  key.metadata()["Enabled"] = state == "Enabled";
}

Task<Result<Answer>> enable_key(Kms& kms, Call& call, net::Worker&) {
  CO_TRY(Key key, co_await load_key(kms, call));
  CO_TRY_DO(check_not_pending(key));
  set_state(key, "Enabled");
  CO_TRY_DO(co_await save(kms, std::move(key)));
  co_return Answer{};
}

Task<Result<Answer>> disable_key(Kms& kms, Call& call, net::Worker&) {
  CO_TRY(Key key, co_await load_key(kms, call));
  CO_TRY_DO(check_not_pending(key));
  set_state(key, "Disabled");
  CO_TRY_DO(co_await save(kms, std::move(key)));
  co_return Answer{};
}

Task<Result<Answer>> schedule_key_deletion(Kms& kms, Call& call, net::Worker&) {
  const auto days = json::find_int(call.input, "PendingWindowInDays").value_or(window_days_default);
  if (days < window_days_min || days > window_days_max) {
    co_return refuse(Code::invalid, "ValidationException",
                     fmt::format("PendingWindowInDays: {} days; expected {} to {}", days,
                                 window_days_min, window_days_max));
  }
  CO_TRY(Key key, co_await load_key(kms, call));
  CO_TRY_DO(check_not_pending(key));
  set_state(key, "PendingDeletion");
  const double date = epoch_seconds(call.now + std::chrono::days{days});
  key.metadata()["DeletionDate"] = date;
  JsonObject output{{"KeyId", key.arn()},
                    {"DeletionDate", date},
                    {"KeyState", "PendingDeletion"},
                    {"PendingWindowInDays", days}};
  CO_TRY_DO(co_await save(kms, std::move(key)));
  co_return Answer{std::move(output), {}};
}

Task<Result<Answer>> cancel_key_deletion(Kms& kms, Call& call, net::Worker&) {
  CO_TRY(Key key, co_await load_key(kms, call));
  if (key.state() != "PendingDeletion") {
    co_return refuse(Code::conflict, "KMSInvalidStateException",
                     fmt::format("{} is not pending deletion.", key.arn()));
  }
  // AWS leaves it disabled: whoever cancels enables it next.
  set_state(key, "Disabled");
  key.metadata().erase("DeletionDate");
  JsonObject output{{"KeyId", key.arn()}};
  CO_TRY_DO(co_await save(kms, std::move(key)));
  co_return Answer{std::move(output), {}};
}

}  // namespace

void add_state_operations(Kms& kms, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::writing_row(kms, "EnableKey", enable_key, busy));
  rows.push_back(aws::writing_row(kms, "DisableKey", disable_key, busy));
  rows.push_back(aws::writing_row(kms, "ScheduleKeyDeletion", schedule_key_deletion, busy));
  rows.push_back(aws::writing_row(kms, "CancelKeyDeletion", cancel_key_deletion, busy));
}

}  // namespace toolgate::services::kms
