// Access keys as the sign-in needs them. services/iam keeps them; this is the view that any thread
// may look into while they change.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/seal.h"
#include "identity/principal.h"

namespace toolgate::identity {

// A sign-in that fails: Code::unauthenticated, and what AWS calls it. `detail` is for our log.
[[nodiscard]] std::unexpected<Error> refused(std::string_view name, std::string message,
                                             std::string detail);

struct AccessKey {
  std::string id;  // "AKIA…"
  std::string secret;
  bool active = true;
  Principal principal;
};

class AccessKeys {
 public:
  virtual ~AccessKeys() = default;
  // Any thread, brief. Nothing for a key that does not exist (or was deleted).
  [[nodiscard]] virtual std::optional<AccessKey> find(std::string_view access_key_id) const = 0;
};

// Temporary credentials that need no store: the session token is sealed and holds everything.
struct SessionCredentials {
  std::string access_key_id;  // "ASIA…"
  std::string secret_access_key;
  std::string session_token;
  Time expires;
};

class SessionTokens {
 public:
  explicit SessionTokens(crypto::SealKey key) : key_{std::move(key)} {}

  // New credentials of `principal` until `expires`. `parent_key` is the long-lived key they were
  // made with, or empty: when it is deleted or deactivated, they stop working too.
  [[nodiscard]] SessionCredentials issue(const Principal& principal, std::string_view parent_key,
                                         Time expires) const;

  struct Session {
    std::string access_key_id;
    std::string secret_access_key;
    std::string parent_key;
    Principal principal;
    Time expires;
  };
  // Fails with Code::unauthenticated, Error::name "ExpiredToken" or "InvalidClientTokenId".
  [[nodiscard]] Result<Session> open(std::string_view session_token, Time now) const;

 private:
  crypto::SealKey key_;
};

}  // namespace toolgate::identity
