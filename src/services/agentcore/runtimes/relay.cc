#include "services/agentcore/runtimes/relay.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/ids.h"
#include "base/text.h"
#include "runtimes/sessions.h"

namespace toolgate::services::agentcore {
namespace {

using namespace std::chrono_literals;
using runtimes::Protocol;

// "Quotas for AgentCore Runtime": request timeout 15 minutes, streaming 60.
constexpr auto answer_within = 60min;
constexpr auto start_within = 120s;
constexpr auto end_seen_within = 500ms;
constexpr std::size_t error_bytes_max = 64 * 1024;

constexpr std::string_view session_header = "x-amzn-bedrock-agentcore-runtime-session-id";
constexpr std::string_view request_header = "x-amzn-bedrock-agentcore-runtime-request-id";
// Read by the SDK's decorators (requires_access_token, requires_api_key).
constexpr std::string_view workload_token_header = "workloadaccesstoken";
constexpr std::string_view custom_prefix = "x-amzn-bedrock-agentcore-runtime-custom-";

// Passed on whatever the allowlist says (AgentCore Runtime service contract).
constexpr std::array<std::string_view, 14> passed_on{
    "content-type",    "accept",
    "mcp-session-id",  "mcp-protocol-version",
    "mcp-method",      "mcp-name",
    "last-event-id",   "x-amzn-bedrock-agentcore-runtime-user-id",
    "x-amzn-trace-id", "traceparent",
    "tracestate",      "baggage",
    "user-agent",      "oauth2callbackurl"};
// Said by us alone, whatever a caller sends and the allowlist names.
constexpr std::array<std::string_view, 5> ours{"host", session_header, request_header,
                                               workload_token_header,
                                               "x-amz-bedrock-agentcore-identity-wat"};
// Of the answer; framing and connection are the server's.
constexpr std::array<std::string_view, 8> passed_back{
    "content-type", "mcp-session-id", "mcp-protocol-version", "cache-control", "traceparent",
    "tracestate",   "baggage",        "x-amzn-trace-id"};

template <std::size_t Count>
bool lists(const std::array<std::string_view, Count>& names, std::string_view name) {
  return std::ranges::any_of(names,
                             [&](std::string_view one) { return equal_ignoring_case(one, name); });
}

net::Headers headers_for(const net::Request& request, const runtimes::Served& served,
                         std::string_view session, const std::string& workload_token) {
  net::Headers headers;
  for (const auto& field : request.headers) {
    const std::string name = lower(field.name);
    const bool allowed =
        std::ranges::find(served.allowed_headers, name) != served.allowed_headers.end();
    // Custom headers too have to be listed (developer guide, "Pass custom headers").
    const bool custom = name.starts_with(custom_prefix) && allowed;
    if (lists(ours, name)) continue;
    if (lists(passed_on, name) || custom || allowed) {
      headers.push_back({name, std::string{field.value}});
    }
  }
  headers.push_back({std::string{session_header}, std::string{session}});
  headers.push_back({std::string{request_header}, random_uuid()});
  if (!workload_token.empty()) {
    headers.push_back({std::string{workload_token_header}, workload_token});
  }
  return headers;
}

// The answer's body, and all that must live until it is written.
struct Relayed {
  net::ClientStream stream;
  std::unique_ptr<runtimes::Instance::Use> use;
  Deadline deadline;
};

Task<Result<void>> pass_on(std::shared_ptr<Relayed> relayed, net::BodyWriter& writer) {
  for (;;) {
    CO_TRY(const std::string_view piece, co_await relayed->stream.body->read(relayed->deadline));
    if (piece.empty()) co_return Result<void>{};
    CO_TRY_DO(co_await writer.write(piece));
  }
}

Task<std::string> read_error(net::ClientStream& stream) {
  std::string text;
  while (text.size() < error_bytes_max) {
    const auto piece = co_await stream.body->read(within(5s));
    if (!piece || piece->empty()) break;
    text += *piece;
  }
  co_return text;
}

std::string path_for(const runtimes::Served& served, bool agent_card) {
  return agent_card ? "/.well-known/agent-card.json" : served.contract.path;
}

// What is open to the program, and until when.
struct Opened {
  runtimes::Sessions::Taken taken;
  Deadline deadline;
  net::ClientStream stream;
};

// A process that answers. Which protocol's sessions have their own, Sessions knows.
Task<Result<runtimes::Sessions::Taken>> take(runtimes::Sessions& sessions, std::string session,
                                             bool agent_card) {
  const Deadline deadline = within(start_within);
  Result<runtimes::Sessions::Taken> taken;
  if (agent_card) {
    taken = co_await sessions.borrow(deadline);
  } else {
    taken = co_await sessions.take(std::move(session), deadline);
  }
  if (!taken && (taken.error().code == Code::unavailable || taken.error().code == Code::timeout)) {
    co_return fail(Code::unavailable,
                   "An error occurred when starting the runtime: " + taken.error().message);
  }
  co_return taken;
}

// The request, written to the session's process. When that has just ended and nothing was written,
// the session's next process gets it.
Task<Result<Opened>> open(const net::Request& request, const Relay& how,
                          const runtimes::Served& served, std::string session,
                          net::Client& client) {
  const net::Headers headers = headers_for(request, served, session, how.workload_token);
  for (bool again = false;; again = true) {
    CO_TRY(auto taken, co_await take(*served.sessions, session, how.agent_card));
    CO_TRY(const net::Url url, net::Url::parse(fmt::format("http://127.0.0.1:{}{}", taken.port,
                                                           path_for(served, how.agent_card))));
    const Deadline deadline = within(answer_within);
    auto stream = co_await client.open({.method = request.method,
                                        .url = &url,
                                        .headers = &headers,
                                        .body = request.body,
                                        .deadline = deadline,
                                        .body_bytes_max = std::size_t{1} << 40U,
                                        .caller = &request.caller});
    if (stream) {
      co_return Opened{
          .taken = std::move(taken), .deadline = deadline, .stream = *std::move(stream)};
    }
    const Error& error = stream.error();
    const bool left = co_await taken.use->instance().has_left(taken.port, within(end_seen_within));
    if (left && !again && error.name == "connect") continue;
    co_return fail(Code::upstream, (left ? "The runtime ended before it answered: "
                                         : "The runtime did not answer: ") +
                                       error.message);
  }
}

}  // namespace

Task<Result<net::Response>> relay(net::Request& request, const Relay& how,
                                  std::shared_ptr<const runtimes::Served> served,
                                  net::Client& client) {
  if (!served->sessions) {
    co_return fail(Code::unavailable, "The runtime does not run; its log says why");
  }
  const std::string session{request.headers.find(session_header).value_or(random_uuid())};
  CO_TRY(Opened opened, co_await open(request, how, *served, session, client));
  net::ClientStream& stream = opened.stream;
  // MCP's statuses are of its transport, and its clients know them.
  const bool own_errors = served->protocol != Protocol::mcp && served->protocol != Protocol::a2a;
  if (own_errors && stream.status >= 400) {
    const std::string text = co_await read_error(stream);
    co_return fail(Code::upstream,
                   fmt::format("Received error ({}) from runtime. Please check your CloudWatch "
                               "logs for more information.",
                               stream.status),
                   text.substr(0, 1'000));
  }
  net::Response response;
  response.status = stream.status;
  for (const auto& field : stream.headers) {
    if (lists(passed_back, field.name)) {
      response.headers.push_back({lower(field.name), std::string{field.value}});
    }
  }
  response.headers.push_back({std::string{session_header}, session});
  auto relayed = std::make_shared<Relayed>(Relayed{.stream = std::move(stream),
                                                   .use = std::move(opened.taken.use),
                                                   .deadline = opened.deadline});
  response.body = net::Response::Stream(
      [relayed](net::BodyWriter& writer) { return pass_on(relayed, writer); });
  co_return response;
}

}  // namespace toolgate::services::agentcore
