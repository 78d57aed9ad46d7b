#include "services/iam/policy_document.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "json/json.h"
#include "services/iam/documents.h"

namespace toolgate::services::iam {
namespace {

std::unexpected<Error> malformed(std::string message) {
  return refuse(Code::invalid, "MalformedPolicyDocument", std::move(message));
}

template <std::size_t count>
const Json* member_outside(const JsonObject& object,
                           const std::array<std::string_view, count>& known, std::string& name) {
  for (const auto& [key, value] : object) {
    if (std::ranges::find(known, std::string_view{key}) == known.end()) {
      name = std::string{std::string_view{key}};
      return &value;
    }
  }
  return nullptr;
}

bool texts(const Json& value) {
  if (value.is_string()) return true;
  const JsonArray* items = value.if_array();
  return items != nullptr && !items->empty() && std::ranges::all_of(*items, &Json::is_string);
}

// One of `name` and "Not<name>", not both, and it holds texts.
Result<void> check_either(const JsonObject& statement, std::string_view name,
                          std::string_view missing) {
  const Json* plain = statement.if_contains(name);
  const Json* inverse = statement.if_contains(fmt::format("Not{}", name));
  if (plain == nullptr && inverse == nullptr) return malformed(std::string{missing});
  if (plain != nullptr && inverse != nullptr) {
    return malformed(
        fmt::format("Syntax errors in policy: {0} and Not{0} exclude each other.", name));
  }
  if (!texts(plain != nullptr ? *plain : *inverse)) {
    return malformed(
        fmt::format("Syntax errors in policy: {} must be a string or a list of strings.",
                    plain != nullptr ? name : "Not" + std::string{name}));
  }
  return {};
}

// "*", or an object whose members ("AWS", "Service", "Federated", "CanonicalUser") hold texts.
bool principals(const Json& value) {
  if (value.is_string()) return value == "*";
  const JsonObject* kinds = value.if_object();
  return kinds != nullptr && !kinds->empty() &&
         std::ranges::all_of(*kinds, [](const auto& kind) { return texts(kind.value()); });
}

Result<void> check_trust_parts(const JsonObject& statement) {
  const Json* principal = statement.if_contains("Principal");
  const Json* inverse = statement.if_contains("NotPrincipal");
  if (principal == nullptr && inverse == nullptr) {
    return malformed("Missing required field Principal");
  }
  if (!principals(principal != nullptr ? *principal : *inverse)) {
    return malformed(
        "Invalid principal in policy: an object of AWS, Service or Federated is expected.");
  }
  if (statement.contains("Resource") || statement.contains("NotResource")) {
    return malformed("Has prohibited field Resource");
  }
  return {};
}

Result<void> check_identity_parts(const JsonObject& statement) {
  if (statement.contains("Principal") || statement.contains("NotPrincipal")) {
    return malformed("Policy document should not specify a principal.");
  }
  return check_either(statement, "Resource", "Policy statement must contain resources.");
}

Result<void> check_statement(const Json& value, PolicyUse use) {
  constexpr std::array<std::string_view, 9> known{"Sid",          "Effect",      "Principal",
                                                  "NotPrincipal", "Action",      "NotAction",
                                                  "Resource",     "NotResource", "Condition"};
  const JsonObject* statement = value.if_object();
  if (statement == nullptr) return malformed("Syntax errors in policy: a statement is no object.");
  std::string unknown;
  if (member_outside(*statement, known, unknown) != nullptr) {
    return malformed(fmt::format("Syntax errors in policy: unknown element {}.", unknown));
  }
  const auto effect = json::find_string(value, "Effect");
  if (effect != "Allow" && effect != "Deny") {
    return malformed("Syntax errors in policy: Effect must be Allow or Deny.");
  }
  if (const Json* condition = statement->if_contains("Condition");
      condition != nullptr && !condition->is_object()) {
    return malformed("Syntax errors in policy: Condition must be an object.");
  }
  TRY_DO(check_either(*statement, "Action", "Policy statement must contain actions."));
  return use == PolicyUse::trust ? check_trust_parts(*statement) : check_identity_parts(*statement);
}

}  // namespace

Result<void> check_policy(std::string_view document, PolicyUse use) {
  const Result<Json> parsed = json::parse(document);
  if (!parsed) {
    return malformed(fmt::format("This policy contains invalid Json: {}", parsed.error().message));
  }
  const JsonObject* policy = parsed->if_object();
  if (policy == nullptr) return malformed("Syntax errors in policy: it is no JSON object.");
  std::string unknown;
  if (member_outside(*policy, std::array<std::string_view, 3>{"Version", "Id", "Statement"},
                     unknown) != nullptr) {
    return malformed(fmt::format("Syntax errors in policy: unknown element {}.", unknown));
  }
  if (const Json* version = policy->if_contains("Version");
      version != nullptr && *version != "2012-10-17" && *version != "2008-10-17") {
    return malformed("The policy must contain a valid version string: 2012-10-17 or 2008-10-17.");
  }
  const Json* statements = policy->if_contains("Statement");
  if (statements == nullptr) return malformed("Syntax errors in policy: Statement is missing.");
  const JsonArray* list = statements->if_array();
  if (list == nullptr) return check_statement(*statements, use);
  if (list->empty()) return malformed("Syntax errors in policy: Statement is empty.");
  for (const Json& statement : *list) TRY_DO(check_statement(statement, use));
  return {};
}

std::size_t policy_characters(std::string_view document) {
  return static_cast<std::size_t>(std::ranges::count_if(
      document, [](char c) { return c != ' ' && c != '\t' && c != '\r' && c != '\n'; }));
}

}  // namespace toolgate::services::iam
