// Policies that belong to one role or one user, kept in its document by name, as they were given.
#include <fmt/format.h>

#include "base/text.h"
#include "services/iam/documents.h"
#include "services/iam/listing.h"
#include "services/iam/policy_document.h"
#include "services/iam/service.h"

namespace toolgate::services::iam {
namespace {

using aws::Answer;
using aws::Call;

std::unexpected<Error> no_such_policy(const Noun& noun, std::string_view policy) {
  return no_such_entity(
      fmt::format("The {} policy with name {} cannot be found.", noun.word, policy));
}

std::size_t characters_of(const JsonObject& policies) {
  std::size_t characters = 0;
  for (const auto& policy : policies) {
    characters += policy_characters(text_of(policy.value()));
  }
  return characters;
}

template <const Noun& noun>
Task<Result<Answer>> put_policy(Iam& iam, Call& call, net::Worker&) {
  const std::string document = aws::text(call, "PolicyDocument");
  CO_TRY_DO(check_policy(document, PolicyUse::identity));
  CO_TRY(Loaded entity, co_await load_named(iam.store, call, noun));
  JsonObject& policies = object_in(entity.body, "InlinePolicies");
  policies[aws::text(call, "PolicyName")] = document;
  if (characters_of(policies) > noun.inline_characters_max) {
    co_return limit_exceeded(fmt::format("Maximum policy size of {} bytes exceeded for {} {}",
                                         noun.inline_characters_max, noun.word,
                                         member(entity.body, noun.member)));
  }
  store::Batch batch;
  write_back(batch, entity);
  CO_TRY([[maybe_unused]] store::Version version, co_await iam.store.commit(std::move(batch)));
  co_return Answer{};
}

template <const Noun& noun>
Task<Result<Answer>> get_policy(Iam& iam, Call& call, net::Worker&) {
  CO_TRY(Loaded entity, co_await load_named(iam.store, call, noun));
  const std::string name = aws::text(call, "PolicyName");
  const JsonObject& policies = object_in(entity.body, "InlinePolicies");
  if (!policies.contains(name)) co_return no_such_policy(noun, name);
  JsonObject output{{"PolicyName", name},
                    {"PolicyDocument", percent_encode(member(policies, name))}};
  output[noun.member] = member(entity.body, noun.member);
  co_return Answer{std::move(output), {}};
}

template <const Noun& noun>
Task<Result<Answer>> list_policies(Iam& iam, Call& call, net::Worker&) {
  CO_TRY(Loaded entity, co_await load_named(iam.store, call, noun));
  std::vector<std::string> names;
  for (const auto& policy : object_in(entity.body, "InlinePolicies")) {
    names.emplace_back(std::string_view{policy.key()});
  }
  JsonObject output;
  CO_TRY(const std::vector<std::string> page, page_of(call, std::move(names), output));
  output["PolicyNames"] = JsonArray(page.begin(), page.end());
  co_return Answer{std::move(output), {}};
}

template <const Noun& noun>
Task<Result<Answer>> delete_policy(Iam& iam, Call& call, net::Worker&) {
  CO_TRY(Loaded entity, co_await load_named(iam.store, call, noun));
  const std::string name = aws::text(call, "PolicyName");
  if (object_in(entity.body, "InlinePolicies").erase(name) == 0) {
    co_return no_such_policy(noun, name);
  }
  store::Batch batch;
  write_back(batch, entity);
  CO_TRY([[maybe_unused]] store::Version version, co_await iam.store.commit(std::move(batch)));
  co_return Answer{};
}

}  // namespace

void add_inline_policy_operations(Iam& iam, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::writing_row(iam, "PutRolePolicy", put_policy<role_noun>, busy));
  rows.push_back(aws::row(iam, "GetRolePolicy", get_policy<role_noun>));
  rows.push_back(aws::row(iam, "ListRolePolicies", list_policies<role_noun>));
  rows.push_back(aws::writing_row(iam, "DeleteRolePolicy", delete_policy<role_noun>, busy));
  rows.push_back(aws::writing_row(iam, "PutUserPolicy", put_policy<user_noun>, busy));
  rows.push_back(aws::row(iam, "GetUserPolicy", get_policy<user_noun>));
  rows.push_back(aws::row(iam, "ListUserPolicies", list_policies<user_noun>));
  rows.push_back(aws::writing_row(iam, "DeleteUserPolicy", delete_policy<user_noun>, busy));
}

}  // namespace toolgate::services::iam
