#include "services/agentcore/runtimes/invocations.h"

#include <fmt/format.h>

#include "aws/contract.h"
#include "aws/errors.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/text.h"
#include "identity/bearer.h"
#include "identity/challenge.h"
#include "identity/sigv4_signin.h"
#include "runtimes/documents.h"
#include "services/agentcore/runtimes/relay.h"

namespace toolgate::services::agentcore {
namespace {

using namespace std::chrono_literals;
using runtimes::Served;

constexpr std::string_view path_prefix = "/runtimes/";
constexpr std::string_view metadata_prefix = "/.well-known/oauth-protected-resource";
constexpr std::string_view session_header = "x-amzn-bedrock-agentcore-runtime-session-id";
constexpr std::string_view user_header = "x-amzn-bedrock-agentcore-runtime-user-id";
// "InvokeAgentRuntime", runtimeSessionId.
constexpr std::size_t session_bytes_min = 33;
constexpr std::size_t session_bytes_max = 256;

// The one table from an error of this door to the wire, with AWS's names.
struct Row {
  Code code;
  int status;
  std::string_view name;
};
constexpr std::array rows{
    Row{Code::invalid, 400, "ValidationException"},
    Row{Code::unauthenticated, 401, "UnauthorizedException"},
    Row{Code::denied, 403, "AccessDeniedException"},
    Row{Code::not_found, 404, "ResourceNotFoundException"},
    Row{Code::conflict, 409, "RetryableConflictException"},
    Row{Code::throttled, 429, "ThrottlingException"},
    Row{Code::too_large, 413, "ValidationException"},
    Row{Code::upstream, 424, "RuntimeClientError"},
    Row{Code::timeout, 424, "RuntimeClientError"},
    Row{Code::unavailable, 424, "RuntimeClientError"},
};

net::Response refuse(const Error& error) {
  const auto found = std::ranges::find(rows, error.code, &Row::code);
  const Row row = found == rows.end() ? Row{error.code, 500, "InternalServerException"} : *found;
  net::Response response = net::Response::text(row.status, "application/json",
                                               json::print(JsonObject{{"message", error.message}}));
  response.headers.push_back({"x-amzn-errortype", std::string{row.name}});
  response.headers.push_back({"x-amzn-requestid", random_uuid()});
  return response;
}

std::string query_value(std::string_view query, std::string_view name) {
  for (const auto part : split(query, '&')) {
    const auto equals = part.find('=');
    if (part.substr(0, equals) != name || equals == std::string_view::npos) continue;
    return percent_decode(part.substr(equals + 1)).value_or("");
  }
  return {};
}

// Of a URL that names the endpoint, "?qualifier=…": it is part of what a token is for (RFC 9728
// §3.1).
std::string endpoint_query(const net::Request& request) {
  const std::string qualifier = query_value(request.query, "qualifier");
  return qualifier.empty() ? std::string{} : "?qualifier=" + percent_encode(qualifier);
}

struct Named {
  std::string account;
  std::string region;
  std::string id;
};
// An ARN, or the id alone.
std::optional<Named> name_in(std::string_view text, std::string account, std::string region) {
  if (!text.starts_with("arn:")) {
    return Named{std::move(account), std::move(region), std::string{text}};
  }
  const auto parts = split(text, ':');
  constexpr std::string_view resource = "runtime/";
  if (parts.size() != 6 || parts[2] != "bedrock-agentcore" || !parts[5].starts_with(resource)) {
    return std::nullopt;
  }
  const auto id = parts[5].substr(resource.size());
  return Named{std::string{parts[4]}, std::string{parts[3]},
               std::string{id.substr(0, id.find('/'))}};
}

Result<void> check_session(const net::Request& request) {
  const auto session = request.headers.find(session_header);
  if (!session || (session->size() >= session_bytes_min && session->size() <= session_bytes_max)) {
    return {};
  }
  return fail(Code::invalid, fmt::format("runtimeSessionId: expected {} to {} characters",
                                         session_bytes_min, session_bytes_max));
}

}  // namespace

std::optional<Invocations::Place> Invocations::place_of(const net::Request& head) {
  std::string_view path = head.path;
  const bool metadata = path.starts_with(metadata_prefix);
  if (metadata) path.remove_prefix(metadata_prefix.size());
  if (!path.starts_with(path_prefix)) return std::nullopt;
  path.remove_prefix(path_prefix.size());
  struct End {
    std::string_view text;
    Place::What what;
  };
  for (const End end : {End{"/invocations", Place::What::invoke},
                        End{"/stopruntimesession", Place::What::stop_session},
                        End{"/invocations/.well-known/agent-card.json", Place::What::agent_card}}) {
    std::string_view whole = path;
    if (whole.ends_with('/')) whole.remove_suffix(1);
    if (!whole.ends_with(end.text)) continue;
    whole.remove_suffix(end.text.size());
    if (whole.empty() || (metadata && end.what != Place::What::invoke)) continue;
    return Place{.what = metadata ? Place::What::resource_metadata : end.what, .runtime = whole};
  }
  return std::nullopt;
}

Result<std::shared_ptr<const Served>> Invocations::find(const net::Request& request,
                                                        Place place) const {
  const auto text = percent_decode(place.runtime);
  const auto named = text ? name_in(*text, options_.account, options_.region) : std::nullopt;
  if (!named) {
    return fail(Code::invalid, "agentRuntimeArn: expected the ARN of an agent runtime");
  }
  std::string qualifier = query_value(request.query, "qualifier");
  if (qualifier.empty()) qualifier = runtimes::default_endpoint;
  auto served = options_.fleet->find(named->account, named->region, named->id, qualifier);
  if (served) return served;
  if (options_.fleet->knows(named->account, named->region, named->id)) {
    return fail(Code::not_found, fmt::format("No endpoint or agent found with qualifier '{}' for "
                                             "agent runtime {}",
                                             qualifier, named->id));
  }
  return fail(Code::not_found, fmt::format("Agent runtime {} does not exist", named->id));
}

Task<Result<std::shared_ptr<const identity::Principal>>> Invocations::sign_in(net::Request& request,
                                                                              const Served& served,
                                                                              net::Worker& worker) {
  const auto token = identity::bearer_token(request);
  if (served.authorizer) {
    if (!token) {
      co_return fail(Code::unauthenticated, "Missing or malformed Bearer token", "no bearer token");
    }
    if (auto known = served.authorizer->cached(*token, worker)) co_return known;
    co_return co_await served.authorizer->authenticate(*token, worker);
  }
  if (token) {
    co_return fail(Code::denied,
                   "Authorization method mismatch: this agent is configured for SigV4, not for "
                   "tokens");
  }
  CO_TRY(auto caller,
         identity::sign_in(request, *options_.keys, *options_.sessions, options_.clock->now()));
  if (caller.account != served.runtime.account) {
    co_return fail(Code::denied, "The runtime belongs to another account");
  }
  co_return std::make_shared<const identity::Principal>(std::move(caller));
}

// Who calls, and by policies whether they may: the caller's own, and the runtime's.
Task<Result<Invocations::Caller>> Invocations::permit(net::Request& request, Place place,
                                                      const Served& served, net::Worker& worker) {
  CO_TRY(auto caller, co_await sign_in(request, served, worker));
  auto* gatekeeper = options_.gatekeeper;
  const bool asked =
      gatekeeper != nullptr && (!served.authorizer || gatekeeper->guards_resources());
  if (!asked) co_return caller;
  std::vector<std::string_view> actions{"bedrock-agentcore:InvokeAgentRuntime"};
  if (place.what == Place::What::stop_session) actions = {"bedrock-agentcore:StopRuntimeSession"};
  if (place.what == Place::What::agent_card) actions = {"bedrock-agentcore:GetAgentCard"};
  // Whose name counts (AgentCore Runtime developer guide, "invoke … with a user id").
  if (!served.authorizer && request.headers.find(user_header)) {
    actions.emplace_back("bedrock-agentcore:InvokeAgentRuntimeForUser");
  }
  for (const auto action : actions) {
    CO_TRY_DO(co_await gatekeeper->may_use({.caller = *caller,
                                            .action = action,
                                            .resource = served.arn,
                                            .region = served.runtime.region,
                                            .request = request}));
  }
  co_return caller;
}

// A token is looked at before the body is read; a signature covers the body.
Task<Result<Invocations::Received>> Invocations::receive(net::Request& request, Place place,
                                                         const Served& served,
                                                         net::Worker& worker) {
  Received received;
  if (served.authorizer) {
    CO_TRY(received.caller, co_await permit(request, place, served, worker));
  }
  if (request.stream != nullptr) {
    CO_TRY(received.payload,
           co_await Payload::read(*request.stream, options_.folder, *options_.offload));
    request.body = received.payload->view();
  }
  if (!served.authorizer) {
    CO_TRY(received.caller, co_await permit(request, place, served, worker));
  }
  co_return received;
}

// The program acts for the token's user, for whom a caller with a signature names, or for itself.
std::string Invocations::workload_token(const net::Request& request, const Served& served,
                                        const identity::Principal& caller) const {
  if (!options_.workload_token) return {};
  credentials::User user{.workload = served.runtime.id, .name = {}};
  if (served.authorizer) {
    const auto text = [&](std::string_view claim) {
      return json::find_string(caller.claims, claim).value_or("");
    };
    if (const auto subject = text("sub"); !subject.empty()) {
      user.name = credentials::user_of_token(text("iss"), subject);
    }
    const Json* ends = json::find(caller.claims, "exp");
    if (const auto token = identity::bearer_token(request);
        token && ends != nullptr && ends->is_number()) {
      user.token = *token;
      user.token_ends = Time{
          std::chrono::milliseconds{static_cast<std::int64_t>(ends->to_number<double>() * 1000)}};
    }
  } else if (const auto id = request.headers.find(user_header)) {
    user.name = credentials::user_of_id(*id);
  }
  return options_.workload_token({served.runtime.account, served.runtime.region}, user);
}

// What a client must know to get a token (RFC 9728).
Task<net::Response> Invocations::metadata(const net::Request& request, Place place,
                                          net::Worker& worker) {
  const auto served = find(request, place);
  if (!served) co_return refuse(served.error());
  if (!(*served)->authorizer) {
    co_return refuse({.code = Code::not_found, .message = "This runtime takes no tokens"});
  }
  const auto issuer = co_await (*served)->authorizer->issuer(worker);
  if (!issuer) co_return refuse({.code = Code::internal, .message = issuer.error().message});
  co_return net::Response::text(
      200, "application/json",
      identity::resource_metadata(
          *issuer,
          fmt::format("{}/runtimes/{}/invocations{}", options_.base_for(request), place.runtime,
                      endpoint_query(request)),
          (*served)->authorizer->advertised_scopes()));
}

net::Response Invocations::refuse_sign_in(const net::Request& request, const Served& served,
                                          const Error& error) const {
  log::info("invocation refused runtime={} {} {}", served.runtime.id, error.message, error.detail);
  const bool signs_in = error.code == Code::unauthenticated || error.code == Code::denied;
  if (!signs_in) return refuse(error);
  if (!served.authorizer) {
    // A signature that does not hold is 403 in AWS's services.
    return refuse({.code = Code::denied, .message = error.message});
  }
  const auto told =
      identity::challenge(error, served.authorizer->advertised_scopes(),
                          fmt::format("{}{}{}{}", options_.base_for(request), metadata_prefix,
                                      request.path, endpoint_query(request)));
  net::Response response = refuse(error);
  response.status = told.status;
  if (!told.www_authenticate.empty()) {
    response.headers.push_back({"www-authenticate", told.www_authenticate});
  }
  return response;
}

// StopRuntimeSession: answers when the session's process is gone.
Task<net::Response> Invocations::stop(const net::Request& request,
                                      std::shared_ptr<const Served> served) {
  const auto session = request.headers.find(session_header);
  if (!session) co_return refuse({.code = Code::invalid, .message = "runtimeSessionId: required"});
  if (served->sessions) {
    const auto ended = co_await served->sessions->end(std::string{*session});
    if (!ended) co_return refuse(ended.error());
  }
  net::Response response = net::Response::text(200, "application/json", "{}");
  response.headers.push_back({std::string{session_header}, std::string{*session}});
  co_return response;
}

Task<net::Response> Invocations::handle(net::Request& request, Place place, net::Worker& worker) {
  if (place.what == Place::What::resource_metadata) {
    co_return co_await metadata(request, place, worker);
  }
  const bool get = place.what == Place::What::agent_card;
  if (request.method != (get ? "GET" : "POST")) {
    // MCP clients try GET for a stream of their own and live without it.
    net::Response response =
        net::Response::text(405, "application/json", R"({"message":"method not allowed"})");
    response.headers.push_back({"allow", get ? "GET" : "POST"});
    co_return response;
  }
  auto served = find(request, place);
  if (!served) co_return refuse(served.error());
  const auto received = co_await receive(request, place, **served, worker);
  if (!received) co_return refuse_sign_in(request, **served, received.error());
  if (const auto fits = check_session(request); !fits) co_return refuse(fits.error());
  if (place.what == Place::What::stop_session) co_return co_await stop(request, *served);
  const Relay how{.agent_card = get,
                  .workload_token = workload_token(request, **served, *received->caller)};
  auto relayed = co_await relay(request, how, *served, options_.fleet->client(worker));
  if (!relayed && relayed.error().code == Code::conflict) {
    // A new version came between; nothing was sent.
    served = find(request, place);
    if (!served) co_return refuse(served.error());
    relayed = co_await relay(request, how, *served, options_.fleet->client(worker));
  }
  if (!relayed) {
    log::warn("invocation failed runtime={} {} {}", (*served)->runtime.id, relayed.error().message,
              relayed.error().detail);
    co_return refuse(relayed.error());
  }
  co_return *std::move(relayed);
}

}  // namespace toolgate::services::agentcore
