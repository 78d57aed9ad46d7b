#include "identity/issuer_keys.h"

#include <algorithm>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "base/limits.h"
#include "base/log.h"

namespace toolgate::identity {
namespace asio = boost::asio;

// While it lives, others wait. It ends with the coroutine that fetches, however that ends.
class Issuer::Flight {
 public:
  Flight(Issuer& issuer, asio::io_context& io) : issuer_{issuer} {
    issuer_.landing_ = std::make_shared<asio::steady_timer>(io, Deadline::max());
  }
  ~Flight() {
    issuer_.landing_->cancel();
    issuer_.landing_.reset();
  }
  Flight(const Flight&) = delete;
  Flight& operator=(const Flight&) = delete;

 private:
  Issuer& issuer_;
};

namespace {

// A clock that was set back makes what is known old, not forever young.
bool within_last(Time then, std::chrono::milliseconds span, Time now) {
  return std::chrono::abs(now - then) < span;
}

std::unexpected<Error> no_provider(std::string why) {
  return fail(Code::unavailable, "The identity provider of this gateway cannot be reached",
              std::move(why));
}

}  // namespace

Signature check_signature(const crypto::Jwt& jwt, const IssuerKeys& issuer) {
  bool named = false;
  for (const auto& key : issuer.keys) {
    const bool same_name = !jwt.key_id.empty() && key.id() == jwt.key_id;
    if (!same_name && !jwt.key_id.empty() && !key.id().empty()) continue;
    if (key.verify(jwt.algorithm, jwt.signing_input, jwt.signature)) return Signature::good;
    named = named || same_name;
  }
  return named ? Signature::bad : Signature::unknown_key;
}

Task<Result<IssuerKeysRef>> Issuer::fetch(Means means) const {
  const auto document = co_await means.documents.fetch(discovery_url_, means.worker);
  if (!document) {
    co_return no_provider(
        fmt::format("discovery {}: {}", discovery_url_, document.error().message));
  }
  const auto issuer = json::find_string(*document, "issuer");
  const auto keys_url = json::find_string(*document, "jwks_uri");
  if (!issuer || issuer->empty() || !keys_url) {
    co_return no_provider(fmt::format("discovery {}: no issuer or no jwks_uri", discovery_url_));
  }
  const auto set = co_await means.documents.fetch(std::string{*keys_url}, means.worker);
  if (!set) co_return no_provider(fmt::format("keys {}: {}", *keys_url, set.error().message));
  auto keys = crypto::parse_jwks(*set);
  if (!keys) co_return no_provider(fmt::format("keys {}: {}", *keys_url, keys.error().message));
  co_return std::make_shared<const IssuerKeys>(
      IssuerKeys{.issuer = std::string{*issuer}, .keys = *std::move(keys)});
}

Task<void> Issuer::refresh(Means means) {
  if (const auto landing = landing_) {
    co_await landing->async_wait(asio::as_tuple(asio::use_awaitable));
    co_return;
  }
  const Flight flight{*this, means.worker.io()};
  auto fetched = co_await fetch(means);
  tried_ = means.clock.now();
  if (fetched) {
    known_ = *std::move(fetched);
    fetched_ = tried_;
  } else {
    failure_ = std::move(fetched).error();
    log::warn("identity provider: {}", failure_->detail);
  }
}

Result<IssuerKeysRef> Issuer::known(Time now) const {
  const auto usable_for = limits::discovery_fresh_for + issuer_keys_stale_for;
  if (known_ != nullptr && within_last(fetched_, usable_for, now)) return known_;
  if (failure_) return std::unexpected(*failure_);
  return no_provider("the request that was fetching its keys ended early");
}

Task<Result<IssuerKeysRef>> Issuer::keys(Means means) {
  const Time now = means.clock.now();
  last_used_ = now;
  if (known_ == nullptr) {
    const bool failed_just_now = within_last(tried_, issuer_retry_interval, now);
    if (!failed_just_now) co_await refresh(means);
    co_return known(means.clock.now());
  }
  const bool fresh = within_last(fetched_, limits::discovery_fresh_for, now);
  const bool tried = within_last(tried_, limits::jwks_refetch_interval, now);
  // Old keys serve everyone but the one who fetches, unless they are too old.
  const bool usable = known(now).has_value();
  if (!fresh && !tried && (landing_ == nullptr || !usable)) co_await refresh(means);
  co_return known(means.clock.now());
}

Task<Result<IssuerKeysRef>> Issuer::newer_keys(IssuerKeysRef seen, Means means) {
  const Time now = means.clock.now();
  const bool tried = within_last(tried_, limits::jwks_refetch_interval, now);
  if (known_ == seen && (landing_ != nullptr || !tried)) co_await refresh(means);
  co_return known(means.clock.now());
}

std::shared_ptr<Issuer> Issuers::at(const std::string& discovery_url) {
  if (const auto found = by_url_.find(discovery_url); found != by_url_.end()) return found->second;
  if (by_url_.size() >= issuers_count_max) {
    by_url_.erase(std::ranges::min_element(
        by_url_, {}, [](const auto& entry) { return entry.second->last_used(); }));
  }
  return by_url_.emplace(discovery_url, std::make_shared<Issuer>(discovery_url)).first->second;
}

}  // namespace toolgate::identity
