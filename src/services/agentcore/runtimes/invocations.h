// The data plane of runtimes: InvokeAgentRuntime, StopRuntimeSession and GetAgentCard, as SDKs, MCP
// clients and our own gateways send them.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "credentials/user.h"
#include "identity/access_keys.h"
#include "identity/gatekeeper.h"
#include "model/kinds.h"
#include "net/http.h"
#include "net/worker.h"
#include "runtimes/fleet.h"
#include "services/agentcore/runtimes/payload.h"

namespace toolgate::services::agentcore {

// Makes what a program shows AgentCore Identity to act for a user, or for itself.
using WorkloadTokens = std::function<std::string(const model::Place&, const credentials::User&)>;

class Invocations {
 public:
  // All outlive it.
  struct Options {
    runtimes::Fleet* fleet = nullptr;
    const identity::AccessKeys* keys = nullptr;
    const identity::SessionTokens* sessions = nullptr;
    const Clock* clock = nullptr;
    identity::Gatekeeper* gatekeeper = nullptr;  // null: everyone who is signed in may
    std::string account;                         // ours: whose runtimes an id without ARN names
    std::string region;
    // What URLs begin with that the client of a request is told.
    std::function<std::string(const net::Request&)> base_for;
    WorkloadTokens workload_token;
    Offload* offload = nullptr;
    std::filesystem::path folder;  // for large payloads on their way
  };
  explicit Invocations(Options options) : options_{std::move(options)} {}

  // /runtimes/<ARN or id>/invocations and its neighbours, whatever the host.
  struct Place {
    enum class What : unsigned char {
      invoke,
      stop_session,
      agent_card,
      resource_metadata
    } what = What::invoke;
    std::string_view runtime;  // still %-encoded
  };
  [[nodiscard]] static std::optional<Place> place_of(const net::Request& head);

  // A body that comes as a stream is taken whole first, up to payload_bytes_max.
  Task<net::Response> handle(net::Request& request, Place place, net::Worker& worker);

 private:
  [[nodiscard]] Result<std::shared_ptr<const runtimes::Served>> find(const net::Request& request,
                                                                     Place place) const;
  Task<Result<std::shared_ptr<const identity::Principal>>> sign_in(net::Request& request,
                                                                   const runtimes::Served& served,
                                                                   net::Worker& worker);
  using Caller = std::shared_ptr<const identity::Principal>;
  Task<Result<Caller>> permit(net::Request& request, Place place, const runtimes::Served& served,
                              net::Worker& worker);
  struct Received {
    std::unique_ptr<Payload> payload;  // lives as long as the request's body is looked at
    Caller caller;
  };
  // Takes the body, where it comes as a stream, and asks whether the caller may, in the order that
  // the sign-in needs.
  Task<Result<Received>> receive(net::Request& request, Place place, const runtimes::Served& served,
                                 net::Worker& worker);
  [[nodiscard]] std::string workload_token(const net::Request& request,
                                           const runtimes::Served& served,
                                           const identity::Principal& caller) const;
  [[nodiscard]] net::Response refuse_sign_in(const net::Request& request,
                                             const runtimes::Served& served,
                                             const Error& error) const;
  static Task<net::Response> stop(const net::Request& request,
                                  std::shared_ptr<const runtimes::Served> served);
  Task<net::Response> metadata(const net::Request& request, Place place, net::Worker& worker);

  Options options_;
};

}  // namespace toolgate::services::agentcore
