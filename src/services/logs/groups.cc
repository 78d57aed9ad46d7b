// Log groups and their retention.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "aws/paging.h"
#include "services/logs/names.h"
#include "services/logs/service.h"

namespace toolgate::services::logs {
namespace {

using aws::Answer;
using aws::Call;

// What retentionInDays may be (PutRetentionPolicy, API reference; the contract has no list).
constexpr std::array retention_days = {1,    3,    5,    7,    14,   30,  60,  90,
                                       120,  150,  180,  365,  400,  545, 731, 1096,
                                       1827, 2192, 2557, 2922, 3288, 3653};

Task<Result<Answer>> create_log_group(Logs& logs, Call& call, net::Worker&) {
  const auto& input = call.input.get_object();
  journal::Group::Settings settings;
  for (const char* member : {"tags", "kmsKeyId", "logGroupClass", "deletionProtectionEnabled"}) {
    if (const Json* value = input.if_contains(member)) settings.attributes[member] = *value;
  }
  CO_TRY_DO(named(co_await logs.journal.create_group(
      group_of(call, aws::text(call, "logGroupName")), std::move(settings))));
  co_return Answer{};
}

Task<Result<Answer>> delete_log_group(Logs& logs, Call& call, net::Worker&) {
  const auto key = group_of(call, aws::text(call, "logGroupName"));
  const auto info = logs.journal.group(key);
  const Json* guarded = info ? info->attributes.if_contains("deletionProtectionEnabled") : nullptr;
  if (guarded != nullptr && *guarded == true) {
    auto error = fail(Code::invalid, "The log group is protected against deletion.");
    error.error().name = "ValidationException";
    co_return error;
  }
  CO_TRY_DO(named(co_await logs.journal.delete_group(key)));
  co_return Answer{};
}

JsonObject group_shape(const Call& call, const journal::GroupInfo& info) {
  const std::string arn = group_arn(call, info.name);
  JsonObject shape{{"logGroupName", info.name},  {"creationTime", info.created},
                   {"metricFilterCount", 0},     {"arn", arn + ":*"},
                   {"logGroupArn", arn},         {"storedBytes", info.bytes},
                   {"logGroupClass", "STANDARD"}};
  if (info.retention_days) shape["retentionInDays"] = *info.retention_days;
  for (const char* member : {"kmsKeyId", "logGroupClass", "deletionProtectionEnabled"}) {
    if (const Json* value = info.attributes.if_contains(member)) shape[member] = *value;
  }
  return shape;
}

bool wanted(const Call& call, const journal::GroupInfo& info) {
  const auto prefix = aws::text_if(call, "logGroupNamePrefix");
  const auto pattern = aws::text_if(call, "logGroupNamePattern");
  const auto log_class = aws::text_if(call, "logGroupClass");
  const Json* own_class = info.attributes.if_contains("logGroupClass");
  if (prefix && !info.name.starts_with(*prefix)) return false;
  if (pattern && !info.name.contains(*pattern)) return false;
  if (log_class && *log_class != (own_class != nullptr ? own_class->get_string() : "STANDARD")) {
    return false;
  }
  const auto* identifiers = json::find_array(call.input, "logGroupIdentifiers");
  return identifiers == nullptr || std::ranges::any_of(*identifiers, [&](const Json& identifier) {
           const std::string_view text = identifier.get_string();
           return text == info.name || text == group_arn(call, info.name) ||
                  text == group_arn(call, info.name) + ":*";
         });
}

Task<Result<Answer>> describe_log_groups(Logs& logs, Call& call, net::Worker&) {
  CO_TRY(const auto page, aws::page_request(call, {.size = "limit", .default_size = 50}));
  if (aws::text_if(call, "logGroupNamePrefix") && aws::text_if(call, "logGroupNamePattern")) {
    co_return fail(Code::invalid,
                   "logGroupNamePrefix and logGroupNamePattern: expected one of them at most");
  }
  JsonArray shapes;
  std::string next;
  for (const auto& info : logs.journal.groups(call.account, call.region)) {
    if (info.name <= page.after || !wanted(call, info)) continue;
    if (shapes.size() == page.size) {
      next = std::string{std::string_view{shapes.back().at("logGroupName").get_string()}};
      break;
    }
    shapes.push_back(group_shape(call, info));
  }
  JsonObject output{{"logGroups", std::move(shapes)}};
  if (!next.empty()) output["nextToken"] = aws::next_token(call, next);
  co_return Answer{std::move(output), {}};
}

Task<Result<Answer>> change_retention(Logs& logs, Call& call, std::optional<int> days) {
  const auto key = group_of(call, aws::text(call, "logGroupName"));
  const auto info = logs.journal.group(key);
  if (!info) co_return fail(Code::not_found, "The specified log group does not exist.");
  CO_TRY_DO(co_await logs.journal.change_group(
      key, {.retention_days = days, .attributes = info->attributes}));
  co_return Answer{};
}

Task<Result<Answer>> put_retention_policy(Logs& logs, Call& call, net::Worker&) {
  const auto days = static_cast<int>(json::find_int(call.input, "retentionInDays").value_or(0));
  if (std::ranges::find(retention_days, days) == retention_days.end()) {
    co_return fail(Code::invalid, fmt::format("retentionInDays {}: expected one of {}", days,
                                              fmt::join(retention_days, ", ")));
  }
  co_return co_await change_retention(logs, call, days);
}

Task<Result<Answer>> delete_retention_policy(Logs& logs, Call& call, net::Worker&) {
  co_return co_await change_retention(logs, call, std::nullopt);
}

}  // namespace

void add_group_operations(Logs& logs, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(logs, "CreateLogGroup", create_log_group));
  rows.push_back(aws::row(logs, "DeleteLogGroup", delete_log_group));
  rows.push_back(aws::row(logs, "DescribeLogGroups", describe_log_groups));
  rows.push_back(aws::row(logs, "PutRetentionPolicy", put_retention_policy));
  rows.push_back(aws::row(logs, "DeleteRetentionPolicy", delete_retention_policy));
}

}  // namespace toolgate::services::logs
