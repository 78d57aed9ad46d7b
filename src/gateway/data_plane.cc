#include "gateway/data_plane.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "base/ids.h"
#include "base/log.h"
#include "gateway/request_ids.h"
#include "gateway/told.h"
#include "identity/bearer.h"
#include "identity/challenge.h"
#include "identity/sigv4_signin.h"
#include "mcp/protocol.h"

namespace toolgate::gateway {
namespace {

using identity::Principal;

// A batch of 2025-03-26; more are an attack.
constexpr std::size_t batch_messages_max = 100;
// Of its answers, with one more of the largest: each may have 6 MiB, and all are kept until the
// last.
constexpr std::size_t batch_answers_bytes_max = 16 * 1024 * 1024;

// Of a gateway's IAM callers (AgentCore Gateway developer guide, "IAM-based inbound auth").
constexpr std::string_view signing_name = "bedrock-agentcore";

net::Response json_response(int status, std::string body) {
  return net::Response::json(status, std::move(body));
}

net::Response rpc_error(int status, std::string_view raw_id, int code, std::string_view message,
                        std::string_view raw_data = {}) {
  return json_response(status, mcp::error_message(raw_id, code, message, raw_data));
}

// The id to answer with when the request is refused before it was looked at.
std::string id_of(std::string_view body) {
  std::string id = "null";
  const auto message = mcp::parse_message(body, id);
  if (message && !message->id.empty()) return std::string{message->id};
  return id.empty() ? "null" : id;
}

// {"supported":[…],"requested":…} (2026-07-28, Versioning)
std::string version_data(const Snapshot& snapshot, std::string_view requested) {
  std::string data = R"({"supported":[)";
  for (const auto& version : snapshot.versions) {
    if (data.back() != '[') data += ',';
    data += json::quote(version);
  }
  return data + R"(],"requested":)" + json::quote(requested) + '}';
}

bool serves(const Snapshot& snapshot, std::string_view version) {
  return std::ranges::find(snapshot.versions, version) != snapshot.versions.end();
}

// The version that a request names in its header; a refusal when it is not served. `initialize`
// names its own in the body.
std::optional<net::Response> refuse_version(const Snapshot& snapshot, std::string_view version,
                                            std::string_view raw_id) {
  if (serves(snapshot, version)) return std::nullopt;
  return rpc_error(400, raw_id.empty() ? "null" : raw_id, mcp::unsupported_protocol_version,
                   fmt::format("Unsupported MCP protocol version: {}", version),
                   version_data(snapshot, version));
}

// One line a request. The tool's name is the caller's text: quoted.
void log_turn(const Snapshot& snapshot, const mcp::Message& message, const Reply& reply,
              std::chrono::steady_clock::duration took) {
  if (!log::enabled(log::Level::info)) return;
  const fmt::format_int micros{std::chrono::duration_cast<std::chrono::microseconds>(took).count()};
  const std::string_view us{micros.data(), micros.size()};
  const std::string text = json::quote(message.name ? *message.name : message.method);
  if (message.name) {
    log::write(log::Level::info, {"mcp gateway=", snapshot.id, " method=", message.method,
                                  " tool=", text, " outcome=", reply.outcome, " us=", us});
  } else {
    log::write(log::Level::info, {"mcp gateway=", snapshot.id, " method=", text,
                                  " outcome=", reply.outcome, " us=", us});
  }
}

std::string_view traceparent_of(const net::Request& request) {
  return request.headers.find("traceparent").value_or("");
}

// One request's answers: all carry its id, and a refusal is told to the log.
struct Answering {
  const Services& services;
  const Snapshot& snapshot;
  const net::Request& request;
  net::Worker& worker;
  const RequestId id = worker.local<RequestIds>().next();

  [[nodiscard]] net::Response give(net::Response response) const {
    response.headers.push_back({"x-amzn-requestid", std::string{id.text()}});
    return response;
  }
  [[nodiscard]] net::Response refuse(net::Response response, std::string_view why) const {
    tell_refused({services, snapshot, worker, id.text(), traceparent_of(request)}, why);
    return give(std::move(response));
  }
  [[nodiscard]] Turn turn(const Principal& caller, const mcp::Message& message,
                          std::string_view bytes) const {
    return {.services = services,
            .snapshot = snapshot,
            .caller = caller,
            .message = message,
            .worker = worker,
            .hops = request.peer.hops,
            .waiting = &request.caller,
            .request_id = id.text(),
            .traceparent = traceparent_of(request),
            .bytes = bytes,
            .request = &request};
  }
};

// Fails closed: AgentCore does the same when it has lost a customer's key. As a JSON-RPC error of
// HTTP 200, so that clients show it.
net::Response refuse_locked(const net::Request& request, const Snapshot& snapshot) {
  return rpc_error(200, id_of(request.body), mcp::internal_error,
                   "Internal error - The gateway is sealed. " + snapshot.locked);
}

// A notification or an answer: accepted, nothing to say (2025-11-25, Transports).
bool needs_no_answer(const mcp::Message& message) {
  return message.kind != mcp::Message::Kind::request;
}

// Without a body, so without a type: some clients read what is said to be JSON.
net::Response accepted() {
  net::Response response;
  response.status = 202;
  return response;
}

Task<Reply> refuse_unknown(const Turn& turn) {
  co_return Reply{.message = mcp::error_message(turn.message.id, mcp::method_not_found,
                                                "Method not found: " + turn.message.method),
                  .outcome = "unknown_method"};
}

// A method's run, which both logs are told of. In the frame of who awaits it: no coroutine more.
class Run {
 public:
  explicit Run(Turn& turn) : turn_{turn}, began_{std::chrono::steady_clock::now()} {
    turn.shown = &shown_;
    turn.kind = &kind_;
    tell_started(turn);
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  [[nodiscard]] Task<Reply> method() const {
    const Method* method = find_method(turn_.message.method);
    return method != nullptr ? method->run(turn_) : refuse_unknown(turn_);
  }
  void ended(const Reply& reply) const {
    tell_finished(turn_, reply, shown_.get());
    const auto took = std::chrono::steady_clock::now() - began_;
    turn_.services.metrics.add_call(turn_.worker.index(), kind_, took);
    log_turn(turn_.snapshot, turn_.message, reply, took);
  }

 private:
  const Turn& turn_;
  const std::chrono::steady_clock::time_point began_;
  std::shared_ptr<const net::Credential> shown_;
  std::size_t kind_ = Latencies::none;
};

// JSON-RPC batches: every request is answered, in order, in one array (2025-03-26, Transports).
Task<net::Response> run_batch(const Answering& answering, const Principal& caller) {
  const auto parts = mcp::split_batch(answering.request.body, batch_messages_max);
  if (!parts) co_return rpc_error(400, "null", mcp::invalid_request, parts.error().message);
  std::string answers;
  for (const auto& part : *parts) {
    std::string id = "null";
    const auto message = mcp::parse_message(part, id);
    std::string answer;
    if (!message) {
      answer = mcp::error_message(id, mcp::invalid_request, message.error().message);
    } else if (message->method == "initialize") {
      // 2025-03-26, Lifecycle: "MUST NOT be part of a JSON-RPC batch".
      answer = mcp::error_message(message->id.empty() ? "null" : message->id, mcp::invalid_request,
                                  "invalid request: initialize in a batch");
    } else {
      Turn turn = answering.turn(caller, *message, part);
      if (needs_no_answer(*message)) {
        tell_accepted(turn);
        continue;
      }
      if (answers.size() > batch_answers_bytes_max) {
        answer = mcp::error_message(
            message->id, mcp::internal_error,
            "not run: the answers before it in this batch have more than 16 MiB; send it alone");
      } else {
        const Run run{turn};
        Reply reply = co_await run.method();
        run.ended(reply);
        answer = std::move(reply.message);
      }
    }
    if (answer.empty()) continue;
    answers += answers.empty() ? '[' : ',';
    answers += answer;
  }
  if (answers.empty()) co_return accepted();
  answers += ']';
  co_return json_response(200, std::move(answers));
}

net::Response refuse_method() {
  // No stream is offered, no session can be ended (2025-11-25, Transports: 405).
  net::Response response = json_response(405, R"({"message":"POST only"})");
  response.headers.push_back({"allow", "POST"});
  return response;
}

}  // namespace

net::Response DataPlane::refuse_sign_in(const net::Request& request, const Snapshot& snapshot,
                                        const Error& error) const {
  const bool by_token = snapshot.sign_in == SignIn::jwt;
  const std::vector<std::string> none;
  const auto& scopes = by_token ? snapshot.authorizer->advertised_scopes() : none;
  const auto told = identity::challenge(error, scopes, urls_for(request, snapshot).metadata);
  log::info("sign-in refused gateway={} status={} {} {}", snapshot.id, told.status, error.message,
            error.detail);
  // AgentCore answers a JSON-RPC error in the body: -32001 for a token, -32002 for IAM.
  const int code = by_token && told.status == 401 ? mcp::unauthenticated : mcp::unauthorized;
  const std::string text = by_token ? error.message : "Authorization error - " + error.message;
  net::Response response = rpc_error(told.status, id_of(request.body), code, text);
  if (by_token && !told.www_authenticate.empty()) {
    response.headers.push_back({"www-authenticate", told.www_authenticate});
  }
  return response;
}

// Who calls, when that is known without waiting: nobody, or a token that was verified a moment ago.
DataPlane::PrincipalRef DataPlane::known_caller(const net::Request& request,
                                                const Snapshot& snapshot, net::Worker& worker) {
  static const auto anonymous = std::make_shared<const Principal>();
  if (snapshot.sign_in == SignIn::none) return anonymous;
  if (snapshot.sign_in != SignIn::jwt) return nullptr;
  const auto token = identity::bearer_token(request);
  return token ? snapshot.authorizer->cached(*token, worker) : nullptr;
}

Task<Result<DataPlane::PrincipalRef>> DataPlane::sign_in(net::Request& request,
                                                         const Snapshot& snapshot,
                                                         net::Worker& worker) {
  switch (snapshot.sign_in) {
    case SignIn::none:
      break;
    case SignIn::jwt: {
      const auto token = identity::bearer_token(request);
      if (!token) co_return fail(Code::unauthenticated, "Invalid Bearer token", "no bearer token");
      co_return co_await snapshot.authorizer->authenticate(*token, worker);
    }
    case SignIn::iam: {
      CO_TRY(auto in, identity::sign_in_with_body(request, identity::Body::here, *options_.keys,
                                                  *options_.sessions, options_.clock->now()));
      if (in.claim.service != signing_name) {
        co_return fail(
            Code::unauthenticated,
            fmt::format("Credential should be scoped to correct service: '{}'.", signing_name));
      }
      co_return std::make_shared<const Principal>(std::move(in.principal));
    }
  }
  co_return fail(Code::internal, "no such sign-in");
}

// Whether policies let the caller in: those of an IAM caller, and the gateway's own.
Task<Result<void>> DataPlane::may_invoke(const net::Request& request, const Snapshot& snapshot,
                                         const Principal& caller) {
  const std::string arn = model::gateway_arn(snapshot.place, snapshot.id);
  co_return co_await options_.gatekeeper->may_use({.caller = caller,
                                                   .action = "bedrock-agentcore:InvokeGateway",
                                                   .resource = arn,
                                                   .region = snapshot.place.region,
                                                   .request = request});
}

// The hot path: from a whole HTTP request to its answer, each step's result the next step's input.
Task<net::Response> DataPlane::post(net::Request& request, SnapshotRef held, net::Worker& worker) {
  const Snapshot& snapshot = *held;
  const Answering answering{services_, snapshot, request, worker};
  options_.metrics->add(worker.index(), Count::requests);
  PrincipalRef caller = known_caller(request, snapshot, worker);
  if (!caller) {
    auto signed_in = co_await sign_in(request, snapshot, worker);
    if (!signed_in) {
      options_.metrics->add(worker.index(), Count::sign_in_refused);
      co_return answering.refuse(refuse_sign_in(request, snapshot, signed_in.error()),
                                 signed_in.error().message);
    }
    caller = *std::move(signed_in);
  }
  if (options_.gatekeeper != nullptr &&
      (snapshot.sign_in == SignIn::iam || options_.gatekeeper->guards_resources())) {
    const auto allowed = co_await may_invoke(request, snapshot, *caller);
    if (!allowed) {
      options_.metrics->add(worker.index(), Count::sign_in_refused);
      co_return answering.refuse(refuse_sign_in(request, snapshot, allowed.error()),
                                 allowed.error().message);
    }
  }
  if (!snapshot.locked.empty()) {
    co_return answering.refuse(refuse_locked(request, snapshot), snapshot.locked);
  }
  const auto version = request.headers.find(mcp::version_header);
  if (mcp::is_batch(request.body)) {
    if (version.value_or(mcp::assumed_version) != mcp::batch_version ||
        !serves(snapshot, mcp::batch_version)) {
      constexpr std::string_view why = "JSON-RPC batches exist in protocol version 2025-03-26 only";
      co_return answering.refuse(rpc_error(400, "null", mcp::invalid_request, why), why);
    }
    co_return answering.give(co_await run_batch(answering, *caller));
  }
  std::string failed_id = "null";
  const auto message = mcp::parse_message(request.body, failed_id);
  if (!message) {
    const bool syntax = message.error().name == "parse_error";
    co_return answering.refuse(
        rpc_error(400, failed_id, syntax ? mcp::parse_error : mcp::invalid_request,
                  message.error().message),
        message.error().message);
  }
  // server/discover is how newer clients ask; an error makes them fall back to initialize.
  const bool names_own = message->method == "initialize" || message->method == "server/discover";
  if (!names_own) {
    const auto named = message->meta_protocol_version
                           ? std::optional<std::string_view>{*message->meta_protocol_version}
                           : version;
    if (named) {
      if (auto refusal = refuse_version(snapshot, *named, message->id)) {
        co_return answering.refuse(*std::move(refusal), "unsupported protocol version");
      }
    }
  }
  Turn turn = answering.turn(*caller, *message, request.body);
  if (needs_no_answer(*message)) {
    tell_accepted(turn);
    co_return answering.give(accepted());
  }
  const Run run{turn};
  Reply reply = co_await run.method();
  run.ended(reply);
  net::Response response = json_response(reply.status, std::move(reply.message));
  response.headers = std::move(reply.headers);
  co_return answering.give(std::move(response));
}

std::optional<net::Response> refuse_place(DataPlane::Place place) {
  if (place.what != DataPlane::Place::What::unknown) return std::nullopt;
  // The generic front end's answer (facts: URL map).
  net::Response response = json_response(
      404, R"({"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},)"
           R"("message":"The MCP endpoint is POST /mcp"})");
  response.headers.push_back({"x-amzn-errortype", "UnknownOperationException"});
  return response;
}

Task<net::Response> DataPlane::resource_metadata(const net::Request& request, SnapshotRef snapshot,
                                                 net::Worker& worker) {
  const Urls urls = urls_for(request, *snapshot);
  if (snapshot->sign_in != SignIn::jwt) co_return json_response(404, R"({"message":"not found"})");
  const auto issuer = co_await snapshot->authorizer->issuer(worker);
  if (!issuer) {
    co_return json_response(503, json::print(JsonObject{{"message", issuer.error().message}}));
  }
  co_return json_response(200, identity::resource_metadata(
                                   *issuer, urls.mcp, snapshot->authorizer->advertised_scopes()));
}

// No coroutine of its own: the hot path has enough of them.
Task<net::Response> DataPlane::handle(net::Request& request, Place place, net::Worker& worker) {
  if (auto refusal = refuse_place(place)) return net::ready(*std::move(refusal));
  const auto& snapshots = worker.local<Snapshots>().by_id;
  const auto found = snapshots.find(place.gateway_id);
  if (found == snapshots.end()) {
    return net::ready(rpc_error(404, "null", mcp::invalid_request,
                                fmt::format("No gateway {} is here", place.gateway_id)));
  }
  if (place.what == Place::What::resource_metadata) {
    return resource_metadata(request, found->second, worker);
  }
  if (request.method != "POST") return net::ready(refuse_method());
  return post(request, found->second, worker);
}

}  // namespace toolgate::gateway
