// The addresses on which the server answers, what may be reached through each, and what follows
// from them: which addresses it may itself reach, and its URLs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/certificates.h"
#include "app/config.h"
#include "app/front_door.h"
#include "app/keeper.h"
#include "base/offload.h"
#include "base/result.h"
#include "net/address_guard.h"
#include "net/server.h"
#include "net/tunnels.h"
#include "runtimes/launch.h"

namespace toolgate::app {

class Listeners {
 public:
  // All of them outlive the object, and `server` is stopped before it dies.
  struct Parts {
    net::Server& server;
    FrontDoor& front_door;
    Keeper& keeper;
    Offload& offload;
  };
  // Binds every address; the front door knows them then. Fails with Code::invalid (a setting) or
  // Code::unavailable (an address is taken, a file cannot be written).
  static Result<std::unique_ptr<Listeners>> open(const Config& config, Parts parts);

  // Where programs that we run find every service and every name of AWS: on our own listeners, or,
  // where those are not on loopback or have not all services, on some for them alone. Once.
  Result<runtimes::AwsPlace> open_for_programs();

  // Certificates anew, of `config`'s files. On failure the old stay. From the main thread.
  Result<void> reload(const Config& config);

  [[nodiscard]] const net::AddressGuard& guard() const { return *guard_; }
  [[nodiscard]] std::string url() const;  // "http://127.0.0.1:7878"
  // As the client of this request knows us; `public_url`, where there is one, unless it has used an
  // AWS-shaped name: a proxy in front may send any of our other names.
  [[nodiscard]] std::string url_for(const net::Request& request,
                                    const std::string& public_url) const;
  [[nodiscard]] std::string admin_url() const;  // empty without --admin-listen
  [[nodiscard]] std::string tls_url() const;    // empty with --tls-listen off

 private:
  struct Addresses;
  explicit Listeners(Parts parts) : parts_{parts} {}
  Result<net::Address> add(const net::Address& address, Audience audience,
                           std::shared_ptr<net::TlsContexts> tls);
  Result<void> add_tls(const Config& config, const Addresses& wanted, Audience audience);
  Result<void> make_guards(const Config& config, bool all_on_loopback);
  void add_tunnels();

  const Parts parts_;
  std::unique_ptr<net::AddressGuard> guard_;
  std::unique_ptr<net::AddressGuard> guard_of_programs_;
  std::shared_ptr<Certificates> certificates_;
  std::unique_ptr<net::Tunnels> tunnels_;
  std::vector<std::unique_ptr<FrontDoor::Listener>> handlers_;
  net::Address listening_;
  std::optional<net::Address> admin_;
  std::optional<net::Address> tls_;
};

}  // namespace toolgate::app
