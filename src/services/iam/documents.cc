#include "services/iam/documents.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/ids.h"
#include "base/text.h"
#include "store/optimistic.h"

namespace toolgate::services::iam {

store::Key key_of(std::string_view account, std::string_view kind, std::string_view name) {
  const bool named_by_id = kind == kind::access_key;
  return {.account = std::string{account},
          .region = std::string{iam_region},
          .kind = std::string{kind},
          .id = named_by_id ? std::string{name} : lower(name)};
}

Task<Result<Loaded>> load_named(store::Store& store, const aws::Call& call, const Noun& noun) {
  const std::string name = aws::text(call, noun.member);
  CO_TRY(std::optional<Loaded> found, co_await load(store, key_of(call.account, noun.kind, name)));
  if (!found) {
    co_return no_such_entity(fmt::format("The {} with name {} cannot be found.", noun.word, name));
  }
  co_return *std::move(found);
}

std::unexpected<Error> busy() {
  return refuse(Code::conflict, "ConcurrentModification",
                "The request was rejected because multiple requests to change this object were "
                "submitted simultaneously. Wait a few minutes and submit your request again.");
}
std::unexpected<Error> no_such_entity(std::string message) {
  return refuse(Code::not_found, "NoSuchEntity", std::move(message));
}
std::unexpected<Error> delete_conflict(std::string message) {
  return refuse(Code::conflict, "DeleteConflict", std::move(message));
}
std::unexpected<Error> limit_exceeded(std::string message) {
  return refuse(Code::quota, "LimitExceeded", std::move(message));
}
std::unexpected<Error> already_exists(std::string message) {
  return refuse(Code::conflict, "EntityAlreadyExists", std::move(message));
}
std::unexpected<Error> validation_error(std::string message) {
  return refuse(Code::invalid, "ValidationError", std::move(message));
}

std::string new_id(std::string_view prefix) {
  return std::string{prefix} + random_text(17, upper_alphanumeric);
}

std::string arn_of(std::string_view account, std::string_view type, std::string_view path,
                   std::string_view name) {
  return fmt::format("arn:aws:iam::{}:{}{}{}", account, type, path, name);
}

double timestamp(Time time) { return static_cast<double>(seconds_of(time)); }

bool contains(const JsonArray& texts, std::string_view text) {
  return std::ranges::any_of(texts, [&](const Json& item) { return text_of(item) == text; });
}

void erase(JsonArray& texts, std::string_view text) {
  const auto* found =
      std::ranges::find_if(texts, [&](const Json& item) { return text_of(item) == text; });
  if (found != texts.end()) texts.erase(found);
}

void copy_members(const JsonObject& from, std::initializer_list<std::string_view> names,
                  JsonObject& to) {
  for (const std::string_view name : names) {
    if (const Json* value = from.if_contains(name)) to[name] = *value;
  }
}

void add_boundary(const JsonObject& body, JsonObject& shape) {
  const std::string boundary = member(body, "PermissionsBoundary");
  if (boundary.empty()) return;
  shape["PermissionsBoundary"] =
      JsonObject{{"PermissionsBoundaryType", "PermissionsBoundaryPolicy"},
                 {"PermissionsBoundaryArn", boundary}};
}

Result<void> check_no_boundary(const aws::Call& call) {
  if (!aws::text_if(call, "PermissionsBoundary")) return {};
  return refuse(Code::invalid, "InvalidInput",
                "PermissionsBoundary: permissions boundaries are not evaluated by toolgate; leave "
                "it out, and narrow the entity's own policies instead.");
}

Result<void> check_tags(const aws::Call& call) {
  const JsonArray* tags = json::find_array(call.input, "Tags");
  if (tags == nullptr) return {};
  std::set<std::string> keys;
  for (const Json& tag : *tags) {
    if (!keys.insert(lower(json::find_string(tag, "Key").value_or(""))).second) {
      return refuse(Code::invalid, "InvalidInput",
                    "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
    }
  }
  return {};
}

}  // namespace toolgate::services::iam
