// The hot path's second half: a signed-in, well-formed tools/call to its target and back.
#include <fmt/format.h>

#include "base/limits.h"
#include "base/log.h"
#include "gateway/on_behalf.h"
#include "gateway/turn.h"
#include "json/schema_errors.h"
#include "mcp/protocol.h"

namespace toolgate::gateway {
namespace {

// AgentCore Gateway developer guide, "Turn on debugging messages".
constexpr std::string_view generic_failure = "An internal error occurred. Please retry later.";

// Followed by the bytes that a reader of JSON may look at.
constexpr char padded_empty_object[2 + limits::json_padding_bytes] = "{}";
constexpr std::string_view empty_object{padded_empty_object, 2};

class NoEvents final : public targets::Events {
 public:
  Task<Result<void>> notify(std::string) override { co_return Result<void>{}; }
};

Count count_of(Code code) {
  switch (code) {
    case Code::unauthenticated:
    case Code::denied:
      return Count::target_denied;
    case Code::unavailable:
      return Count::target_unavailable;
    case Code::cancelled:
      return Count::calls_abandoned;
    case Code::timeout:
      return Count::target_timeouts;
    default:
      return Count::target_broken;
  }
}

// {"content":[{"type":"text","text":T}],"isError":true,"_meta":{"debug":{"type":"text","text":T}}}
std::string debug_result(std::string_view text) {
  const std::string block = R"({"type":"text","text":)" + json::quote(text) + '}';
  return R"({"content":[)" + block + R"(],"isError":true,"_meta":{"debug":)" + block + "}}";
}

// A failure of ours or of the target, told in full only where the gateway is set to DEBUG.
Reply failed(const Turn& turn, const Route& route, const Error& error) {
  auto& metrics = turn.services.metrics;
  metrics.add(turn.worker.index(), count_of(error.code));
  metrics.add(turn.worker.index(), Count::tool_errors);
  log::warn("tool call failed gateway={} tool={} code={} message={} detail={}", turn.snapshot.id,
            route.tool->name, name_of(error.code), error.message, error.detail);
  const bool not_sent = error.name == circuit_open_name;
  if (not_sent) metrics.add(turn.worker.index(), Count::circuit_refusals);
  std::string result;
  if (turn.snapshot.debug) {
    result =
        debug_result(not_sent ? error.message + " Last failure: " + error.detail : error.message);
  } else {
    // That a target is away is no internal error, and says nothing of its inside.
    result = mcp::tool_error_result(not_sent ? std::string_view{error.message} : generic_failure);
  }
  return {.message = mcp::result_message(turn.message.id, result), .outcome = name_of(error.code)};
}

// What a JSON value is, by its first byte.
std::string_view type_of(char first) {
  switch (first) {
    case '[':
      return "array";
    case '"':
      return "string";
    case 't':
    case 'f':
      return "boolean";
    default:
      return "number";
  }
}

// Arguments that do not fit: AWS's wording, and the target is not contacted.
std::optional<Reply> refuse_arguments(const Turn& turn, const Route& route,
                                      std::string_view arguments) {
  std::vector<json::SchemaError> errors;
  if (arguments.front() != '{') {
    errors.push_back({.kind = json::SchemaError::Kind::type,
                      .path = "arguments",
                      .found = std::string{type_of(arguments.front())},
                      .expected = "object",
                      .message = "arguments must be an object"});
  } else if (const auto& schema = route.table->schema_of(*route.tool)) {
    errors = schema->check(arguments);
  }
  if (errors.empty()) return std::nullopt;
  turn.services.metrics.add(turn.worker.index(), Count::arguments_refused);
  std::string text =
      "ValidationException - Parameter validation failed: Invalid request parameters:";
  for (const auto& error : errors) text += '\n' + json::describe(error);
  return Reply{.message = mcp::result_message(turn.message.id, mcp::tool_error_result(text)),
               .outcome = "arguments_refused"};
}

// JSON-RPC's own codes pass; the target's private ones and those that speak of our hop do not.
Reply target_error(const Turn& turn, const targets::Outcome& outcome) {
  turn.services.metrics.add(turn.worker.index(), Count::tool_errors);
  const bool standard = outcome.error_code >= -32700 && outcome.error_code <= -32600;
  const int code = standard ? static_cast<int>(outcome.error_code) : mcp::internal_error;
  return {.message =
              mcp::error_message(turn.message.id, code, outcome.error_message, outcome.error_data),
          .outcome = "target_error"};
}

// A statement that was taken from the gateway's role stops the next call.
Task<Result<void>> check_permissions(const credentials::Credentials& credentials,
                                     const ToolTable& table) {
  for (const auto& permission : table.permissions) {
    const auto may =
        co_await credentials.allows(table.owner, permission.action, permission.resource);
    if (may) continue;
    co_return fail(Code::denied, fmt::format("{} {}", permission.refusal, may.error().message),
                   may.error().detail);
  }
  co_return Result<void>{};
}

Reply reply_of(const Turn& turn, const Route& route, const Result<targets::Outcome>& outcome) {
  if (!outcome) return failed(turn, route, outcome.error());
  if (outcome->error_code != 0) return target_error(turn, *outcome);
  return {.message = mcp::result_message(turn.message.id, outcome->result)};
}

Error of_credential(Error error) {
  error.message = "Failed to fetch the outbound credential. " + error.message;
  return error;
}

// How a call went that was sent, for those that come after it.
void tell_breaker(const Turn& turn, const ToolTable& table, const Result<targets::Outcome>& outcome,
                  bool troubled) {
  const bool answered = outcome && !outcome->server_failed;
  if (answered && !troubled) return;
  if (!outcome && outcome.error().code == Code::cancelled) return;
  Breaker& breaker = *table.breaker;
  if (answered || (!outcome && !is_outage(outcome.error()))) {
    if (troubled && breaker.answered()) log::info("target {} answers again", table.target_id);
    return;
  }
  const Error server_failed{.code = Code::upstream,
                            .message = "the target answered with a server error (5xx)",
                            .name = std::string{targets::server_error_name}};
  const Error& error = outcome ? server_failed : outcome.error();
  if (!breaker.failed(error, turn.services.breaker, std::chrono::steady_clock::now())) return;
  turn.services.metrics.add(turn.worker.index(), Count::circuits_opened);
  log::warn("target {} is not called for a while: {} calls in a row failed, the last with: {}",
            table.target_id, turn.services.breaker.failures, error.message);
}

std::string_view name_of_target(const ToolTable& table) {
  std::string_view name = table.prefix;
  name.remove_suffix(mcp::name_separator.size());
  return name;
}

Task<Result<targets::Outcome>> call_target(const Turn& turn, const Route& route,
                                           const credentials::Need& need,
                                           std::string_view arguments, Deadline deadline) {
  const auto& credentials = turn.services.credentials;
  const ToolTable& table = *route.table;
  NoEvents events;
  const bool troubled = table.breaker->troubled();
  if (troubled) {
    CO_TRY_DO(table.breaker->admit(name_of_target(table), std::chrono::steady_clock::now()));
  }
  if (!table.permissions.empty()) CO_TRY_DO(co_await check_permissions(credentials, table));
  for (bool again = false;; again = true) {
    auto credential = credentials.cached(need, turn.worker);
    if (!credential) {
      auto fetched = co_await credentials.fetch(need, turn.worker, deadline);
      if (!fetched) co_return std::unexpected(of_credential(std::move(fetched).error()));
      credential = *std::move(fetched);
    }
    if (turn.shown != nullptr) *turn.shown = credential;
    auto outcome = co_await table.adapter->call({.tool = table.own_name(*route.tool),
                                                 .arguments = arguments,
                                                 .meta = turn.message.meta,
                                                 .credential = *credential,
                                                 .deadline = deadline,
                                                 .hops = turn.hops,
                                                 .recipe = route.tool->recipe.get(),
                                                 .message_id = turn.message.id,
                                                 .request_id = turn.request_id,
                                                 .caller = turn.waiting,
                                                 .passage = turn.passage},
                                                turn.worker, events);
    tell_breaker(turn, table, outcome, troubled);
    const bool refused = !outcome && outcome.error().code == Code::unauthenticated;
    if (!refused) co_return outcome;
    // A refused token is dropped; one that was fetched for this very call is not tried twice.
    credentials.refused(need, *credential, turn.worker);
    if (again || need.kind == credentials::Need::Kind::none) co_return outcome;
  }
}

// With a credential of the caller's own, which they may have to consent to first.
Task<Reply> call_for_user(const Turn& turn, const Route& route, std::string_view arguments) {
  auto user = user_of(turn);
  if (!user) co_return failed(turn, route, user.error());
  const auto need = credentials::Credentials::bind(route.table->need, *std::move(user));
  const bool may_ask = need.kind == credentials::Need::Kind::oauth_authorization_code;
  if (!may_ask || !forces_consent(turn)) {
    const auto outcome =
        co_await call_target(turn, route, need, arguments, within(limits::tool_call_timeout));
    if (outcome || outcome.error().name != credentials::consent_required_name) {
      co_return reply_of(turn, route, outcome);
    }
  }
  auto asked = co_await ask_for_consent(turn, need);
  if (!asked) co_return failed(turn, route, asked.error());
  co_return *std::move(asked);
}

// With what the target's metadataConfiguration lets through, both ways.
Task<Reply> call_with_passage(Turn turn, const Route& route, std::string_view arguments) {
  static const net::Request nothing;
  const net::Request& request = turn.request != nullptr ? *turn.request : nothing;
  auto passage = targets::passage_of(*route.table->propagation, request);
  if (!passage) {
    turn.services.metrics.add(turn.worker.index(), Count::arguments_refused);
    const std::string text = "ValidationException - " + passage.error().message;
    co_return Reply{.message = mcp::result_message(turn.message.id, mcp::tool_error_result(text)),
                    .outcome = "headers_refused"};
  }
  turn.passage = &*passage;
  Reply reply;
  if (credentials::is_per_user(route.table->need)) {
    reply = co_await call_for_user(turn, route, arguments);
  } else {
    const auto outcome = co_await call_target(turn, route, route.table->need, arguments,
                                              within(limits::tool_call_timeout));
    reply = reply_of(turn, route, outcome);
  }
  reply.headers = std::move(passage->back);
  co_return reply;
}

}  // namespace

Task<Reply> call_tool(const Turn& turn) {
  auto& metrics = turn.services.metrics;
  const auto& message = turn.message;
  if (!message.name) {
    co_return Reply{
        .message = mcp::error_message(message.id, mcp::invalid_params, "params.name is missing"),
        .outcome = "invalid"};
  }
  // Clients in Go and Java say null for none.
  const bool none = message.arguments.empty() || message.arguments == "null";
  const std::string_view arguments = none ? empty_object : message.arguments;
  const Route* const found = turn.snapshot.routes.find(*message.name);
  if (found == nullptr) {
    metrics.add(turn.worker.index(), Count::unknown_tools);
    co_return Reply{.message = mcp::error_message(message.id, mcp::invalid_params,
                                                  "Unknown tool: " + *message.name),
                    .outcome = "unknown_tool"};
  }
  const Route route = *found;
  if (auto refusal = refuse_arguments(turn, route, arguments)) co_return *std::move(refusal);

  metrics.add(turn.worker.index(), Count::tool_calls);
  if (turn.kind != nullptr) *turn.kind = route.table->kind;
  if (route.table->propagation) co_return co_await call_with_passage(turn, route, arguments);
  if (credentials::is_per_user(route.table->need)) {
    co_return co_await call_for_user(turn, route, arguments);
  }
  const auto outcome = co_await call_target(turn, route, route.table->need, arguments,
                                            within(limits::tool_call_timeout));
  co_return reply_of(turn, route, outcome);
}

}  // namespace toolgate::gateway
