#include "identity/policy/policy.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "json/scan.h"

namespace toolgate::identity::policy {
namespace {

std::unexpected<Error> malformed(std::string message) {
  return std::unexpected(Error{.code = Code::invalid,
                               .message = std::move(message),
                               .detail = {},
                               .name = "MalformedPolicyDocument",
                               .fields = {}});
}

std::string printed(const Json& value) {
  return value.is_string() ? std::string{value.get_string()} : json::print(value);
}

// Compiles one statement; `where()` says which, for messages.
class StatementReader {
 public:
  StatementReader(const JsonObject& object, std::size_t index, Use use, Variables variables)
      : object_{object}, use_{use}, variables_{variables} {
    statement_.index = index;
  }

  Result<Statement> read() {
    TRY_DO(read_frame());
    TRY_DO(read_actions());
    TRY_DO(read_principals());
    TRY_DO(read_resources());
    TRY_DO(read_conditions());
    return std::move(statement_);
  }

 private:
  [[nodiscard]] std::string where(std::string_view field) const {
    return fmt::format("Statement[{}]{}.{}", statement_.index,
                       statement_.sid.empty() ? "" : fmt::format(" \"{}\"", statement_.sid), field);
  }
  [[nodiscard]] std::unexpected<Error> wrong(std::string_view field, std::string_view text) const {
    return malformed(fmt::format("{} (at {})", text, where(field)));
  }
  [[nodiscard]] const Json* member(std::string_view name) const {
    return object_.if_contains(name);
  }

  Result<void> read_frame() {
    constexpr std::array<std::string_view, 9> known{"Sid",          "Effect",      "Principal",
                                                    "NotPrincipal", "Action",      "NotAction",
                                                    "Resource",     "NotResource", "Condition"};
    if (const Json* sid = member("Sid")) {
      if (!sid->is_string()) return wrong("Sid", "Syntax errors in policy: Sid must be a string");
      statement_.sid = std::string{sid->get_string()};
    }
    for (const auto& [key, value] : object_) {
      const std::string_view name = key;
      if (std::ranges::find(known, name) == known.end()) {
        return wrong(name, fmt::format("Syntax errors in policy: unknown element {}", name));
      }
    }
    const Json* effect = member("Effect");
    const bool allow = effect != nullptr && *effect == "Allow";
    if (!allow && (effect == nullptr || *effect != "Deny")) {
      return wrong("Effect", "Syntax errors in policy: Effect must be Allow or Deny");
    }
    statement_.allows = allow;
    return {};
  }

  // One of `name` and "Not<name>", not both. Null when there is neither.
  Result<const Json*> either(const std::string& name, bool& inverse) const {
    const Json* plain = member(name);
    const Json* inverted = member("Not" + name);
    if (plain != nullptr && inverted != nullptr) {
      return wrong(name,
                   fmt::format("Syntax errors in policy: {0} and Not{0} exclude each other", name));
    }
    inverse = inverted != nullptr;
    return inverse ? inverted : plain;
  }

  // A text or a list of at least one.
  Result<std::vector<std::string>> texts(const Json& value, const std::string& field) const {
    if (value.is_string()) return std::vector<std::string>{printed(value)};
    const auto* items = value.if_array();
    if (items == nullptr || items->empty() || !std::ranges::all_of(*items, &Json::is_string)) {
      return wrong(field, fmt::format("Syntax errors in policy: {} must be a string or a list of "
                                      "strings",
                                      field));
    }
    std::vector<std::string> all;
    for (const Json& item : *items) all.push_back(printed(item));
    return all;
  }

  Result<void> read_actions() {
    TRY(const Json* value, either("Action", statement_.all_but_actions));
    if (value == nullptr) return wrong("Action", "Policy statement must contain actions.");
    const std::string field = statement_.all_but_actions ? "NotAction" : "Action";
    TRY(const auto names, texts(*value, field));
    for (const auto& name : names) {
      const auto colon = name.find(':');
      if (name != "*" && (colon == 0 || colon == std::string::npos || colon + 1 == name.size())) {
        return wrong(field, fmt::format("Actions/Conditions must be prefaced by a vendor, e.g., "
                                        "iam, sdb, ec2, etc.: '{}'",
                                        name));
      }
      TRY(auto pattern, Pattern::compile(name, {.variables = Variables::are_literal,
                                                .letters = Letters::of_any_case}));
      statement_.actions.push_back(std::move(pattern));
    }
    return {};
  }

  Result<void> read_principals() {
    TRY(const Json* value, either("Principal", statement_.all_but_principals));
    const bool wanted = use_ == Use::trust || use_ == Use::resource;
    if (!wanted) {
      if (value == nullptr) return {};
      return wrong("Principal", "Policy document should not specify a principal.");
    }
    if (value == nullptr) return wrong("Principal", "Missing required field Principal");
    auto principals = Principals::compile(*value);
    if (!principals) {
      return wrong(statement_.all_but_principals ? "NotPrincipal" : "Principal",
                   "Invalid principal in policy: " + principals.error().message);
    }
    statement_.principals = *std::move(principals);
    return {};
  }

  Result<void> read_resources() {
    TRY(const Json* value, either("Resource", statement_.all_but_resources));
    if (use_ == Use::trust) {
      return value == nullptr ? Result<void>{} : wrong("Resource", "Has prohibited field Resource");
    }
    if (value == nullptr) {
      if (use_ == Use::resource) return {};
      return wrong("Resource", "Policy statement must contain resources.");
    }
    const std::string field = statement_.all_but_resources ? "NotResource" : "Resource";
    TRY(const auto names, texts(*value, field));
    for (const auto& name : names) {
      if (name != "*" && !name.starts_with("arn:")) {
        return wrong(field, fmt::format("Resource {} must be in ARN format or \"*\".", name));
      }
      auto pattern = Pattern::compile(name, {.variables = variables_});
      if (!pattern) return wrong(field, "Syntax errors in policy: " + pattern.error().message);
      statement_.resources.push_back(*std::move(pattern));
    }
    return {};
  }

  // {"StringEquals": {"aws:username": "ann", …}, …}; numbers and booleans stand for their texts.
  Result<void> read_conditions() {
    const Json* value = member("Condition");
    if (value == nullptr) return {};
    const auto* operators = value->if_object();
    if (operators == nullptr) {
      return wrong("Condition", "Syntax errors in policy: Condition must be an object");
    }
    for (const auto& [name, keys] : *operators) {
      const std::string field = fmt::format("Condition.{}", std::string_view{name});
      const auto* members = keys.if_object();
      if (members == nullptr) {
        return wrong(field, "Syntax errors in policy: an operator must be an object of keys");
      }
      for (const auto& [key, expected] : *members) {
        TRY(const auto values, condition_values(expected, field));
        auto condition = Condition::compile(name, key, values, variables_);
        if (!condition) {
          return wrong(field, "Syntax errors in policy: " + condition.error().message);
        }
        statement_.conditions.push_back(*std::move(condition));
      }
    }
    return {};
  }

  Result<std::vector<std::string>> condition_values(const Json& value,
                                                    const std::string& field) const {
    const auto is_scalar = [](const Json& one) {
      return one.is_string() || one.is_bool() || one.is_number();
    };
    std::vector<std::string> values;
    if (is_scalar(value)) {
      values.push_back(printed(value));
      return values;
    }
    const auto* items = value.if_array();
    if (items == nullptr || !std::ranges::all_of(*items, is_scalar)) {
      return wrong(field,
                   "Syntax errors in policy: a condition's value must be a string or a list "
                   "of strings");
    }
    for (const Json& item : *items) values.push_back(printed(item));
    return values;
  }

  const JsonObject& object_;
  Use use_;
  Variables variables_;
  Statement statement_;
};

// IAM's own policies hold to it; a resource's may use other characters.
bool is_plain_sid(std::string_view sid) {
  return std::ranges::all_of(sid, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  });
}

Result<void> check_sid(const Statement& statement, Use use, std::set<std::string>& seen) {
  if (statement.sid.empty()) return {};
  if (use != Use::resource && !is_plain_sid(statement.sid)) {
    return malformed(
        fmt::format("Statement IDs (SID) must be alpha-numeric. Check that your input "
                    "satisfies the regular expression [0-9A-Za-z]* (at "
                    "Statement[{}].Sid)",
                    statement.index));
  }
  if (!seen.insert(statement.sid).second) {
    return malformed(
        fmt::format("Statement IDs (SID) in a single policy must be unique. (at "
                    "Statement[{}].Sid)",
                    statement.index));
  }
  return {};
}

// Checks what stands around the statements, and gives them.
Result<std::vector<const Json*>> statements_of(const Json& document, Variables& variables) {
  const JsonObject* policy = document.if_object();
  if (policy == nullptr) return malformed("Syntax errors in policy: it is no JSON object.");
  for (const auto& [key, value] : *policy) {
    const std::string_view name = key;
    if (name != "Version" && name != "Id" && name != "Statement") {
      return malformed(fmt::format("Syntax errors in policy: unknown element {}.", name));
    }
  }
  // Without a version it is the old one (IAM User Guide, "Version").
  variables = Variables::are_literal;
  if (const Json* version = policy->if_contains("Version")) {
    if (*version != "2012-10-17" && *version != "2008-10-17") {
      return malformed("The policy must contain a valid version string: 2012-10-17 or 2008-10-17.");
    }
    if (*version == "2012-10-17") variables = Variables::are_replaced;
  }
  const Json* statements = policy->if_contains("Statement");
  if (statements == nullptr) return malformed("Syntax errors in policy: Statement is missing.");
  std::vector<const Json*> all;
  if (const JsonArray* list = statements->if_array()) {
    if (list->empty()) return malformed("Syntax errors in policy: Statement is empty.");
    for (const Json& statement : *list) all.push_back(&statement);
  } else {
    all.push_back(statements);
  }
  return all;
}

// The first member that an object has twice, or nothing. Two readers could take two policies from
// such a document; IAM refuses it too.
std::optional<std::string> member_that_is_twice(json::Scanner& scan) {
  std::string_view ignored;
  if (scan.peek() == '[') {
    scan.enter('[');
    while (scan.next_item()) {
      if (auto found = member_that_is_twice(scan)) return found;
    }
    return std::nullopt;
  }
  if (scan.peek() != '{') {
    scan.skip(ignored);
    return std::nullopt;
  }
  std::set<std::string> seen;
  json::Text key;
  scan.enter('{');
  while (scan.next_member(key)) {
    std::string name =
        json::unescape(key, json::Surrogates::replace).value_or(std::string{key.raw});
    if (!seen.insert(name).second) return name;
    if (auto found = member_that_is_twice(scan)) return name + '.' + *std::move(found);
  }
  return std::nullopt;
}

}  // namespace

Result<Policy> parse(std::string_view document, Use use, std::string name) {
  if (document.size() > document_bytes_max) {
    return malformed(fmt::format("The policy has {} bytes; at most {} are taken.", document.size(),
                                 document_bytes_max));
  }
  const Result<Json> parsed = json::parse(document);
  if (!parsed) {
    return malformed(fmt::format("This policy contains invalid Json: {}", parsed.error().message));
  }
  json::Scanner scan{document};
  if (const auto twice = member_that_is_twice(scan)) {
    return malformed(fmt::format("Syntax errors in policy: the member {} stands there twice",
                                 json::replace_broken_utf8(*twice)));
  }
  Variables variables{};
  TRY(const auto statements, statements_of(*parsed, variables));
  Policy policy{.name = std::move(name), .use = use, .statements = {}};
  std::set<std::string> sids;
  for (const Json* statement : statements) {
    const auto* object = statement->if_object();
    if (object == nullptr) {
      return malformed(
          fmt::format("Syntax errors in policy: a statement is no object (at "
                      "Statement[{}])",
                      policy.statements.size()));
    }
    TRY(auto compiled, StatementReader(*object, policy.statements.size(), use, variables).read());
    TRY_DO(check_sid(compiled, use, sids));
    policy.statements.push_back(std::move(compiled));
  }
  return policy;
}

}  // namespace toolgate::identity::policy
