// CONNECT (RFC 9110 §9.3.6), for programs of this machine that are told to use us as their HTTPS
// proxy: names that are ours end here, under TLS; all others are reached for them.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "net/client.h"
#include "net/tls.h"
#include "net/upstream.h"

namespace toolgate::net {

// One object serves all threads.
class Tunnels {
 public:
  struct Options {
    // The password of Proxy-Authorization. The user's name is "toolgate", or proxy_user(…).
    std::string secret;
    // True for names that never leave this process.
    std::function<bool(std::string_view host)> ends_here;
    TlsContexts* contexts = nullptr;      // of the names that end here
    const AddressGuard* guard = nullptr;  // of the names that do not, and of programs' proxies
    Offload* offload = nullptr;           // resolves names
    std::size_t count_max = 256;          // of tunnels that lead out
    // One in which nothing moves, either way, ends.
    std::chrono::milliseconds idle_timeout = std::chrono::minutes{10};
  };
  explicit Tunnels(Options options) : options_{std::move(options)} {}

  // Where a request with the method CONNECT leads.
  struct Way {
    std::shared_ptr<SSL_CTX> tls;   // it ends here, under this certificate; else null
    Url to;                         // else here
    std::optional<Url> through;     // by way of this proxy
    std::string proxy_credentials;  // "user:password" for it, or empty
  };
  // Fails with Code::denied (not from this machine, another port than 443), unauthenticated (no
  // secret, or another one), invalid (the user's name).
  [[nodiscard]] Result<Way> way_of(const Request& head) const;

  // A place among the tunnels that lead out, or nothing when all are taken.
  class Place {
   public:
    explicit Place(std::atomic<std::size_t>& count) : count_{&count} {}
    Place(Place&& other) noexcept : count_{std::exchange(other.count_, nullptr)} {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (count_ != nullptr) --*count_;
    }

   private:
    std::atomic<std::size_t>* count_;
  };
  [[nodiscard]] std::optional<Place> take_place();
  [[nodiscard]] std::chrono::milliseconds idle_timeout() const { return options_.idle_timeout; }

  // A connection to where the way leads; what its proxy has sent ahead stands in `ahead`. Fails as
  // net::Client does.
  Task<Result<std::unique_ptr<Upstream>>> connect(boost::asio::io_context& io, const Way& way,
                                                  std::string& ahead) const;

 private:
  const Options options_;
  std::atomic<std::size_t> open_ = 0;
};

// The user's name under which a program asks for tunnels by way of the proxy that it is bound to
// use itself ("http://user:password@10.0.0.1:3128"); "toolgate" for an empty URL. A name that a
// URL can hold as it is.
[[nodiscard]] std::string proxy_user(std::string_view proxy_url);
// The proxy's URL of such a name; nothing when the name is not one of ours.
[[nodiscard]] std::optional<std::string> proxy_of_user(std::string_view user);

// What a refused CONNECT is answered.
[[nodiscard]] Response tunnel_refusal(const Error& error);

}  // namespace toolgate::net
