#include "net/issued_contexts.h"

#include <algorithm>

#include "base/log.h"

namespace toolgate::net {
namespace {

// A connection that begins now may last long; its client looks at the certificate only once.
constexpr auto renewed_before = std::chrono::days{3};

}  // namespace

IssuedContexts::IssuedContexts(crypto::CertificateAuthority authority, Options options)
    : authority_{std::move(authority)}, options_{std::move(options)} {
  ASSERT(options_.clock != nullptr && options_.contexts_count_max > 0);
}

std::vector<std::string> IssuedContexts::names_for(const std::string& name) const {
  if (name.empty() || std::ranges::find(options_.own_names, name) != options_.own_names.end()) {
    return options_.own_names;
  }
  const auto below = [&](const std::string& domain) {
    return name.size() > domain.size() + 1 && name.ends_with(domain) &&
           name[name.size() - domain.size() - 1] == '.';
  };
  if (!crypto::is_host_name(name) || std::ranges::none_of(options_.domains, below)) return {};
  return {name};
}

std::shared_ptr<SSL_CTX> IssuedContexts::make(const std::string& name) {
  const auto names = names_for(name);
  if (names.empty()) return nullptr;
  const Time now = options_.clock->now();
  const auto issued = authority_.issue(names, now);
  if (!issued) {
    log::error("TLS: no certificate for {}: {}", name, issued.error().message);
    return nullptr;
  }
  auto context = make_server_context(issued->chain_pem, issued->key_pem);
  if (!context) {
    log::error("TLS: the certificate for {}: {}", name, context.error().message);
    return nullptr;
  }
  kept_.push_front({name, *context, now, issued->expires - renewed_before});
  places_[name] = kept_.begin();
  if (kept_.size() > options_.contexts_count_max) {
    places_.erase(kept_.back().name);
    kept_.pop_back();
  }
  return *context;
}

std::shared_ptr<SSL_CTX> IssuedContexts::context_for(std::string_view server_name) {
  std::string name = lower(server_name);
  if (name.size() > 1 && name.ends_with('.')) name.pop_back();
  const std::lock_guard lock{mutex_};
  if (const auto found = places_.find(name); found != places_.end()) {
    const Time now = options_.clock->now();
    if (now >= found->second->made_at && now < found->second->renew_at) {
      kept_.splice(kept_.begin(), kept_, found->second);
      return found->second->context;
    }
    kept_.erase(found->second);
    places_.erase(found);
  }
  return make(name);
}

}  // namespace toolgate::net
