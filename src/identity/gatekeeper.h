// Whether a caller who is known may use a resource: asked by the data plane, answered by policies.
#pragma once

#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "identity/principal.h"
#include "net/http.h"

namespace toolgate::identity {

class Gatekeeper {
 public:
  virtual ~Gatekeeper() = default;

  // True while some resource has a policy of its own: then callers that no account knows are to be
  // asked about too. Any thread, no lock.
  [[nodiscard]] virtual bool guards_resources() const = 0;

  // All outlive the answer.
  struct Use {
    const Principal& caller;
    std::string_view action;    // "bedrock-agentcore:InvokeGateway"
    std::string_view resource;  // an ARN
    std::string_view region;
    const net::Request& request;
  };
  // Sees every change of a policy that was acknowledged before. A caller that no account knows
  // (who showed a token, or nothing) is asked of the resource's own policy alone, and may where it
  // has none. Fails with Code::denied, in AWS's words.
  virtual Task<Result<void>> may_use(const Use& use) = 0;
};

}  // namespace toolgate::identity
