// The door of the AWS wire: finds service and operation, checks signature and input, runs the
// operation, prints the answer in the service's protocol.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/service.h"
#include "base/clock.h"
#include "identity/access_keys.h"
#include "net/http.h"
#include "net/worker.h"

namespace toolgate::aws {

class Door {
 public:
  struct Options {
    std::string account;                                // our account: "123456789012"
    std::string default_region;                         // "us-east-1"
    const identity::AccessKeys* keys = nullptr;         // outlives the door
    const identity::SessionTokens* sessions = nullptr;  // outlives the door
    const Clock* clock = nullptr;
    std::size_t threads = 1;  // that call handle(): of their Workers' indices
    // Says whether a caller may do this, once it is known who calls and what (input included).
    // Fails with Code::denied. Null: everyone who is signed in may.
    std::function<Task<Result<void>>(const Call&)> allow;
  };
  // The services' contexts outlive the door.
  Door(Options options, std::vector<Service> services);
  ~Door();

  // True when the request is for one of our AWS services: by host name ("iam.amazonaws.com",
  // "bedrock-agentcore-control.us-east-1.amazonaws.com"), by X-Amz-Target, by the credential scope
  // of its signature, or by an Action in a form body.
  [[nodiscard]] bool takes(const net::Request& head) const;
  [[nodiscard]] bool streams_body(const net::Request& head) const;

  Task<net::Response> handle(net::Request& request, net::Worker& worker);

  // How long operations took, by service, for Prometheus: to the answer's being ready, so without
  // the payload of a streamed one. Any thread.
  [[nodiscard]] std::string exposition() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace toolgate::aws
