#include "targets/kinds.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "targets/api_gateway/api_gateway.h"
#include "targets/lambda/lambda.h"
#include "targets/mcp_server/mcp_server.h"
#include "targets/openapi/openapi.h"
#include "targets/smithy/smithy.h"

namespace toolgate::targets {
namespace {

// AgentCore Gateway developer guide, "Outbound authorization": which kind of target takes what.
constexpr std::array<std::string_view, 4> of_apis{no_credential, "GATEWAY_IAM_ROLE", "OAUTH",
                                                  "API_KEY"};
constexpr std::array<std::string_view, 3> of_stages{no_credential, "GATEWAY_IAM_ROLE", "API_KEY"};
constexpr std::array<std::string_view, 1> of_functions{"GATEWAY_IAM_ROLE"};
constexpr std::array<std::string_view, 2> of_services{"GATEWAY_IAM_ROLE", "OAUTH"};

constexpr std::array target_kinds{
    TargetKind{.member = "mcpServer",
               .type = "MCP_SERVER",
               .open = mcp_server::open,
               .title = "MCP server",
               .credentials = of_apis,
               .signs_for_its_own = false,
               .discovery_failure =
                   "Failed to connect and fetch tools from the provided MCP target "
                   "server. Error - "},
    TargetKind{.member = "lambda",
               .type = "LAMBDA",
               .open = lambda::open,
               .title = "Lambda",
               .credentials = of_functions,
               .discovery_failure = "Failed to read the tool schema. Error - "},
    TargetKind{.member = "openApiSchema",
               .type = "OPEN_API_SCHEMA",
               .open = openapi::open,
               .title = "OpenAPI",
               .credentials = of_apis,
               .signs_for_its_own = false,
               .discovery_failure = "Failed to read the OpenAPI schema. Error - ",
               .check = openapi::check},
    TargetKind{.member = "smithyModel",
               .type = "SMITHY_MODEL",
               .open = smithy::open,
               .title = "Smithy",
               .credentials = of_services,
               .discovery_failure = "Failed to read the Smithy model. Error - "},
    TargetKind{.member = "apiGateway",
               .type = "API_GATEWAY",
               .open = api_gateway::open,
               .title = "API Gateway",
               .credentials = of_stages,
               .discovery_failure = "Failed to read the API's export. Error - "},
};

std::string_view first_member(const Json& value) {
  const auto* object = value.if_object();
  return object != nullptr && !object->empty() ? std::string_view{object->begin()->key()} : "";
}

}  // namespace

std::span<const TargetKind> kinds() { return target_kinds; }

Result<const TargetKind*> kind_of(const Json& configuration) {
  const Json* mcp = json::find(configuration, "mcp");
  if (mcp == nullptr) {
    return fail(Code::invalid, fmt::format("targetConfiguration.{} is not served; mcp is",
                                           first_member(configuration)));
  }
  for (const auto& kind : target_kinds) {
    if (json::find(*mcp, kind.member) != nullptr) return &kind;
  }
  std::string served;
  for (const auto& kind : target_kinds) {
    if (!served.empty()) served += ", ";
    served += kind.member;
  }
  return fail(Code::invalid, fmt::format("targetConfiguration.mcp.{} is not served; served: {}",
                                         first_member(*mcp), served));
}

Result<void> check_credentials(const Json& configuration, const Json* credentials) {
  TRY(const TargetKind* kind, kind_of(configuration));
  const JsonArray* list = credentials != nullptr ? credentials->if_array() : nullptr;
  const Json none;
  const Json& given = list != nullptr && !list->empty() ? list->front() : none;
  const auto type = json::find_string(given, "credentialProviderType").value_or(no_credential);
  const auto takes = [&](std::string_view one) {
    return kind->credentials.empty() ||
           std::ranges::find(kind->credentials, one) != kind->credentials.end();
  };
  if (!takes(type)) {
    if (type == no_credential) {
      return fail(
          Code::invalid,
          fmt::format("CredentialProviderConfigurations is required for {} targets.", kind->title));
    }
    return fail(Code::invalid, fmt::format("{} targets take {}, not {}", kind->title,
                                           fmt::join(kind->credentials, ", "), type));
  }
  const bool unnamed =
      type == "GATEWAY_IAM_ROLE" &&
      !json::find_string(given, "credentialProvider", "iamCredentialProvider", "service");
  if (unnamed && !kind->signs_for_its_own) {
    return fail(Code::invalid,
                fmt::format("credentialProviderConfigurations[0].credentialProvider."
                            "iamCredentialProvider.service: {} targets need it with "
                            "GATEWAY_IAM_ROLE: the service that requests are signed for",
                            kind->title));
  }
  return {};
}

Result<void> check(const TargetSpec& spec) {
  TRY(const TargetKind* kind, kind_of(spec.configuration));
  TRY(const auto opened, kind->open(spec));
  return kind->check != nullptr ? kind->check(spec) : Result<void>{};
}

Result<std::unique_ptr<const Target>> open(const TargetSpec& spec) {
  TRY(const TargetKind* kind, kind_of(spec.configuration));
  return kind->open(spec);
}

}  // namespace toolgate::targets
