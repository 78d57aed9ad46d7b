// GetKeyPolicy, PutKeyPolicy, ListKeyPolicies.
#include "services/kms/key_policy.h"

#include <fmt/format.h>

#include "identity/policy/decide.h"
#include "model/kinds.h"

namespace toolgate::services::kms {
namespace {

using aws::Answer;
using aws::Call;

constexpr std::size_t policy_bytes_max = 32 * 1024;  // PutKeyPolicy, API reference
constexpr std::string_view policy_name = "default";  // the only one there is

store::Key place_of(const Key& key) {
  return {.account = key.key.account,
          .region = key.key.region,
          .kind = std::string{model::kind::resource_policy},
          .id = key.arn()};
}

std::unexpected<Error> malformed(std::string message) {
  return refuse(Code::invalid, "MalformedPolicyDocumentException", std::move(message));
}

// "Default key policy", KMS developer guide.
std::string default_policy(std::string_view account) {
  return fmt::format(
      "{{\n  \"Version\" : \"2012-10-17\",\n  \"Id\" : \"key-default-1\",\n"
      "  \"Statement\" : [ {{\n    \"Sid\" : \"Enable IAM User Permissions\",\n"
      "    \"Effect\" : \"Allow\",\n    \"Principal\" : {{\n"
      "      \"AWS\" : \"arn:aws:iam::{}:root\"\n    }},\n    \"Action\" : \"kms:*\",\n"
      "    \"Resource\" : \"*\"\n  }} ]\n}}",
      account);
}

Result<void> check_name(const Call& call) {
  const auto name = aws::text_if(call, "PolicyName");
  if (!name || *name == policy_name) return {};
  return refuse(Code::not_found, "NotFoundException",
                fmt::format("No such policy {}: a key has one, 'default'", *name));
}

Task<Result<Answer>> get_key_policy(Kms& kms, Call& call, net::Worker&) {
  CO_TRY_DO(check_name(call));
  CO_TRY(const Key key, co_await load_key(kms, call));
  CO_TRY(const auto kept, co_await store::get_document(kms.store, place_of(key)));
  std::string policy = default_policy(key.key.account);
  if (kept) policy = json::find_string(kept->body, "policy").value_or("");
  co_return Answer{JsonObject{{"Policy", policy}, {"PolicyName", policy_name}}, {}};
}

Task<Result<Answer>> put_key_policy(Kms& kms, Call& call, net::Worker&) {
  CO_TRY_DO(check_name(call));
  CO_TRY(const Key key, co_await load_key(kms, call));
  CO_TRY_DO(check_not_pending(key));
  const std::string policy = aws::text(call, "Policy");
  CO_TRY_DO(check_policy(call, policy, key.arn()));
  store::Batch batch;
  batch.preconditions.push_back({.holds = store::Precondition::Holds::present,
                                 .key = key.key,
                                 .otherwise = "The key was deleted meanwhile."});
  batch.puts.push_back(policy_put(key, policy));
  CO_TRY_DO(co_await kms.store.commit(std::move(batch)));
  co_return Answer{};
}

Task<Result<Answer>> list_key_policies(Kms& kms, Call& call, net::Worker&) {
  CO_TRY_DO(co_await load_key(kms, call));
  co_return Answer{JsonObject{{"PolicyNames", JsonArray{policy_name}}, {"Truncated", false}}, {}};
}

}  // namespace

Result<void> check_policy(const Call& call, std::string_view policy, const std::string& key_arn) {
  namespace rules = identity::policy;
  if (policy.size() > policy_bytes_max) {
    return refuse(Code::quota, "LimitExceededException",
                  fmt::format("Policy: {} bytes; at most {}", policy.size(), policy_bytes_max));
  }
  const auto parsed = rules::parse(policy, rules::Use::resource);
  if (!parsed) return malformed(parsed.error().message);
  if (json::find_bool(call.input, "BypassPolicyLockoutSafetyCheck").value_or(false)) return {};
  const rules::Caller root{.kind = rules::Caller::Kind::root,
                           .account = call.account,
                           .arn = fmt::format("arn:aws:iam::{}:root", call.account),
                           .role_arn = {},
                           .id = call.account,
                           .service = {}};
  const rules::Context context;
  bool someone = false;
  for (const auto& statement : parsed->statements) {
    if (!statement.allows || !statement.principals) continue;
    const auto named = statement.principals->name(root);
    someone = someone || named != rules::Named::not_at_all || call.caller.arn == root.arn;
    rules::Caller self = root;
    self.kind = rules::Caller::Kind::user;
    self.arn = call.caller.arn;
    someone = someone || statement.principals->name(self) != rules::Named::not_at_all;
  }
  if (!someone) {
    return malformed(
        fmt::format("The new key policy will not allow you to update the key policy of {} in the "
                    "future.",
                    key_arn));
  }
  return {};
}

store::Put policy_put(const Key& key, const std::string& policy) {
  return store::put_json(place_of(key), JsonObject{{"policy", policy}});
}

void add_policy_operations(Kms& kms, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(kms, "GetKeyPolicy", get_key_policy));
  rows.push_back(aws::row(kms, "PutKeyPolicy", put_key_policy));
  rows.push_back(aws::row(kms, "ListKeyPolicies", list_key_policies));
}

}  // namespace toolgate::services::kms
