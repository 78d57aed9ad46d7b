#include "services/logs/names.h"

#include <fmt/format.h>

namespace toolgate::services::logs {
namespace {

constexpr std::string_view every = ":*";

std::unexpected<Error> with_name(std::unexpected<Error> failure, std::string_view name) {
  failure.error().name = name;
  return failure;
}

}  // namespace

store::Key key_of(const aws::Call& call, std::string_view kind, std::string_view id) {
  return {call.account, call.region, std::string{kind}, std::string{id}};
}

std::string arn_of(const aws::Call& call, std::string_view resource) {
  return fmt::format("arn:aws:logs:{}:{}:{}", call.region, call.account, resource);
}

std::string group_arn(const aws::Call& call, std::string_view name) {
  return arn_of(call, fmt::format("log-group:{}", name));
}

journal::GroupKey group_of(const aws::Call& call, std::string_view name) {
  return {call.account, call.region, std::string{name}};
}

Result<journal::GroupKey> group_of_arn(const aws::Call& call, std::string_view arn) {
  const std::string ours = arn_of(call, "log-group:");
  if (!arn.starts_with(ours) || arn.size() == ours.size()) {
    return fail(Code::not_found, "The specified log group does not exist.");
  }
  arn.remove_prefix(ours.size());
  if (arn.ends_with(every)) arn.remove_suffix(every.size());
  return group_of(call, arn);
}

Result<journal::GroupKey> group_named(const aws::Call& call) {
  const auto name = aws::text_if(call, "logGroupName");
  const auto identifier = aws::text_if(call, "logGroupIdentifier");
  if (name.has_value() == identifier.has_value()) {
    return fail(Code::invalid, "logGroupName or logGroupIdentifier: expected exactly one of them");
  }
  if (name) return group_of(call, *name);
  if (identifier->starts_with("arn:")) return group_of_arn(call, *identifier);
  return group_of(call, *identifier);
}

std::unexpected<Error> already_exists(std::string message) {
  return with_name(fail(Code::conflict, std::move(message)), "ResourceAlreadyExistsException");
}
std::unexpected<Error> conflict(std::string message) {
  return with_name(fail(Code::conflict, std::move(message)), "ConflictException");
}
std::unexpected<Error> invalid_delivery(std::string message) {
  return with_name(fail(Code::invalid, std::move(message)), "ValidationException");
}

}  // namespace toolgate::services::logs
