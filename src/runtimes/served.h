// What one endpoint of a runtime serves, read from its documents: immutable, for any thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "identity/jwt_authorizer.h"
#include "json/json.h"
#include "runtimes/sessions.h"
#include "store/store.h"

namespace toolgate::runtimes {

struct Served {
  store::Key runtime;
  std::string arn;       // of the runtime
  std::string endpoint;  // "DEFAULT"
  int version = 0;
  Protocol protocol = Protocol::http;
  Contract contract;
  std::shared_ptr<const identity::JwtAuthorizer> authorizer;  // null: SigV4
  std::vector<std::string> allowed_headers;                   // lower case
  std::shared_ptr<Sessions> sessions;  // null: it does not run
};

// The settings that a version's document has; `sessions` is left empty. `aliases` as in
// JwtAuthorizer::compile. Fails with Code::invalid, naming the member.
[[nodiscard]] Result<Served> read_served(store::Key runtime, std::string endpoint,
                                         const Json& version,
                                         const identity::IssuerAliases* aliases);

// idleRuntimeSessionTimeout and maxLifetime of a version, or AWS's defaults.
struct Lifecycle {
  std::chrono::seconds idle_timeout{900};
  std::chrono::seconds max_lifetime{28'800};
};
[[nodiscard]] Lifecycle lifecycle_of(const Json& version);

}  // namespace toolgate::runtimes
