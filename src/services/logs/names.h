// Names of log resources in calls and answers, and this service's errors.
#pragma once

#include <string>
#include <string_view>

#include "aws/call.h"
#include "base/result.h"
#include "journal/event.h"
#include "model/log_kinds.h"
#include "store/store.h"

namespace toolgate::services::logs {

// Kinds of documents; the ids are names, but for a delivery's.
inline constexpr std::string_view kind_policy = model::log_kind::policy;
inline constexpr std::string_view kind_source = model::log_kind::source;
inline constexpr std::string_view kind_destination = model::log_kind::destination;
inline constexpr std::string_view kind_delivery = model::log_kind::delivery;

[[nodiscard]] store::Key key_of(const aws::Call& call, std::string_view kind,
                                std::string_view id = {});

// "arn:aws:logs:REGION:ACCOUNT:RESOURCE"
[[nodiscard]] std::string arn_of(const aws::Call& call, std::string_view resource);
// With and without ":*" at its end, CloudWatch Logs knows a group by both.
[[nodiscard]] std::string group_arn(const aws::Call& call, std::string_view name);

[[nodiscard]] journal::GroupKey group_of(const aws::Call& call, std::string_view name);
// The group of logGroupName, or of logGroupIdentifier, which is a name or an ARN. Fails with
// Code::invalid unless there is exactly one; an ARN of another account or region is
// Code::not_found.
[[nodiscard]] Result<journal::GroupKey> group_named(const aws::Call& call);
// The group of an ARN, if it is one of ours.
[[nodiscard]] Result<journal::GroupKey> group_of_arn(const aws::Call& call, std::string_view arn);

// With the service's own word for it.
[[nodiscard]] std::unexpected<Error> already_exists(std::string message);
[[nodiscard]] std::unexpected<Error> conflict(std::string message);
[[nodiscard]] std::unexpected<Error> invalid_delivery(std::string message);
// The journal's Code::conflict is ResourceAlreadyExistsException here.
template <class T>
[[nodiscard]] Result<T> named(Result<T> result) {
  if (!result && result.error().code == Code::conflict) {
    result.error().name = "ResourceAlreadyExistsException";
  }
  if (!result && result.error().code == Code::throttled) {
    result.error().name = "ThrottlingException";
  }
  return result;
}

}  // namespace toolgate::services::logs
