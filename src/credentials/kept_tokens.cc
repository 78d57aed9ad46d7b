#include "credentials/kept_tokens.h"

#include "base/log.h"
#include "credentials/bounds.h"
#include "credentials/provider.h"

namespace toolgate::credentials {
namespace {

constexpr std::string_view sealed_token = "sealedToken";
constexpr std::string_view bearer = "Bearer ";

store::Key key_of(const Need& need) {
  return {.account = need.place.account,
          .region = need.place.region,
          .kind = std::string{model::kind::kept_token},
          .id = need.cache_key};
}

}  // namespace

Task<std::optional<Made>> KeptTokens::find(const Need& need, store::Version provider,
                                           Time now) const {
  const auto document = co_await store_.get(key_of(need));
  if (!document || !*document) co_return std::nullopt;
  const auto body = json::parse((*document)->body);
  if (!body) co_return std::nullopt;
  if (json::find_int(*body, "provider") != static_cast<std::int64_t>(provider)) {
    co_return std::nullopt;
  }
  const Time ends{std::chrono::milliseconds{json::find_int(*body, "ends").value_or(0)}};
  if (ends <= now + bounds::refresh_early_min) co_return std::nullopt;
  const auto token = unseal_member(secrets_, **document, *body, sealed_token);
  if (!token) co_return std::nullopt;
  Made made;
  made.credential.show = net::HeaderCredential{"authorization", std::string{bearer} + *token};
  made.life = std::chrono::duration_cast<std::chrono::seconds>(ends - now);
  co_return made;
}

Task<void> KeptTokens::keep(const Need& need, store::Version provider, const Made& made,
                            Time now) const {
  const auto* header = std::get_if<net::HeaderCredential>(&made.credential.show);
  if (header == nullptr || !made.life || *made.life <= bounds::refresh_early_min) co_return;
  const store::Key key = key_of(need);
  const std::string_view token = std::string_view{header->value}.substr(bearer.size());
  const JsonObject body{{"provider", provider},
                        {"ends", milliseconds_of(now + std::min<std::chrono::seconds>(
                                                           *made.life, bounds::token_life_max))},
                        {sealed_token, seal_member(secrets_, key, sealed_token, token)}};
  store::Batch batch;
  batch.puts.push_back({.key = key, .body = json::print(body)});
  const auto version = co_await store_.commit(std::move(batch));
  if (!version) {
    log::warn("a token was not kept for the next start: {} {}", version.error().message,
              version.error().detail);
  }
  store::Key prefix = key;
  prefix.id.clear();
  co_await sweeper_.sweep(store_, std::move(prefix), now);
}

}  // namespace toolgate::credentials
