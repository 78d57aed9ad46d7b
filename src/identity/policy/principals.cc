#include "identity/policy/principals.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ids.h"
#include "base/text.h"

namespace toolgate::identity::policy {
namespace {

constexpr std::size_t account_digits = 12;
constexpr std::size_t id_characters_min = 16;

bool is_account(std::string_view text) {
  return text.size() == account_digits &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// What IAM shows in a policy in place of a user or role that is gone.
bool is_unique_id(std::string_view text) {
  return text.size() >= id_characters_min && text.starts_with('A') &&
         std::ranges::all_of(text, [](char c) { return upper_alphanumeric.contains(c); });
}

bool contains(const std::vector<std::string>& texts, std::string_view text) {
  return !text.empty() && std::ranges::find(texts, text) != texts.end();
}

// The texts of a member: one, or a list of at least one.
Result<std::vector<std::string>> texts_of(const Json& value, std::string_view name) {
  if (value.is_string()) return std::vector<std::string>{std::string{value.get_string()}};
  std::vector<std::string> texts;
  if (const auto* items = value.if_array()) {
    for (const Json& item : *items) {
      if (!item.is_string()) break;
      texts.emplace_back(std::string_view{item.get_string()});
    }
    if (!items->empty() && texts.size() == items->size()) return texts;
  }
  return fail(Code::invalid, fmt::format("{} is a text or a list of texts", name));
}

// "AROA…" of "AROA…:session"
std::string_view without_session(std::string_view id) { return id.substr(0, id.find(':')); }

}  // namespace

Result<void> Principals::add_aws(std::string_view text) {
  if (text == "*") {
    everyone_ = true;
    return {};
  }
  if (is_account(text)) {
    accounts_.emplace_back(text);
    return {};
  }
  if (is_unique_id(text)) {
    ids_.emplace_back(text);
    return {};
  }
  const auto parts = split(text, ':');
  const bool whole = parts.size() == 6 && parts[0] == "arn" && is_account(parts[4]) &&
                     (parts[2] == "iam" || parts[2] == "sts") && !parts[5].contains('*') &&
                     !parts[5].contains('?');
  if (whole && parts[2] == "iam" && parts[5] == "root") {
    accounts_.emplace_back(parts[4]);
    return {};
  }
  const bool entity = whole && parts[5].contains('/') && !parts[5].ends_with('/');
  if (!entity) {
    return fail(Code::invalid,
                fmt::format("'{}' is no account id, no ARN of a root, user, role or session, "
                            "and not *",
                            text));
  }
  arns_.emplace_back(text);
  return {};
}

Result<Principals> Principals::compile(const Json& element) {
  Principals made;
  if (element.is_string() && element == "*") {
    made.everyone_ = true;
    return made;
  }
  const auto* kinds = element.if_object();
  if (kinds == nullptr || kinds->empty()) {
    return fail(Code::invalid, "an object of AWS, Service or Federated is expected, or \"*\"");
  }
  for (const auto& kind : *kinds) {
    const std::string_view name = kind.key();
    TRY(const auto texts, texts_of(kind.value(), name));
    if (name == "AWS") {
      for (const auto& text : texts) TRY_DO(made.add_aws(text));
    } else if (name == "Service") {
      made.services_.insert(made.services_.end(), texts.begin(), texts.end());
    } else if (name == "Federated" || name == "CanonicalUser") {
      made.arns_.insert(made.arns_.end(), texts.begin(), texts.end());
    } else {
      return fail(Code::invalid, fmt::format("'{}' is no kind of principal: AWS, Service, "
                                             "Federated and CanonicalUser are",
                                             name));
    }
  }
  return made;
}

Named Principals::name(const Caller& caller) const {
  if (contains(arns_, caller.arn) || contains(ids_, caller.id)) return Named::itself;
  if (caller.kind == Caller::Kind::service && contains(services_, caller.service)) {
    return Named::itself;
  }
  if (caller.kind == Caller::Kind::root && contains(accounts_, caller.account)) {
    return Named::itself;
  }
  if (contains(arns_, caller.role_arn) || contains(ids_, without_session(caller.id))) {
    return Named::by_role;
  }
  if (everyone_) return Named::by_role;
  return contains(accounts_, caller.account) ? Named::by_account : Named::not_at_all;
}

}  // namespace toolgate::identity::policy
