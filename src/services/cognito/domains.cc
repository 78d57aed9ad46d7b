// A pool's domain: the first label of its token endpoint's host. Served at once: names resolve
// inside this process.
#include <fmt/format.h>

#include "services/cognito/documents.h"
#include "services/cognito/service.h"
#include "services/cognito/user_pool.h"

namespace toolgate::services::cognito {
namespace {

using aws::Answer;
using aws::Call;

constexpr std::int64_t login_version_default = 1;  // classic hosted pages

std::int64_t login_version(const Call& call) {
  return json::find_int(call.input, "ManagedLoginVersion").value_or(login_version_default);
}

Result<void> refuse_custom_domain(const Call& call) {
  if (json::find(call.input, "CustomDomainConfig") == nullptr) return {};
  return invalid_parameter(
      "CustomDomainConfig: custom domains are not served; leave it out for a prefix domain.");
}

Task<Result<Answer>> create_user_pool_domain(Cognito& cognito, Call& call, net::Worker&) {
  const std::string domain = aws::text(call, "Domain");
  CO_TRY_DO(refuse_custom_domain(call));
  if (const std::string_view word = reserved_word_in(domain); !word.empty()) {
    co_return invalid_parameter(fmt::format("Domain cannot contain reserved word: {}", word));
  }
  CO_TRY(Loaded pool, co_await load_pool(cognito.store, place_of(call)));
  if (!member(pool.body, "Domain").empty()) {
    co_return invalid_parameter("User pool already has a domain configured.");
  }
  const store::Key key = domain_key(call.account, call.region, domain);
  CO_TRY(const std::optional<Loaded> taken, co_await load(cognito.store, key));
  if (taken) co_return invalid_parameter("Domain already associated with another user pool.");

  pool.body["Domain"] = domain;
  store::Batch batch;
  write_back(batch, pool);
  create(batch, key,
         JsonObject{{"Domain", domain},
                    {"UserPoolId", pool.key.id},
                    {"ManagedLoginVersion", login_version(call)},
                    {"Version", fmt::format("{}", milliseconds_of(call.now))}});
  CO_TRY([[maybe_unused]] store::Version version, co_await cognito.store.commit(std::move(batch)));
  co_return Answer{JsonObject{{"ManagedLoginVersion", login_version(call)}}, {}};
}

// An unknown domain is no error: the description is empty (as Cognito's is).
Task<Result<Answer>> describe_user_pool_domain(Cognito& cognito, Call& call, net::Worker&) {
  CO_TRY(const std::optional<Loaded> domain,
         co_await load(cognito.store,
                       domain_key(call.account, call.region, aws::text(call, "Domain"))));
  JsonObject shape;
  if (domain) {
    shape = domain->body;
    shape["AWSAccountId"] = call.account;
    shape["S3Bucket"] = "aws-cognito-prod-assets";
    shape["CloudFrontDistribution"] =
        fmt::format("{}.auth.{}.amazoncognito.com", member(domain->body, "Domain"), call.region);
    shape["Status"] = "ACTIVE";
    shape["CustomDomainConfig"] = JsonObject{};
  }
  co_return Answer{JsonObject{{"DomainDescription", std::move(shape)}}, {}};
}

// The domain that the input names, if it is the pool's.
Task<Result<Loaded>> load_domain(Cognito& cognito, const Call& call) {
  CO_TRY(std::optional<Loaded> domain,
         co_await load(cognito.store,
                       domain_key(call.account, call.region, aws::text(call, "Domain"))));
  if (!domain || member(domain->body, "UserPoolId") != aws::text(call, "UserPoolId")) {
    co_return invalid_parameter("No such domain or user pool exists.");
  }
  co_return *std::move(domain);
}

Task<Result<Answer>> update_user_pool_domain(Cognito& cognito, Call& call, net::Worker&) {
  CO_TRY_DO(refuse_custom_domain(call));
  CO_TRY(Loaded domain, co_await load_domain(cognito, call));
  domain.body["ManagedLoginVersion"] = login_version(call);
  store::Batch batch;
  write_back(batch, domain);
  CO_TRY([[maybe_unused]] store::Version version, co_await cognito.store.commit(std::move(batch)));
  co_return Answer{JsonObject{{"ManagedLoginVersion", login_version(call)}}, {}};
}

Task<Result<Answer>> delete_user_pool_domain(Cognito& cognito, Call& call, net::Worker&) {
  CO_TRY(const Loaded domain, co_await load_domain(cognito, call));
  CO_TRY(Loaded pool, co_await load_pool(cognito.store, place_of(call)));
  pool.body.erase("Domain");
  store::Batch batch;
  write_back(batch, pool);
  remove(batch, domain);
  CO_TRY([[maybe_unused]] store::Version version, co_await cognito.store.commit(std::move(batch)));
  co_return Answer{};
}

}  // namespace

void add_domain_operations(Cognito& cognito, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::writing_row(cognito, "CreateUserPoolDomain", create_user_pool_domain, busy));
  rows.push_back(aws::row(cognito, "DescribeUserPoolDomain", describe_user_pool_domain));
  rows.push_back(aws::writing_row(cognito, "UpdateUserPoolDomain", update_user_pool_domain, busy));
  rows.push_back(aws::writing_row(cognito, "DeleteUserPoolDomain", delete_user_pool_domain, busy));
}

}  // namespace toolgate::services::cognito
