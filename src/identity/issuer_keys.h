// What one thread knows of identity providers: issuer name and keys, by discovery URL. Nothing is
// shared between threads, so each fetches for itself; on one thread one request fetches and the
// others wait for it or go on with what is known.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "base/text.h"
#include "crypto/jwt.h"
#include "identity/documents.h"
#include "net/worker.h"

namespace toolgate::identity {

struct IssuerKeys {
  std::string issuer;  // of the discovery document
  std::vector<crypto::PublicKey> keys;
};
using IssuerKeysRef = std::shared_ptr<const IssuerKeys>;

enum class Signature : std::uint8_t { good, bad, unknown_key };
// A token that names its key is checked with the keys of that name and with nameless ones; one that
// names none with all. unknown_key: newer keys may say something else.
[[nodiscard]] Signature check_signature(const crypto::Jwt& jwt, const IssuerKeys& issuer);

// How long keys outlive the provider that gave them, when it cannot be reached any more.
inline constexpr auto issuer_keys_stale_for = std::chrono::hours{1};
// After a failure with nothing known, callers are told at once for so long.
inline constexpr auto issuer_retry_interval = std::chrono::seconds{1};
// A thread's providers; each gateway can name its own (AWS quota: 1,000 gateways).
inline constexpr std::size_t issuers_count_max = 1'000;

// Whoever awaits one of its tasks holds it: the table of issuers may drop it meanwhile.
class Issuer {
 public:
  explicit Issuer(std::string discovery_url) : discovery_url_{std::move(discovery_url)} {}

  struct Means {
    Documents& documents;
    const Clock& clock;
    net::Worker& worker;
  };
  // Fetches when nothing is known or it is older than limits::discovery_fresh_for. Fails with
  // Code::unavailable.
  Task<Result<IssuerKeysRef>> keys(Means means);
  // For a token whose key is not in `seen`: fetches again unless that was done less than
  // limits::jwks_refetch_interval ago, and gives what is known then.
  Task<Result<IssuerKeysRef>> newer_keys(IssuerKeysRef seen, Means means);

  [[nodiscard]] Time last_used() const { return last_used_; }

 private:
  class Flight;
  Task<void> refresh(Means means);
  Task<Result<IssuerKeysRef>> fetch(Means means) const;
  [[nodiscard]] Result<IssuerKeysRef> known(Time now) const;

  std::string discovery_url_;
  IssuerKeysRef known_;
  Time fetched_{};  // when what is known was fetched
  Time tried_{};    // when the last fetch ended
  Time last_used_{};
  std::optional<Error> failure_;                        // of the last fetch that failed
  std::shared_ptr<boost::asio::steady_timer> landing_;  // set while someone fetches
};

// The slot of a Worker.
class Issuers {
 public:
  // Made at first use; the one used longest ago makes room.
  [[nodiscard]] std::shared_ptr<Issuer> at(const std::string& discovery_url);
  [[nodiscard]] std::size_t size() const { return by_url_.size(); }

 private:
  TextMap<std::shared_ptr<Issuer>> by_url_;
};

}  // namespace toolgate::identity
