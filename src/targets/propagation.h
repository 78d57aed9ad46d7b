// What of a client's request a target is told beside the arguments, and what of its answer the
// client is told beside the result: a target's metadataConfiguration. Where a target has none,
// everything here is a null pointer.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/json.h"
#include "net/http.h"

namespace toolgate::targets {

struct HttpCall;

// Names as the configuration writes them, each once.
struct Propagation {
  std::vector<std::string> request_headers;
  std::vector<std::string> query_parameters;  // of the gateway's URL; their case counts
  std::vector<std::string> response_headers;
};

// Reads a stored `metadataConfiguration` (may be null). Null when nothing is propagated.
[[nodiscard]] std::shared_ptr<const Propagation> read_propagation(const Json* metadata);

// Whether a target may have this `metadataConfiguration`, beside what the contract says of counts
// and lengths. `credentials` are its credentialProviderConfigurations (may be null): the place of
// an API key is nobody else's. Fails with Code::invalid and the member as a field.
[[nodiscard]] Result<void> check_propagation(const Json& metadata, const Json* credentials);

// What one call carries of it.
struct Passage {
  struct Parameter {
    std::string name;
    std::string value;  // not %-encoded
  };
  net::Headers headers;          // to the target
  std::vector<Parameter> query;  // to the target
  const Propagation* rules = nullptr;
  net::Headers back;  // to the client

  [[nodiscard]] bool sends() const { return !headers.empty() || !query.empty(); }
  // Puts them on a request. What the request says already stays: a tool's own arguments win.
  void put_on(HttpCall& call) const;
  // Takes what the client may have of an answer, in place of what was taken before. A value that
  // cannot stand in a header, or is too long, is left out.
  void take_back(const net::HeaderViews& answer);
  // Equal for passages that tell the target the same; empty when they tell it nothing.
  [[nodiscard]] std::string mark() const;
};

// Reads what the client sends. Fails with Code::invalid for a value that is longer than 4,096 bytes
// or not printable ASCII: AWS's bounds (AgentCore Gateway developer guide, "Header propagation").
[[nodiscard]] Result<Passage> passage_of(const Propagation& rules, const net::Request& request);

}  // namespace toolgate::targets
