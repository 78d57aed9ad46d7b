// CreateGateway, GetGateway, UpdateGateway, DeleteGateway, ListGateways.
#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ids.h"
#include "base/log.h"
#include "base/text.h"
#include "identity/jwt_authorizer.h"
#include "json/members.h"
#include "mcp/protocol.h"
#include "services/agentcore/data_keys.h"
#include "services/agentcore/paging.h"
#include "services/agentcore/resource.h"
#include "store/optimistic.h"
#include "vended/invocation_log.h"

namespace toolgate::services::agentcore {
namespace {

// The versions of AWS's service (developer guide, "Use an AgentCore gateway").
constexpr std::array<std::string_view, 4> known_versions{"2025-03-26", "2025-06-18", "2025-11-25",
                                                         "2026-07-28"};

// Of a gateway that cannot be deleted; more would not be read.
constexpr std::size_t targets_named_max = 5;

// Versions that this gateway's service does not have yet may be named, beside one that it has.
Result<void> check_versions(const Json& input) {
  constexpr std::string_view member = "protocolConfiguration.mcp.supportedVersions";
  const auto* versions =
      json::find_array(input, "protocolConfiguration", "mcp", "supportedVersions");
  if (versions == nullptr || versions->empty()) return {};
  bool any_served = false;
  for (const auto& version : *versions) {
    const std::string_view text = version.get_string();
    if (std::ranges::find(known_versions, text) == known_versions.end()) {
      return invalid_member(std::string{member}, fmt::format("'{}' is none of {}", text,
                                                             fmt::join(known_versions, ", ")));
    }
    any_served = any_served || mcp::is_handshake_version(text);
  }
  if (any_served) return {};
  return invalid_member(std::string{member},
                        fmt::format("none of these is served by this version of toolgate; {} are",
                                    fmt::join(mcp::handshake_versions, ", ")));
}

// What the contract cannot say about a gateway's members.
Result<void> check(const Json& input) {
  const auto type = json::find_string(input, "authorizerType").value_or("");
  const Json* jwt = json::find(input, "authorizerConfiguration", "customJWTAuthorizer");
  if (type == "CUSTOM_JWT") {
    if (jwt == nullptr) {
      return invalid_member("authorizerConfiguration.customJWTAuthorizer",
                            "required when authorizerType is CUSTOM_JWT");
    }
    if (const auto compiled = identity::JwtAuthorizer::compile(*jwt, nullptr); !compiled) {
      return invalid_member("authorizerConfiguration.customJWTAuthorizer",
                            compiled.error().message);
    }
  } else if (jwt != nullptr) {
    return invalid_member("authorizerConfiguration.customJWTAuthorizer",
                          fmt::format("only with authorizerType CUSTOM_JWT, not {}", type));
  }
  return check_versions(input);
}

// The group of the gateway's invocations, so that it can be followed before the first. Should we
// end here, or the disk be full, the first record makes it.
Task<void> make_log_group(AgentCore& agentcore, const aws::Call& call, const std::string& id) {
  if (agentcore.journal == nullptr) co_return;
  const auto place = place_of(call);
  const auto made = co_await agentcore.journal->create_group(
      {.account = place.account, .region = place.region, .name = vended::group_of(id)}, {});
  if (!made && made.error().code != Code::conflict) {
    log::warn("gateway {}: no log group: {} {}", id, made.error().message, made.error().detail);
  }
}

// The members that CreateGateway and UpdateGateway set; what is absent is reset.
JsonObject settings_of(const Json& input) {
  JsonObject document;
  copy_members(
      input, document,
      {"name", "description", "roleArn", "protocolType", "protocolConfiguration", "authorizerType",
       "authorizerConfiguration", "kmsKeyArn", "customTransformConfiguration",
       "interceptorConfigurations", "policyEngineConfiguration", "exceptionLevel",
       "wafConfiguration", "domainOverride"});
  return document;
}

// A gateway that cannot be read says so for as long as it is so: nothing is written for it.
void show_state(const AgentCore& agentcore, const Json& document, JsonObject& output) {
  const auto open = check_open(agentcore, document);
  if (open) return;
  output["status"] = "FAILED";
  output["statusReasons"] = JsonArray{open.error().message};
}

// A document as Get shows it: the URL is computed when read.
Json shown(const AgentCore& agentcore, const Json& document) {
  Json output = document;
  output.get_object().erase(store::envelope_member);
  show_state(agentcore, document, output.get_object());
  output.get_object()["gatewayUrl"] =
      fmt::format("{}/gateways/{}/mcp", agentcore.base_url(),
                  json::find_string(document, "gatewayId").value_or(""));
  return output;
}

// Interceptors, policies and the like come later: what we do not do must not be accepted in
// silence.
Result<void> refuse_unserved(const Json& input) {
  for (const std::string_view member :
       {"interceptorConfigurations", "policyEngineConfiguration", "customTransformConfiguration",
        "wafConfiguration", "domainOverride"}) {
    if (json::find(input, member) != nullptr) {
      return invalid_member(std::string{member}, "not served by this version of toolgate");
    }
  }
  return {};
}

store::Put workload_identity(const aws::Call& call, const std::string& gateway_id) {
  const JsonObject document{
      {"name", gateway_id},
      {"workloadIdentityArn", model::workload_identity_arn(place_of(call), gateway_id)},
      {"allowedResourceOauth2ReturnUrls", JsonArray{}},
      {"createdTime", epoch_seconds(call.now)},
      {"lastUpdatedTime", epoch_seconds(call.now)}};
  return {.key = key_of(call, model::kind::workload_identity, gateway_id),
          .body = json::print(document)};
}

std::string gateway_id_for(std::string_view name) {
  // The gateway's name, lower case, and ten characters (developer guide, "gateway identifier").
  return lower(name) + '-' + random_text(10, lower_alphanumeric);
}

// Gives the document the envelope that its kmsKeyArn asks for, after that of `before`. The caller
// must be allowed to use the key, as the gateway's role must.
Task<Result<void>> set_envelope(AgentCore& agentcore, const identity::Principal& caller,
                                const store::Key& key, JsonObject& document, store::Envelope before,
                                net::Worker& worker) {
  const std::string arn = json::member(document, "kmsKeyArn");
  if (arn.empty() && before.keys.empty()) co_return Result<void>{};
  const auto use = key_use(key, document, arn);
  if (!arn.empty() && agentcore.data_keys != nullptr) {
    CO_TRY_DO(co_await agentcore.data_keys->may_use(caller, use));
  }
  CO_TRY(const auto envelope,
         co_await wrapped_anew(agentcore, std::move(before), use, "kmsKeyArn", worker));
  document[store::envelope_member] = store::to_json(envelope);
  co_return Result<void>{};
}

Task<Result<aws::Answer>> create_gateway(AgentCore& agentcore, aws::Call& call,
                                         net::Worker& worker) {
  CO_TRY(auto before, co_await repeated(agentcore, call));
  if (before) co_return *std::move(before);
  CO_TRY_DO(check(call.input));
  CO_TRY_DO(refuse_unserved(call.input));
  const auto quota = agentcore.quotas.gateways;
  CO_TRY(const auto existing,
         co_await count(agentcore, key_of(call, model::kind::gateway, ""), quota));
  if (existing >= quota) {
    co_return fail(Code::quota, fmt::format("The account has {} gateways, its limit.", quota));
  }

  const std::string name = aws::text(call, "name");
  const std::string id = gateway_id_for(name);
  const std::string arn = model::gateway_arn(place_of(call), id);
  JsonObject document = settings_of(call.input);
  document["gatewayId"] = id;
  document["gatewayArn"] = arn;
  document["createdAt"] = document["updatedAt"] = epoch_seconds(call.now);
  document["status"] = "READY";
  document["workloadIdentityDetails"] =
      JsonObject{{"workloadIdentityArn", model::workload_identity_arn(place_of(call), id)}};

  const store::Key key = key_of(call, model::kind::gateway, id);
  CO_TRY_DO(co_await set_envelope(agentcore, call.caller, key, document, {}, worker));
  const Json output = shown(agentcore, document);
  store::Batch batch;
  batch.puts.push_back({.key = key, .body = json::print(document)});
  batch.puts.push_back(workload_identity(call, id));
  if (const Json* tags = json::find(call.input, "tags")) {
    batch.puts.push_back({.key = key_of(call, model::kind::tags, arn), .body = json::print(*tags)});
  }
  batch.claims.push_back({.owner = key, .name = name});
  batch.idempotency = remember(call, output);
  auto committed = co_await commit_and_serve(agentcore, std::move(batch));
  if (!committed) {
    // The same call may have won a race against this one.
    CO_TRY(auto other, co_await repeated(agentcore, call));
    if (other) co_return *std::move(other);
    if (committed.error().name == "name_taken") {
      co_return fail(Code::conflict,
                     fmt::format("A gateway with the name {} already exists.", name));
    }
    co_return std::unexpected(committed.error());
  }
  co_await make_log_group(agentcore, call, id);
  co_return aws::Answer{.output = output, .body = {}};
}

Task<Result<aws::Answer>> get_gateway(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  CO_TRY(const Loaded gateway, co_await load_gateway(agentcore, call));
  co_return aws::Answer{.output = shown(agentcore, gateway.document), .body = {}};
}

Task<Result<aws::Answer>> update_gateway(AgentCore& agentcore, aws::Call& call,
                                         net::Worker& worker) {
  CO_TRY_DO(check(call.input));
  CO_TRY_DO(refuse_unserved(call.input));
  CO_TRY(const Loaded gateway, co_await load_gateway(agentcore, call));
  const auto name = json::find_string(gateway.document, "name").value_or("");
  if (name != aws::text(call, "name")) {
    co_return invalid_member("name", fmt::format("a gateway cannot be renamed; it is '{}'", name));
  }
  JsonObject document = settings_of(call.input);
  copy_members(
      gateway.document, document,
      {"gatewayId", "gatewayArn", "createdAt", "workloadIdentityDetails", store::envelope_member});
  document["updatedAt"] = epoch_seconds(call.now);
  const bool other_key =
      json::find_string(gateway.document, "kmsKeyArn") != json::find_string(document, "kmsKeyArn");
  const auto envelope = store::envelope_of(gateway.document);
  if (other_key) {
    if (const auto open = check_open(agentcore, gateway.document); !open) {
      co_return invalid_member(
          "kmsKeyArn", "what is sealed cannot be moved to another key. " + open.error().message);
    }
    CO_TRY_DO(
        co_await set_envelope(agentcore, call.caller, gateway.key, document, envelope, worker));
  }
  document["status"] = other_key || envelope.moving() ? "UPDATING" : "READY";
  store::Batch batch;
  batch.preconditions.push_back(store::unchanged(gateway.key, gateway.version,
                                                 "The gateway was changed meanwhile; try again."));
  batch.puts.push_back({.key = gateway.key, .body = json::print(document)});
  if (other_key) {
    CO_TRY(const Json resealed,
           co_await commit_and_reseal(agentcore, gateway.key, std::move(batch)));
    co_return aws::Answer{.output = shown(agentcore, resealed), .body = {}};
  }
  CO_TRY_DO(co_await commit_and_serve(agentcore, std::move(batch)));
  co_return aws::Answer{.output = shown(agentcore, document), .body = {}};
}

// AWS's text for a gateway that has targets, and what it leaves out: the commands still needed.
Task<Result<std::string>> targets_text(AgentCore& agentcore, const aws::Call& call,
                                       std::string id) {
  std::string text = fmt::format(
      "Gateway {} has targets associated with it. Delete all targets before deleting the gateway. "
      "Still needed:",
      id);
  CO_TRY(const auto page, co_await agentcore.store.list(key_of(call, model::kind::target, id + '/'),
                                                        targets_named_max, {}));
  for (const auto& target : page.documents) {
    text += fmt::format(
        " aws bedrock-agentcore-control delete-gateway-target "
        "--gateway-identifier {} --target-id {} --region {};",
        id, target.key.id.substr(id.size() + 1), call.region);
  }
  if (!page.next.empty()) text += " and more";
  co_return text;
}

Task<Result<aws::Answer>> delete_gateway(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  CO_TRY(const Loaded gateway, co_await load_gateway(agentcore, call));
  const std::string& id = gateway.key.id;
  const std::string arn = model::gateway_arn(place_of(call), id);
  CO_TRY(const std::string has_targets, co_await targets_text(agentcore, call, id));
  store::Batch batch;
  batch.preconditions.push_back({.holds = store::Precondition::Holds::present,
                                 .key = gateway.key,
                                 .otherwise = "The gateway was deleted meanwhile."});
  batch.preconditions.push_back({.holds = store::Precondition::Holds::no_children,
                                 .key = key_of(call, model::kind::target, id + '/'),
                                 .otherwise = has_targets});
  batch.deletes = {gateway.key, key_of(call, model::kind::workload_identity, id),
                   key_of(call, model::kind::tags, arn),
                   key_of(call, model::kind::resource_policy, arn)};
  auto committed = co_await commit_and_serve(agentcore, std::move(batch));
  if (!committed && committed.error().message == has_targets) {
    co_return fail(Code::invalid, has_targets);  // AWS answers ValidationException, not Conflict
  }
  if (!committed) co_return std::unexpected(committed.error());
  co_return aws::Answer{.output = JsonObject{{"gatewayId", id}, {"status", "DELETING"}},
                        .body = {}};
}

Task<Result<aws::Answer>> list_gateways(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  co_return co_await list_page(
      agentcore, call, key_of(call, model::kind::gateway, ""), "items", [&](const Json& document) {
        JsonObject item;
        copy_members(document, item,
                     {"gatewayId", "name", "status", "description", "createdAt", "updatedAt",
                      "authorizerType", "protocolType"});
        if (!check_open(agentcore, document)) item["status"] = "FAILED";
        return item;
      });
}

}  // namespace

void add_gateway_operations(AgentCore& agentcore, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(agentcore, "CreateGateway", create_gateway));
  rows.push_back(aws::row(agentcore, "GetGateway", get_gateway));
  rows.push_back(aws::row(agentcore, "UpdateGateway", update_gateway));
  rows.push_back(aws::row(agentcore, "DeleteGateway", delete_gateway));
  rows.push_back(aws::row(agentcore, "ListGateways", list_gateways));
}

}  // namespace toolgate::services::agentcore
