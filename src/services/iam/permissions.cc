#include "services/iam/permissions.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "services/iam/documents.h"

namespace toolgate::services::iam {
namespace {

// A member of the input as a text; nothing when it is absent.
std::optional<std::string> text_at(const Json& value) {
  if (value.is_string()) return std::string{value.get_string()};
  if (value.is_int64() || value.is_uint64() || value.is_bool()) return json::print(value);
  return std::nullopt;
}

// The texts at "Delete.Objects[].Key": several where the path goes through a list.
std::vector<std::string> texts_at(const Json& input, std::string_view path) {
  std::vector<const Json*> here{&input};
  for (std::string_view part : split(path, '.')) {
    const bool list = part.ends_with("[]");
    if (list) part.remove_suffix(2);
    std::vector<const Json*> next;
    for (const Json* value : here) {
      const Json* member = json::find(*value, part);
      if (member == nullptr) continue;
      if (!list) {
        next.push_back(member);
      } else if (const auto* items = member->if_array()) {
        for (const Json& item : *items) next.push_back(&item);
      }
    }
    here = std::move(next);
  }
  std::vector<std::string> texts;
  for (const Json* value : here) {
    if (auto text = text_at(*value)) texts.push_back(*std::move(text));
  }
  return texts;
}

// "{Member=x}" taken apart.
struct Place {
  std::string_view path;
  std::string_view before;           // ":" where it is written with the member
  std::string_view otherwise = "*";  // in place of an absent member
  bool to_colon = false;
  bool may_be_arn = false;

  static Place of(std::string_view text) {
    Place place;
    if (text.starts_with('@')) {
      place.may_be_arn = true;
      text.remove_prefix(1);
    }
    if (text.starts_with(':')) {
      place = {.path = {}, .before = ":", .otherwise = ""};
      text.remove_prefix(1);
    }
    if (const auto equals = text.find('='); equals != std::string_view::npos) {
      place.otherwise = text.substr(equals + 1);
      text = text.substr(0, equals);
    }
    if (text.ends_with('~')) {
      place.to_colon = true;
      text.remove_suffix(1);
    }
    place.path = text;
    return place;
  }
};

// The ARNs that a row's resource stands for.
std::vector<std::string> expand(std::string_view resource, const aws::Call& call) {
  std::vector<std::string> made{""};
  while (!resource.empty()) {
    const auto open = resource.find('{');
    for (auto& one : made) one += resource.substr(0, open);
    if (open == std::string_view::npos) break;
    const auto close = resource.find('}', open);
    ASSERT(close != std::string_view::npos);
    const Place place = Place::of(resource.substr(open + 1, close - open - 1));
    resource.remove_prefix(close + 1);
    std::vector<std::string> values;
    if (place.path == "region") {
      values = {call.region};
    } else if (place.path == "account") {
      values = {call.account};
    } else {
      values = texts_at(call.input, place.path);
      // What is an ARN already needs no text before it; a member behind it still counts.
      if (place.may_be_arn && !values.empty() && values.front().starts_with("arn:")) {
        for (auto& one : made) one.clear();
      }
      for (auto& value : values) {
        if (place.to_colon) value = value.substr(0, value.find(':'));
        value = std::string{place.before} + value;
      }
      if (values.empty()) values.emplace_back(place.otherwise);
    }
    std::vector<std::string> longer;
    for (const auto& one : made) {
      for (const auto& value : values) longer.push_back(one + value);
    }
    made = std::move(longer);
  }
  return made;
}

// The user or role of the input, with its path; the caller where the input names nobody.
std::string entity_arn(const aws::Call& call, const PolicyView& view, const Noun& noun) {
  const auto name = aws::text_if(call, noun.member);
  if (!name) return call.caller.arn;
  const EntityRef entity = noun.kind == kind::user ? view.user(*name) : view.role(*name);
  return entity != nullptr ? entity->arn : arn_of(call.account, noun.word, "/", *name);
}

// "bucket/key" or "/bucket/key?versionId=…", %-encoded.
std::string copy_source(const aws::Call& call) {
  const std::string source = aws::text_if(call, "CopySource").value_or("");
  std::string_view text = source;
  if (text.starts_with('/')) text.remove_prefix(1);
  const auto decoded = percent_decode(text.substr(0, text.find("?versionId=")));
  return "arn:aws:s3:::" + decoded.value_or(std::string{text});
}

// FunctionName may be a name, the end of an ARN or an ARN, each with a version or alias behind it.
std::string function_arn(const aws::Call& call) {
  const std::string given = aws::text_if(call, "FunctionName").value_or("*");
  constexpr std::string_view word = "function:";
  const auto at = given.find(word);
  const std::string name = at == std::string::npos ? given : given.substr(at + word.size());
  std::string arn = given.starts_with("arn:") ? given
                                              : fmt::format("arn:aws:lambda:{}:{}:function:{}",
                                                            call.region, call.account, name);
  const auto qualifier = aws::text_if(call, "Qualifier");
  if (qualifier && name.find(':') == std::string::npos) arn += ':' + *qualifier;
  return arn;
}

std::vector<std::string> resources_of(const PermissionRow& row, const aws::Call& call,
                                      const PolicyView& view) {
  if (row.resource == "@user") return {entity_arn(call, view, user_noun)};
  if (row.resource == "@role") return {entity_arn(call, view, role_noun)};
  if (row.resource == "@function") return {function_arn(call)};
  if (row.resource == "@copy-source") return {copy_source(call)};
  return expand(row.resource, call);
}

std::string action_of(const PermissionRow& row, const aws::Call& call) {
  const bool has = !row.member.empty() && json::find(call.input, row.member) != nullptr;
  const std::string_view named = has ? row.action_with_member : row.action;
  if (!named.empty()) return std::string{named};
  return fmt::format("{}:{}", action_prefix(call.service), call.operation);
}

}  // namespace

std::vector<Permission> permissions_of(const aws::Call& call, const PolicyView& view) {
  std::vector<Permission> all;
  for (const PermissionRow* row : permission_rows(call.service, call.operation)) {
    for (auto& resource : resources_of(*row, call, view)) {
      all.push_back({.action = action_of(*row, call), .resource = std::move(resource), .keys = {}});
    }
  }
  if (all.empty()) {
    all.push_back({.action = fmt::format("{}:{}", action_prefix(call.service), call.operation),
                   .resource = "*",
                   .keys = {}});
  }
  if (const PassedRole* passed = passed_role(call.service, call.operation)) {
    if (auto role = aws::text_if(call, passed->member)) {
      all.push_back({.action = "iam:PassRole",
                     .resource = *std::move(role),
                     .keys = {{"iam:PassedToService", std::string{passed->to}}}});
    }
  }
  return all;
}

}  // namespace toolgate::services::iam
