#include "runtimes/served.h"

#include "base/text.h"
#include "runtimes/documents.h"

namespace toolgate::runtimes {

Result<Served> read_served(store::Key runtime, std::string endpoint, const Json& version,
                           const identity::IssuerAliases* aliases) {
  Served served;
  served.arn = runtime_arn(runtime);
  served.runtime = std::move(runtime);
  served.endpoint = std::move(endpoint);
  const auto name =
      json::find_string(version, "protocolConfiguration", "serverProtocol").value_or("HTTP");
  const auto protocol = protocol_of(name);
  if (!protocol) {
    return fail(Code::invalid, "protocolConfiguration.serverProtocol: not served: " +
                                   std::string{name.substr(0, 40)});
  }
  served.protocol = *protocol;
  served.contract = contract_of(*protocol);
  if (const auto port = json::find_int(version, "protocolConfiguration", "port")) {
    served.contract.port = static_cast<std::uint16_t>(*port);
  }
  if (const auto path = json::find_string(version, "protocolConfiguration", "path")) {
    served.contract.path = *path;
  }
  if (const Json* jwt = json::find(version, "authorizerConfiguration", "customJWTAuthorizer")) {
    auto compiled = identity::JwtAuthorizer::compile(*jwt, aliases);
    if (!compiled) {
      return fail(Code::invalid,
                  "authorizerConfiguration.customJWTAuthorizer: " + compiled.error().message);
    }
    served.authorizer = *std::move(compiled);
  }
  const JsonArray* allowed =
      json::find_array(version, "requestHeaderConfiguration", "requestHeaderAllowlist");
  if (allowed != nullptr) {
    for (const auto& header : *allowed) {
      if (header.is_string()) served.allowed_headers.push_back(lower(header.get_string()));
    }
  }
  return served;
}

Lifecycle lifecycle_of(const Json& version) {
  Lifecycle lifecycle;
  const auto read = [&](std::string_view member, std::chrono::seconds& to) {
    if (const auto seconds = json::find_int(version, "lifecycleConfiguration", member)) {
      to = std::chrono::seconds{*seconds};
    }
  };
  read("idleRuntimeSessionTimeout", lifecycle.idle_timeout);
  read("maxLifetime", lifecycle.max_lifetime);
  return lifecycle;
}

}  // namespace toolgate::runtimes
