// Everything that runs agent runtimes and makes their images, put together.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/config.h"
#include "app/keeper.h"
#include "aws/service.h"
#include "base/offload.h"
#include "base/result.h"
#include "catalogue/runner.h"
#include "identity/jwt_authorizer.h"
#include "journal/journal.h"
#include "net/server.h"
#include "processes/processes.h"
#include "services/agentcore/runtimes/invocations.h"
#include "services/agentcore/runtimes/parts.h"
#include "services/iam/authorizer.h"

namespace toolgate::app {

class RuntimeHost {
 public:
  // All outlive the object.
  struct Parts {
    const Config& config;
    net::Server& server;
    Keeper& keeper;
    Offload& offload;
    journal::Journal& journal;
    processes::Supervisor& supervisor;
    const identity::AccessKeys& keys;
    services::iam::Authorizer& authorizer;
    const identity::IssuerAliases& issuer_aliases;
    std::function<std::string(const net::Request&)> base_for;  // Listeners::url_for
    std::function<runtimes::AwsPlace()> aws;                   // where children find AWS
    services::agentcore::WorkloadTokens workload_token;
  };
  // Makes the folders; removes what nothing refers to any more. Fails with what could not be done.
  static Result<std::unique_ptr<RuntimeHost>> make(Parts parts);
  ~RuntimeHost();

  [[nodiscard]] std::vector<catalogue::Runner::OwnKind> job_kinds();
  [[nodiscard]] services::agentcore::RuntimeParts& parts();
  // ECR and CodeBuild. `runner` outlives the object.
  [[nodiscard]] std::vector<aws::Service> services(catalogue::Runner& runner);
  [[nodiscard]] services::agentcore::Invocations& invocations();
  [[nodiscard]] runtimes::Fleet& fleet();

  // The runtimes of the store begin to start. Once the server runs.
  void start();

 private:
  RuntimeHost();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace toolgate::app
