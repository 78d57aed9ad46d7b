#include "identity/jwt_authorizer.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "base/limits.h"
#include "crypto/hash.h"
#include "crypto/jwt.h"
#include "identity/issuer_keys.h"
#include "identity/jwt_rules.h"
#include "identity/verified_tokens.h"
#include "json/members.h"

namespace toolgate::identity {
namespace {

using PrincipalRef = std::shared_ptr<const Principal>;

AuthorizerId fingerprint(const Json& configuration) {
  const std::string hash = crypto::sha256(json::print(configuration));
  AuthorizerId id{};
  std::memcpy(id.data(), hash.data(), sizeof id);
  return id;
}

PrincipalRef principal_of(Json claims) {
  auto principal = std::make_shared<Principal>();
  principal->kind = Principal::Kind::federated;
  principal->id = json::find_string(claims, "sub").value_or("");
  principal->client_id = client_of(claims);
  principal->claims = std::move(claims);
  return principal;
}

class Authorizer final : public JwtAuthorizer {
 public:
  Authorizer(JwtRules rules, AuthorizerId id, Parts parts)
      : rules_{std::move(rules)}, id_{id}, parts_{parts} {}

  PrincipalRef cached(std::string_view token, net::Worker& worker) const override {
    const PrincipalRef* found = worker.local<VerifiedTokens>().good.find(
        {.authorizer = id_, .token = token}, parts_.clock->now());
    return found != nullptr ? *found : nullptr;
  }

  Task<Result<PrincipalRef>> authenticate(std::string_view token,
                                          net::Worker& worker) const override {
    const Time now = parts_.clock->now();
    const TokenKey key{.authorizer = id_, .token = token};
    auto& tokens = worker.local<VerifiedTokens>();
    if (const auto* good = tokens.good.find(key, now)) co_return *good;
    if (const auto* refused = tokens.refused.find(key, now)) co_return std::unexpected(*refused);

    auto jwt = crypto::parse_jwt(token);
    if (!jwt) co_return invalid_token(jwt.error().message);
    // Before the signature, because it is cheaper and tells the caller nothing.
    CO_TRY(const Time expires, check_times(jwt->claims, now));
    CO_TRY_DO(co_await check_issuer_and_signature(*jwt, key, worker));
    if (auto checked = check_claims(rules_, jwt->claims); !checked) {
      tokens.refused.keep(key, checked.error(), now + VerifiedTokens::refused_for);
      co_return std::unexpected(std::move(checked).error());
    }
    if (parts_.aliases != nullptr) {
      const std::string issuer = json::member(jwt->claims, "iss");
      if (!co_await parts_.aliases->knows_client(issuer, std::string{client_of(jwt->claims)})) {
        co_return invalid_token("the client that got the token does not exist any more");
      }
    }
    auto principal = principal_of(std::move(jwt->claims));
    tokens.good.keep(key, principal, std::min<Time>(expires, now + limits::verified_token_for));
    co_return principal;
  }

  const std::vector<std::string>& advertised_scopes() const override {
    return rules_.advertised_scopes;
  }

  Task<Result<std::string>> issuer(net::Worker& worker) const override {
    const auto issuer = worker.local<Issuers>().at(rules_.discovery_url);
    CO_TRY(const IssuerKeysRef keys, co_await issuer->keys(means(worker)));
    co_return keys->issuer;
  }

 private:
  [[nodiscard]] Issuer::Means means(net::Worker& worker) const {
    return {.documents = *parts_.documents, .clock = *parts_.clock, .worker = worker};
  }

  Task<Result<void>> check_issuer_and_signature(const crypto::Jwt& jwt, const TokenKey& key,
                                                net::Worker& worker) const {
    const auto issuer = worker.local<Issuers>().at(rules_.discovery_url);
    CO_TRY(IssuerKeysRef known, co_await issuer->keys(means(worker)));
    CO_TRY_DO(check_issuer(jwt.claims, known->issuer));
    auto signature = check_signature(jwt, *known);
    if (signature == Signature::unknown_key) {
      CO_TRY(known, co_await issuer->newer_keys(known, means(worker)));
      CO_TRY_DO(check_issuer(jwt.claims, known->issuer));
      signature = check_signature(jwt, *known);
    }
    if (signature == Signature::good) co_return Result<void>{};
    if (signature == Signature::unknown_key) {
      co_return invalid_token(fmt::format(
          "no key of {} fits (kid {})", quoted_for_log(known->issuer), quoted_for_log(jwt.key_id)));
    }
    auto refusal = invalid_token("the signature is wrong");
    worker.local<VerifiedTokens>().refused.keep(key, refusal.error(),
                                                parts_.clock->now() + VerifiedTokens::refused_for);
    co_return refusal;
  }

  // Equal to the byte (OpenID Connect Core §3.1.3.7), or another name of the same pool of ours.
  [[nodiscard]] Result<void> check_issuer(const Json& claims, std::string_view expected) const {
    const auto named = json::find_string(claims, "iss");
    if (!named) return invalid_token("iss is missing");
    if (*named == expected) return {};
    if (parts_.aliases != nullptr) {
      const auto aliases = parts_.aliases->aliases_of(expected);
      if (std::ranges::find(aliases, *named) != aliases.end()) return {};
    }
    return invalid_token(fmt::format("iss is {}, the discovery document's issuer is {}",
                                     quoted_for_log(*named), quoted_for_log(expected)));
  }

  JwtRules rules_;
  AuthorizerId id_;
  Parts parts_;
};

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

}  // namespace

Result<std::shared_ptr<const JwtAuthorizer>> JwtAuthorizer::compile(
    const Json& custom_jwt_authorizer, const IssuerAliases* aliases) {
  return compile(
      custom_jwt_authorizer,
      Parts{.aliases = aliases, .documents = &http_documents(), .clock = &system_clock()});
}

Result<std::shared_ptr<const JwtAuthorizer>> JwtAuthorizer::compile(
    const Json& custom_jwt_authorizer, Parts parts) {
  TRY(JwtRules rules, compile_rules(custom_jwt_authorizer));
  return std::make_shared<const Authorizer>(std::move(rules), fingerprint(custom_jwt_authorizer),
                                            parts);
}

}  // namespace toolgate::identity
