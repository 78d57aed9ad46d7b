// What we show a target. A target's configuration names a credential provider, or the gateway's own
// role; here it becomes a ready net::Credential: an API key, an OAuth token or a role's session,
// cached until shortly before they expire.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "credentials/key_signer.h"
#include "credentials/role_sessions.h"
#include "credentials/user.h"
#include "identity/principal.h"
#include "json/json.h"
#include "model/kinds.h"
#include "net/credential.h"
#include "net/worker.h"
#include "store/secrets.h"
#include "store/store.h"

namespace toolgate::credentials {

// What a target needs, read once from its `credentialProviderConfigurations`. Immutable.
struct Need {
  enum class Kind : unsigned char {
    none,
    api_key,
    oauth_client_credentials,
    oauth_token_exchange,
    oauth_authorization_code,
    gateway_role,
  };
  Kind kind = Kind::none;
  model::Place place;      // whose providers
  Owner owner;             // the gateway's role: who assumes it
  std::string service;     // the gateway's role: to sign for; empty where the target's kind says it
  std::string region;      // the gateway's role: to sign for
  std::string provider;    // its name
  std::string scope;       // OAuth: scopes joined by spaces
  Json custom_parameters;  // OAuth: further form members, an object or null
  std::string parameter_name;  // API key: header or query parameter
  std::string prefix;          // API key: in front of the key
  bool in_query = false;
  std::vector<std::string> resources;  // OAuth: RFC 8707
  std::vector<std::string> audiences;  // OAuth: RFC 8693
  std::string return_url;              // AUTHORIZATION_CODE: where users go after their consent
  std::shared_ptr<const User> user;    // set by Credentials::bind
  std::string cache_key;  // equal for needs that the same credential serves; holds no secret
};

// The credential is not the gateway's but its caller's: the need must be bound before it is used.
[[nodiscard]] inline bool is_per_user(const Need& need) {
  return need.kind == Need::Kind::oauth_token_exchange ||
         need.kind == Need::Kind::oauth_authorization_code;
}

// Error::name of a fetch that the user must consent to first: consents.h.
inline constexpr std::string_view consent_required_name = "consent_required";

struct Entry;
class KeptTokens;
class SharedCache;

// Any thread; a coroutine resumes on its own. The hot path asks its thread's own table (entries.h)
// and takes no lock; what a thread does not have it gets from the process (shared_cache.h), where
// each credential is fetched once, whoever waits for it.
class Credentials {
 public:
  // All outlive the object. Without `roles` no gateway's role can be assumed, without `signer` no
  // client authenticates by a key.
  Credentials(store::Store& store, const store::Secrets& secrets, const Clock& clock,
              const RoleSessions* roles = nullptr, const KeySigner* signer = nullptr);
  ~Credentials();
  Credentials(const Credentials&) = delete;
  Credentials& operator=(const Credentials&) = delete;

  // Reads a target's `credentialProviderConfigurations` (an array of at most one, or null); `owner`
  // is the gateway it belongs to. Fails with Code::invalid, saying which member and what is served,
  // for kinds that come later.
  static Result<Need> compile(const Owner& owner, const Json* configurations);
  // The gateway's role itself, without a service to sign for: it reads documents in S3.
  static Need role_of(const Owner& owner);

  // The need of one user: a need as any other from then on. `need` is per user and not bound.
  static Need bind(const Need& need, std::shared_ptr<const User> user);
  // Of a need that was put together by hand: its cache key.
  static Need sealed(Need need);

  // The credential if this thread has a fresh one; null else. The hot path's first look. Begins to
  // fetch the next one when this one's end is near.
  [[nodiscard]] std::shared_ptr<const net::Credential> cached(const Need& need,
                                                              net::Worker& worker) const;

  // The credential, fetched when needed. The message says which step failed: provider not found,
  // discovery document, token endpoint and what it answered (never a secret).
  Task<Result<std::shared_ptr<const net::Credential>>> fetch(const Need& need, net::Worker& worker,
                                                             Deadline deadline) const;

  // What the gateway's role must be allowed, so that this provider's secret may be used; nothing
  // for a need without a provider. `provider` is its document.
  struct Permission {
    std::string action;
    std::string resource;
  };
  static std::vector<Permission> permissions_of(const Need& need, const Json& provider);

  // Whether the gateway's role is allowed this: as RoleSessions::allows, and yes where there are no
  // roles.
  Task<Result<void>> allows(const Owner& owner, std::string_view action,
                            std::string_view resource) const;

  // The target refused this credential (401): it is dropped, so that the next fetch makes another.
  void refused(const Need& need, const net::Credential& credential, net::Worker& worker) const;

  // A better one has come into the store: the next use looks there.
  void forget(const Need& need);

  // May be null.
  [[nodiscard]] const KeySigner* signer() const { return signer_; }

  // A provider's document, a role or a policy was written or deleted: what was made from it is
  // looked at again before its next use. app/ calls it for the store's changes of these kinds. Any
  // thread, brief.
  void provider_changed() { generation_.fetch_add(1, std::memory_order_release); }

 private:
  using Shared = std::shared_ptr<const net::Credential>;
  struct Flying;
  // Whether the gateway's role may still use the provider; yes where the need is no gateway's.
  Task<Result<void>> check_role(const Need& need, const store::Document& provider) const;
  // Makes the credential, or finds that the one at hand is still right, and keeps it.
  Task<Result<Shared>> renew(const Need& need, net::Worker& worker, Deadline deadline) const;
  Task<Result<Shared>> renew_own(const Need& need, net::Worker& worker, Deadline deadline) const;
  Task<Result<Shared>> lead(const Need& need, net::Worker& worker, Flying flying,
                            Deadline deadline) const;
  Shared put(const Need& need, Entry entry, net::Worker& worker) const;
  void renew_soon(const Need& need, Entry& entry, net::Worker& worker) const;
  Task<void> renew_in_background(Need need, net::Worker& worker) const;
  [[nodiscard]] bool is_current(const Entry& entry) const;

  store::Store& store_;
  const store::Secrets& secrets_;
  const Clock& clock_;
  const RoleSessions* roles_;
  const KeySigner* signer_;
  // Counts provider_changed(): what is cached carries the count it was checked at.
  std::atomic<std::uint64_t> generation_{0};
  // At shutdown a coroutine's frame may outlive us: it shares this.
  std::shared_ptr<SharedCache> shared_;
  std::unique_ptr<KeptTokens> kept_;
};

}  // namespace toolgate::credentials
