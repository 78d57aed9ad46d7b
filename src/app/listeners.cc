#include "app/listeners.h"

#include <fmt/format.h>

#include "app/aws_names.h"
#include "base/log.h"
#include "base/text.h"
#include "identity/challenge.h"

namespace toolgate::app {
namespace {

constexpr const char* default_tls_listen = "127.0.0.1:7879";

std::string url_of(std::string_view scheme, const net::Address& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  const bool any = address.host == "0.0.0.0" || address.host == "::";
  const std::string host = any ? "127.0.0.1" : v6 ? '[' + address.host + ']' : address.host;
  return fmt::format("{}://{}:{}", scheme, host, address.port);
}

}  // namespace

// What the settings ask for.
struct Listeners::Addresses {
  net::Address callers;
  std::optional<net::Address> admin;
  std::optional<net::Address> tls;
  bool tls_chosen = false;  // by the user, not by default

  static Result<Addresses> of(const Config& config) {
    Addresses wanted;
    TRY(wanted.callers, net::parse_address(config.listen));
    if (!config.admin_listen.empty()) {
      TRY(wanted.admin, net::parse_address(config.admin_listen));
    }
    if (config.tls_listen == "off") return wanted;
    wanted.tls_chosen = !config.tls_listen.empty();
    TRY(wanted.tls, net::parse_address(wanted.tls_chosen ? config.tls_listen : default_tls_listen));
    // Who wants any free port wants no fixed one beside it.
    if (!wanted.tls_chosen && wanted.callers.port == 0) wanted.tls->port = 0;
    return wanted;
  }
  [[nodiscard]] bool all_on_loopback() const {
    return net::is_loopback(callers.host) && (!admin || net::is_loopback(admin->host)) &&
           (!tls || net::is_loopback(tls->host));
  }
};

Result<void> Listeners::make_guards(const Config& config, bool all_on_loopback) {
  net::AddressGuard::Options options;
  options.allow_loopback = all_on_loopback && config.public_url.empty();
  options.allow_private = config.allow_private;
  for (const auto& entry : config.resolve) {
    const auto at = entry.find('=');
    if (at == std::string::npos) {
      return fail(Code::invalid,
                  fmt::format("--resolve {}: expected host:port=address:port", entry));
    }
    options.resolve[entry.substr(0, at)] = entry.substr(at + 1);
  }
  TRY(auto made, net::AddressGuard::make(options));
  guard_ = std::make_unique<net::AddressGuard>(std::move(made));
  // A program of this machine that asks for a tunnel can reach these without us: its package
  // mirror, its company's proxy. What it could not, metadata services above all, stays refused.
  options.allow_loopback = true;
  options.allow_private = {"10.0.0.0/8",   "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
                           "192.0.0.0/24", "198.18.0.0/15", "fc00::/7"};
  TRY(auto of_programs, net::AddressGuard::make(std::move(options)));
  guard_of_programs_ = std::make_unique<net::AddressGuard>(std::move(of_programs));
  return {};
}

Result<net::Address> Listeners::add(const net::Address& address, Audience audience,
                                    std::shared_ptr<net::TlsContexts> tls) {
  handlers_.push_back(std::make_unique<FrontDoor::Listener>(parts_.front_door, audience));
  TRY(const net::Address bound, parts_.server.listen(address, *handlers_.back(), std::move(tls)));
  parts_.front_door.add_own(bound);
  guard_->add_own_port(bound.port);
  guard_of_programs_->add_own_port(bound.port);
  return bound;
}

Result<void> Listeners::add_tls(const Config& config, const Addresses& wanted, Audience audience) {
  TRY(certificates_, Certificates::open(config, parts_.keeper.secrets(), parts_.keeper.clock()));
  if (!wanted.tls) return {};
  auto bound = add(*wanted.tls, audience, certificates_);
  if (!bound && !wanted.tls_chosen) {
    // Another server has it. Programs find ours through the data directory.
    log::warn("TLS: {} Another port is taken (--tls-listen names one).", bound.error().message);
    bound = add({wanted.tls->host, 0}, audience, certificates_);
  }
  TRY(tls_, std::move(bound));
  return {};
}

// CONNECT is answered even without a TLS port: it ends in TLS where it is.
void Listeners::add_tunnels() {
  tunnels_ =
      std::make_unique<net::Tunnels>(net::Tunnels::Options{.secret = parts_.keeper.connect_secret(),
                                                           .ends_here = is_aws_shaped,
                                                           .contexts = &certificates_->issued(),
                                                           .guard = guard_of_programs_.get(),
                                                           .offload = &parts_.offload});
  parts_.front_door.set_tunnels(*tunnels_);
}

Result<std::unique_ptr<Listeners>> Listeners::open(const Config& config, Parts parts) {
  TRY(const auto wanted, Addresses::of(config));
  const bool local = wanted.all_on_loopback();
  if (config.iam == "off" && !local) {
    return fail(Code::invalid, "--iam off: only when every listener is on loopback");
  }
  std::unique_ptr<Listeners> made{new Listeners{parts}};
  TRY_DO(made->make_guards(config, local));
  const Audience audience = wanted.admin ? Audience::callers : Audience::everyone;
  TRY(made->listening_, made->add(wanted.callers, audience, nullptr));
  if (wanted.admin) {
    TRY(made->admin_, made->add(*wanted.admin, Audience::administrators, nullptr));
  }
  TRY_DO(made->add_tls(config, wanted, audience));
  made->add_tunnels();
  if (!config.public_url.empty()) {
    TRY(const net::Url url, net::Url::parse(config.public_url));
    parts.front_door.add_host(url.host);
  }
  return made;
}

Result<runtimes::AwsPlace> Listeners::open_for_programs() {
  runtimes::AwsPlace place;
  place.domains = join(std::vector<std::string>{aws_domains.begin(), aws_domains.end()}, ",");
  place.ca_file = certificates_->bundle_file();
  const bool all_here = net::is_loopback(listening_.host) && !admin_;
  const auto open = [&](bool use_ours, std::string_view scheme, const std::string& ours,
                        std::shared_ptr<net::TlsContexts> tls) -> Result<std::string> {
    if (use_ours) return ours;
    TRY(const net::Address bound, add({"127.0.0.1", 0}, Audience::everyone, std::move(tls)));
    return url_of(scheme, bound);
  };
  TRY(place.endpoint, open(all_here, "http", url(), nullptr));
  const bool tls_here = all_here && tls_ && net::is_loopback(tls_->host);
  TRY(place.tls, open(tls_here, "https", tls_url(), certificates_));
  return place;
}

Result<void> Listeners::reload(const Config& config) { return certificates_->reload(config); }

std::string Listeners::url() const { return url_of("http", listening_); }
std::string Listeners::url_for(const net::Request& request, const std::string& public_url) const {
  const auto host = request.host.substr(0, request.host.rfind(':'));
  if (!public_url.empty() && !is_aws_shaped(host)) return public_url;
  return identity::origin_of(request).value_or(url());
}
std::string Listeners::admin_url() const { return admin_ ? url_of("http", *admin_) : ""; }
std::string Listeners::tls_url() const { return tls_ ? url_of("https", *tls_) : ""; }

}  // namespace toolgate::app
