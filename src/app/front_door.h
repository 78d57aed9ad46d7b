// The front door: every request, from outside or from the inner net, to the part that answers it.
// The order of the tests: AWS-shaped host name, path, then the signature's service.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/door.h"
#include "functions/runtime_api.h"
#include "gateway/data_plane.h"
#include "net/address_guard.h"
#include "net/inner.h"
#include "net/server.h"
#include "services/agentcore/runtimes/invocations.h"
#include "services/cognito/oauth.h"
#include "services/identity_data/pages.h"
#include "services/lambda/downloads.h"
#include "vended/invocation_log.h"

namespace toolgate::app {

// What may be reached through one listener.
enum class Audience : unsigned char { everyone, callers, administrators };

class FrontDoor final : public net::InnerNet {
 public:
  struct Options {
    aws::Door* aws = nullptr;
    gateway::DataPlane* data_plane = nullptr;
    services::cognito::OAuth* oauth = nullptr;
    gateway::Metrics* metrics = nullptr;
    const vended::InvocationLog* invocation_log = nullptr;  // may be null; for the metrics
    search::Engine* search = nullptr;                       // may be null; for the metrics
    services::agentcore::Invocations* invocations = nullptr;
    runtimes::Fleet* fleet = nullptr;  // gives its programs their credentials
    functions::RuntimeApi* runtime_api = nullptr;
    services::lambda::Downloads* downloads = nullptr;
    services::identity_data::ConsentPages* consent_pages = nullptr;
    std::vector<std::string> allowed_origins;
  };
  explicit FrontDoor(Options options) : options_{std::move(options)} {}

  // Before the listeners are up: our own addresses and the host of --public-url.
  void add_own(net::Address address) { own_.push_back(std::move(address)); }
  void add_host(std::string host) { hosts_.push_back(std::move(host)); }
  // Who answers CONNECT; outlives the object. Before the listeners are up.
  void set_tunnels(net::Tunnels& tunnels) { tunnels_ = &tunnels; }

  // One listener's view.
  class Listener final : public net::Handler {
   public:
    Listener(FrontDoor& door, Audience audience) : door_{door}, audience_{audience} {}
    [[nodiscard]] net::BodyPlan plan(const net::Request& head) const override;
    Task<net::Response> handle(net::Request& request, net::Worker& worker) override;
    [[nodiscard]] net::Tunnels* tunnels() override { return door_.tunnels_; }

   private:
    Task<net::Response> answer_page(net::Request& request, std::string_view origin,
                                    net::Worker& worker);

    FrontDoor& door_;
    Audience audience_;
  };

  // net::InnerNet
  [[nodiscard]] bool owns(std::string_view host, std::uint16_t port) const override;
  Task<net::Response> answer(net::Request& request, net::Worker& worker) override;

 private:
  Task<net::Response> route(net::Request& request, net::Worker& worker, Audience audience);
  [[nodiscard]] std::string metrics_page() const;
  [[nodiscard]] bool known_host(std::string_view host) const;
  [[nodiscard]] bool allowed_origin(std::string_view origin) const;

  Options options_;
  std::vector<net::Address> own_;
  std::vector<std::string> hosts_;
  net::Tunnels* tunnels_ = nullptr;
};

}  // namespace toolgate::app
