// Resource policies: who else may write to log groups. Kept and given back.
#include <fmt/format.h>

#include "aws/paging.h"
#include "base/ids.h"
#include "services/logs/names.h"
#include "services/logs/service.h"
#include "store/documents.h"
#include "store/optimistic.h"

namespace toolgate::services::logs {
namespace {

using aws::Answer;
using aws::Call;

constexpr std::size_t account_policies_count_max = 10;  // CloudWatch Logs quotas

// Where a policy is kept: by its name for the account, or by the resource that it belongs to.
struct Place {
  store::Key key;
  bool of_resource = false;
};
Result<Place> place_of(const Call& call) {
  const auto name = aws::text_if(call, "policyName");
  const auto arn = aws::text_if(call, "resourceArn");
  if (arn) {
    TRY(const auto group, group_of_arn(call, *arn));
    return Place{key_of(call, kind_policy, "resource/" + group.name), true};
  }
  if (!name || name->empty()) {
    return fail(Code::invalid, "policyName: expected a name, or a resourceArn");
  }
  return Place{key_of(call, kind_policy, "account/" + *name), false};
}

std::unexpected<Error> not_the_revision() {
  auto error = fail(Code::conflict, "expectedRevisionId: the policy has another revision");
  error.error().name = "OperationAbortedException";
  return error;
}

Result<void> check_revision(const Call& call, const std::optional<store::JsonDocument>& there) {
  const auto expected = aws::text_if(call, "expectedRevisionId");
  if (!expected) return {};
  const auto revision =
      there ? json::find_string(there->body, "revisionId") : std::optional<std::string_view>{};
  return revision == *expected ? Result<void>{} : Result<void>{not_the_revision()};
}

Task<Result<Answer>> put_resource_policy(Logs& logs, Call& call, net::Worker&) {
  CO_TRY(const Place place, place_of(call));
  const std::string document = aws::text_if(call, "policyDocument").value_or("");
  const auto parsed = json::parse(document);
  if (!parsed || !parsed->is_object() || json::find(*parsed, "Statement") == nullptr) {
    co_return fail(Code::invalid, "policyDocument: expected a JSON policy with a Statement");
  }
  CO_TRY(const auto there, co_await store::get_document(logs.store, place.key));
  CO_TRY_DO(check_revision(call, there));
  if (!there && !place.of_resource) {
    CO_TRY(const auto all,
           co_await store::list_all_json(logs.store, key_of(call, kind_policy, "account/")));
    if (all.size() >= account_policies_count_max) {
      co_return fail(Code::quota, fmt::format("Resource limit exceeded: {} policies.",
                                              account_policies_count_max));
    }
  }
  JsonObject policy{{"policyDocument", document},
                    {"lastUpdatedTime", milliseconds_of(call.now)},
                    {"policyScope", place.of_resource ? "RESOURCE" : "ACCOUNT"},
                    {"revisionId", random_text(32, lower_alphanumeric)}};
  for (const char* member : {"policyName", "resourceArn"}) {
    if (const auto value = aws::text_if(call, member)) policy[member] = *value;
  }
  store::Batch batch;
  batch.preconditions.push_back(store::unchanged(place.key, there ? there->version : 0,
                                                 "The policy is being changed; try again."));
  batch.puts.push_back(store::put_json(place.key, policy));
  CO_TRY_DO(co_await logs.store.commit(std::move(batch)));
  Json revision = policy["revisionId"];
  co_return Answer{
      JsonObject{{"resourcePolicy", std::move(policy)}, {"revisionId", std::move(revision)}}, {}};
}

Task<Result<Answer>> describe_resource_policies(Logs& logs, Call& call, net::Worker&) {
  CO_TRY(const auto page, aws::page_request(call, {.size = "limit", .default_size = 50}));
  std::string prefix = "account/";
  if (const auto arn = aws::text_if(call, "resourceArn")) {
    CO_TRY(const auto group, group_of_arn(call, *arn));
    prefix = "resource/" + group.name;
  } else if (aws::text_if(call, "policyScope") == "RESOURCE") {
    prefix = "resource/";
  }
  CO_TRY(auto listed, co_await store::list_json(logs.store, key_of(call, kind_policy, prefix),
                                                page.size, page.after));
  JsonArray policies;
  for (auto& document : listed.documents) policies.push_back(std::move(document.body));
  JsonObject output{{"resourcePolicies", std::move(policies)}};
  if (!listed.next.empty()) output["nextToken"] = aws::next_token(call, listed.next);
  co_return Answer{std::move(output), {}};
}

Task<Result<Answer>> delete_resource_policy(Logs& logs, Call& call, net::Worker&) {
  CO_TRY(const Place place, place_of(call));
  CO_TRY(const auto there, co_await store::get_document(logs.store, place.key));
  if (!there) co_return fail(Code::not_found, "The specified resource policy does not exist.");
  CO_TRY_DO(check_revision(call, there));
  store::Batch batch;
  batch.deletes.push_back(place.key);
  CO_TRY_DO(co_await logs.store.commit(std::move(batch)));
  co_return Answer{};
}

}  // namespace

void add_policy_operations(Logs& logs, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(logs, "PutResourcePolicy", put_resource_policy));
  rows.push_back(aws::row(logs, "DescribeResourcePolicies", describe_resource_policies));
  rows.push_back(aws::row(logs, "DeleteResourcePolicy", delete_resource_policy));
}

}  // namespace toolgate::services::logs
