// Customers' KMS keys on gateways and token vaults, put together.
#pragma once

#include <memory>

#include "app/config.h"
#include "app/keeper.h"
#include "app/key_watch.h"
#include "app/kms_client.h"
#include "credentials/credentials.h"
#include "gateway/publisher.h"

namespace toolgate::app {

class KeyHost {
 public:
  // All outlive the object.
  struct Parts {
    const Config& config;
    Keeper& keeper;
    const credentials::RoleSessions& roles;
    services::iam::Authorizer& authorizer;
  };
  explicit KeyHost(Parts parts)
      : parts_{parts},
        client_{parts.roles, parts.keeper.sessions(), parts.authorizer, parts.keeper.clock()} {}

  [[nodiscard]] const services::agentcore::DataKeys& data_keys() const { return client_; }

  // Who is told when a key is lost or comes back. They outlive the object.
  struct Told {
    gateway::Publisher& publisher;
    credentials::Credentials& credentials;
    catalogue::Runner& runner;
    net::Worker& worker;
  };
  // Before the store's changes come here.
  void prepare(Told told);
  // Opens what is sealed, then has the runner begin: its jobs read what is sealed. Once the server
  // runs.
  void start();
  void stop();
  void changed(const std::vector<store::Change>& changes);

 private:
  Parts parts_;
  KmsClient client_;
  std::unique_ptr<KeyWatch> watch_;
  catalogue::Runner* runner_ = nullptr;
};

}  // namespace toolgate::app
