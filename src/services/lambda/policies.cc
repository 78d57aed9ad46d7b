// AddPermission, GetPolicy, RemovePermission: a function's own policy, which decides with those of
// who calls. It stands where policies of gateways stand, so that services/iam sees it.
#include <algorithm>

#include <fmt/format.h>

#include "services/lambda/resource.h"
#include "store/optimistic.h"

namespace toolgate::services::lambda {
namespace {

using aws::Answer;
using aws::Call;

constexpr std::size_t policy_bytes_max = 20 * 1024;  // Lambda quotas

// The policy of a function, or of one version or alias of it.
struct Policy {
  store::Key key;
  std::optional<store::Version> version;  // absent: there is none yet
  JsonObject document;                    // {"Version","Id","Statement":[…]}
  std::string revision;
};

Task<Result<Policy>> load_policy(Lambda& lambda, const Call& call) {
  CO_TRY(const Name name, name_of(call));
  CO_TRY_DO(co_await lambda.catalogue.find(place_of(call), name.name, name.qualifier));
  Policy policy;
  policy.key = functions::function_key(place_of(call), name.name);
  policy.key.kind = model::kind::resource_policy;
  policy.key.id = functions::function_arn(place_of(call), name.name) +
                  (name.qualifier.empty() ? "" : ':' + name.qualifier);
  policy.document = {{"Version", "2012-10-17"}, {"Id", "default"}, {"Statement", JsonArray{}}};
  CO_TRY(auto found, co_await store::get_document(lambda.store, policy.key));
  if (!found) co_return policy;
  CO_TRY(Json document, json::parse(json::find_string(found->body, "policy").value_or("")));
  policy.version = found->version;
  policy.document = std::move(document.get_object());
  policy.revision = json::member(found->body.get_object(), "revision");
  co_return policy;
}

std::unexpected<Error> no_policy() {
  return refuse(Code::not_found, "ResourceNotFoundException",
                "The resource you requested does not exist.");
}

Task<Result<void>> save(Lambda& lambda, Policy policy) {
  store::Batch batch;
  batch.preconditions.push_back(
      store::unchanged(policy.key, policy.version.value_or(0), "changed"));
  if (policy.document["Statement"].get_array().empty()) {
    batch.deletes.push_back(policy.key);
  } else {
    const std::string text = json::print(policy.document);
    if (text.size() > policy_bytes_max) {
      co_return refuse(Code::quota, "PolicyLengthExceededException",
                       fmt::format("The final policy size ({}) is bigger than the limit ({}).",
                                   text.size(), policy_bytes_max));
    }
    batch.puts.push_back(
        store::put_json(policy.key, JsonObject{{"policy", text}, {"revision", new_revision()}}));
  }
  const auto done = co_await lambda.store.commit(std::move(batch));
  if (!done && done.error().code == Code::conflict) co_return busy(policy.key.id);
  if (!done) co_return std::unexpected(done.error());
  co_return Result<void>{};
}

Result<Json> principal_of(Lambda& lambda, const Call& call) {
  const std::string given = aws::text(call, "Principal");
  if (given == "*") return Json("*");  // braces would make a list of it
  if (given.size() == 12 && functions::is_number(given)) {
    return Json(JsonObject{{"AWS", fmt::format("arn:aws:iam::{}:root", given)}});
  }
  if (!given.starts_with("arn:")) {
    if (given.ends_with(".amazonaws.com")) return Json(JsonObject{{"Service", given}});
    return invalid("The provided principal was invalid. Please check the principal and try again.");
  }
  // One of ours must be there, as with Lambda.
  const std::string ours = fmt::format("arn:aws:iam::{}:", call.account);
  const std::string last = given.substr(given.rfind('/') + 1);
  const auto view = lambda.authorizer.view();
  const bool unknown = (given.starts_with(ours + "role/") && view->role(last) == nullptr) ||
                       (given.starts_with(ours + "user/") && view->user(last) == nullptr);
  if (unknown) {
    return invalid("The provided principal was invalid. Please check the principal and try again.");
  }
  return Json(JsonObject{{"AWS", given}});
}

struct Condition {
  std::string_view member;
  std::string_view test;
  std::string_view key;
};
constexpr Condition conditions[] = {
    {"SourceArn", "ArnLike", "AWS:SourceArn"},
    {"SourceAccount", "StringEquals", "AWS:SourceAccount"},
    {"EventSourceToken", "StringEquals", "lambda:EventSourceToken"},
    {"PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"},
    {"FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"},
    {"InvokedViaFunctionUrl", "Bool", "lambda:InvokedViaFunctionUrl"},
};

JsonObject conditions_of(const Call& call) {
  JsonObject all;
  for (const auto& [member, test, key] : conditions) {
    const Json* value = json::find(call.input, member);
    if (value == nullptr) continue;
    Json& tests = all[test];
    if (!tests.is_object()) tests = JsonObject{};
    tests.get_object()[key] =
        value->is_bool() ? Json(value->get_bool() ? "true" : "false") : *value;
  }
  return all;
}

auto find_statement(JsonArray& statements, std::string_view id) {
  return std::ranges::find_if(statements,
                              [&](const Json& one) { return json::find_string(one, "Sid") == id; });
}

Task<Result<Answer>> add_permission(Lambda& lambda, Call& call, net::Worker&) {
  CO_TRY(Policy policy, co_await load_policy(lambda, call));
  CO_TRY_DO(check_revision(call, {{"RevisionId", policy.revision}}));
  CO_TRY_DO(co_await lambda.authorizer.settle());
  CO_TRY(Json principal, principal_of(lambda, call));
  const std::string id = aws::text(call, "StatementId");
  JsonArray& statements = policy.document["Statement"].get_array();
  if (find_statement(statements, id) != statements.end()) {
    co_return refuse(Code::conflict, "ResourceConflictException",
                     fmt::format("The statement id ({}) provided already exists. Please provide a "
                                 "new statement id, or remove the existing statement.",
                                 id));
  }
  JsonObject statement{{"Sid", id},
                       {"Effect", "Allow"},
                       {"Principal", std::move(principal)},
                       {"Action", aws::text(call, "Action")},
                       {"Resource", policy.key.id}};
  if (auto tests = conditions_of(call); !tests.empty()) statement["Condition"] = std::move(tests);
  std::string shown = json::print(statement);
  statements.push_back(std::move(statement));
  CO_TRY_DO(co_await save(lambda, std::move(policy)));
  co_return Answer{.output = JsonObject{{"Statement", std::move(shown)}}, .body = {}};
}

Task<Result<Answer>> get_policy(Lambda& lambda, Call& call, net::Worker&) {
  CO_TRY(Policy policy, co_await load_policy(lambda, call));
  if (!policy.version) co_return no_policy();
  co_return Answer{.output = JsonObject{{"Policy", json::print(policy.document)},
                                        {"RevisionId", policy.revision}},
                   .body = {}};
}

Task<Result<Answer>> remove_permission(Lambda& lambda, Call& call, net::Worker&) {
  CO_TRY(Policy policy, co_await load_policy(lambda, call));
  if (!policy.version) co_return no_policy();
  CO_TRY_DO(check_revision(call, {{"RevisionId", policy.revision}}));
  const std::string id = aws::text(call, "StatementId");
  JsonArray& statements = policy.document["Statement"].get_array();
  const auto found = find_statement(statements, id);
  if (found == statements.end()) {
    co_return refuse(Code::not_found, "ResourceNotFoundException",
                     fmt::format("Statement {} is not found in resource policy.", id));
  }
  statements.erase(found);
  CO_TRY_DO(co_await save(lambda, std::move(policy)));
  co_return Answer{};
}

}  // namespace

void add_policy_operations(Lambda& lambda, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(lambda, "AddPermission", add_permission));
  rows.push_back(aws::row(lambda, "GetPolicy", get_policy));
  rows.push_back(aws::row(lambda, "RemovePermission", remove_permission));
}

}  // namespace toolgate::services::lambda
