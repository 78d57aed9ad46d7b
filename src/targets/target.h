// A target kind turns MCP tool calls into its own protocol and the answers back into MCP results.
// One folder a kind; kinds.cc is the only place that knows which kinds exist.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/offload.h"
#include "base/result.h"
#include "base/task.h"
#include "json/json.h"
#include "mcp/tools.h"
#include "model/kinds.h"
#include "net/credential.h"
#include "net/worker.h"
#include "targets/propagation.h"

namespace toolgate {
class Steps;
}

namespace toolgate::targets {

struct Skipped {
  std::string what;
  std::string why;
};

// What a target offers. Prompts, resources and templates join it when they are served.
struct Catalogue {
  std::vector<mcp::ToolDefinition> tools;
  std::vector<Skipped> skipped;
  std::vector<std::string> notes;    // what else a reader of the target's status should know
  std::vector<std::string> assumed;  // likewise: what was put in for what is missing
};

// What a tool's call needs beside its arguments, made once of ToolDefinition::recipe.
class Recipe {
 public:
  virtual ~Recipe() = default;
};

// What a call may send before its answer: progress, messages, requests to the client.
class Events {
 public:
  virtual ~Events() = default;
  virtual Task<Result<void>> notify(std::string message) = 0;
};

// One tool call. Views outlive the call.
struct Invocation {
  std::string_view tool;       // without the target's prefix
  std::string_view arguments;  // JSON bytes, already checked against the tool's schema
  std::string_view meta;       // raw _meta of the request, or empty
  const net::Credential& credential;
  Deadline deadline;
  int hops = 0;
  const Recipe* recipe = nullptr;                              // what prepare() gave for this tool
  std::string_view message_id;                                 // the JSON-RPC request's id, raw
  std::string_view request_id;                                 // ours, of the HTTP request
  const std::shared_ptr<const net::Caller>* caller = nullptr;  // who waits; may be null
  // What goes to the target and comes back beside arguments and result; null: nothing.
  Passage* passage = nullptr;
};

struct Outcome {
  // An MCP tool result as JSON bytes, well-formed, spliced into the answer as they are; or, with
  // `error_code` set, the target's own JSON-RPC error.
  std::string_view result;
  std::int64_t error_code = 0;
  std::string error_message;
  std::string_view error_data;
  std::shared_ptr<const std::string> buffer;  // what the views point into
  bool server_failed = false;                 // the result tells of a 5xx
};

// Error::name of a failure that the target's server has answered with a 5xx.
inline constexpr std::string_view server_error_name = "server_error";

// What discover() works with.
struct Discovery {
  const net::Credential& credential;  // for the target itself
  // The gateway's role (a SigningKey without a service, or NoCredential): reads documents in S3.
  const net::Credential& role;
  net::Worker& worker;
  Deadline deadline;
  Offload* offload = nullptr;  // for documents that take long to read; null: read them here
  // Set for a trial: each step is told here, and nothing that is opened for it is kept.
  Steps* steps = nullptr;
  bool users_own = false;  // calls show a token of their caller's own, which is not there yet
};

// What the gateway's role must be allowed, so that a target can be used.
struct Permission {
  enum class For : unsigned char { discovery, calls };
  For needed_for = For::calls;
  std::string action;    // "lambda:InvokeFunction"
  std::string resource;  // an ARN
  std::string purpose;   // "invoke Lambda function ARN"
  std::string refusal;   // begins the message of a call without it
};

// Immutable and shared by all threads; what changes lives in the Worker.
class Target {
 public:
  virtual ~Target() = default;

  // What this target offers now. Asked when it is created, updated or synchronised. The message of
  // a failure names the step: resolve, connect, TLS, HTTP status, handshake, tool list, document.
  virtual Task<Result<Catalogue>> discover(Discovery discovery) const = 0;

  // Reads a tool's recipe, when the data plane takes the catalogue. Fails with Code::invalid.
  [[nodiscard]] virtual Result<std::shared_ptr<const Recipe>> prepare(
      const mcp::ToolDefinition& /*tool*/) const {
    return nullptr;
  }

  // Asked when the target is written, and what is for calls before each.
  [[nodiscard]] virtual std::vector<Permission> permissions() const { return {}; }

  // Calls one tool. Code::unauthenticated: the credential was refused.
  virtual Task<Result<Outcome>> call(Invocation invocation, net::Worker& worker,
                                     Events& events) const = 0;
};

struct TargetSpec {
  std::string id;  // gatewayId/targetId
  std::string name;
  Json configuration;  // `targetConfiguration`
  model::Place place;
};

}  // namespace toolgate::targets
