// Which kinds of target there are.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "base/result.h"
#include "targets/target.h"

namespace toolgate::targets {

struct TargetKind {
  std::string_view member;  // of targetConfiguration.mcp: "mcpServer"
  std::string_view type;    // in summaries: "MCP_SERVER"
  Result<std::unique_ptr<const Target>> (*open)(const TargetSpec&);
  std::string_view title = {};  // in messages: "MCP server"
  // The credentialProviderTypes it takes, no_credential among them; empty: any.
  std::span<const std::string_view> credentials = {};
  // True where the adapter knows the service that GATEWAY_IAM_ROLE signs for; false where the
  // configuration must name it (iamCredentialProvider.service).
  bool signs_for_its_own = true;
  std::string_view discovery_failure = {};  // begins a statusReason: "Failed to …. Error - "
  // Beside open(), when a target is created or changed: what takes as long as the configuration is
  // large. Null: open() has checked it all.
  Result<void> (*check)(const TargetSpec&) = nullptr;
};
// All of them, in an order that stays while the program runs.
[[nodiscard]] std::span<const TargetKind> kinds();
// Stands for "none" among a kind's credentials.
inline constexpr std::string_view no_credential = "NONE";

// The kind that a `targetConfiguration` names. Fails with Code::invalid, naming the member, when it
// is one that is not served.
[[nodiscard]] Result<const TargetKind*> kind_of(const Json& configuration);

// Whether the kind that `configuration` names takes these `credentialProviderConfigurations` (may
// be null). Fails with Code::invalid, in AWS's words where they are known.
[[nodiscard]] Result<void> check_credentials(const Json& configuration, const Json* credentials);

// Whether a target of this configuration can be made, as far as it says itself. Fails with
// Code::invalid.
[[nodiscard]] Result<void> check(const TargetSpec& spec);

// Makes the adapter. Fails with Code::invalid when the configuration does not fit.
[[nodiscard]] Result<std::unique_ptr<const Target>> open(const TargetSpec& spec);

}  // namespace toolgate::targets
