// The data plane's door: requests to gateways, from the wire to an MCP method and back.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "gateway/turn.h"
#include "identity/access_keys.h"
#include "identity/gatekeeper.h"
#include "net/http.h"
#include "net/worker.h"

namespace toolgate::gateway {

class DataPlane {
 public:
  struct Options {
    const credentials::Credentials* credentials = nullptr;
    const identity::AccessKeys* keys = nullptr;
    const identity::SessionTokens* sessions = nullptr;
    const Clock* clock = nullptr;
    Metrics* metrics = nullptr;
    vended::InvocationLog* log = nullptr;        // null: invocations are not logged
    identity::Gatekeeper* gatekeeper = nullptr;  // null: everyone who is signed in may
    const credentials::Consents* consents = nullptr;
    std::size_t searches_per_minute = 0;  // of a gateway; 0: as many as come
    Breaker::Settings breaker = {};
    // What the URLs that a request's client may use begin with; empty: as snapshots have them.
    std::function<std::string(const net::Request&)> base_for;
  };
  explicit DataPlane(Options options)
      : options_{std::move(options)},
        search_rate_{options_.searches_per_minute},
        services_{*options_.credentials, *options_.metrics, options_.log,
                  options_.consents,     &search_rate_,     options_.breaker} {}

  // /gateways/<id>/mcp, or /mcp and / on <id>.gateway.bedrock-agentcore.<region>.amazonaws.com;
  // the id, or nothing when the request is for something else.
  struct Place {
    std::string_view gateway_id;
    enum class What : unsigned char { mcp, resource_metadata, unknown } what = What::mcp;
  };
  [[nodiscard]] static std::optional<Place> place_of(const net::Request& head);

  Task<net::Response> handle(net::Request& request, Place place, net::Worker& worker);

 private:
  using SnapshotRef = std::shared_ptr<const Snapshot>;  // held for as long as we answer
  using PrincipalRef = std::shared_ptr<const identity::Principal>;

  Task<net::Response> post(net::Request& request, SnapshotRef held, net::Worker& worker);
  Task<net::Response> resource_metadata(const net::Request& request, SnapshotRef snapshot,
                                        net::Worker& worker);
  // This gateway's URLs as the client of this request knows them.
  struct Urls {
    std::string mcp;
    std::string metadata;
  };
  [[nodiscard]] Urls urls_for(const net::Request& request, const Snapshot& snapshot) const;
  [[nodiscard]] net::Response refuse_sign_in(const net::Request& request, const Snapshot& snapshot,
                                             const Error& error) const;
  PrincipalRef known_caller(const net::Request& request, const Snapshot& snapshot,
                            net::Worker& worker);
  Task<Result<PrincipalRef>> sign_in(net::Request& request, const Snapshot& snapshot,
                                     net::Worker& worker);
  Task<Result<void>> may_invoke(const net::Request& request, const Snapshot& snapshot,
                                const identity::Principal& caller);
  Options options_;
  SearchRate search_rate_;
  Services services_;
};

}  // namespace toolgate::gateway
