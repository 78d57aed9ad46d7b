#include "targets/mcp_server/mcp_server.h"

#include <unordered_set>
#include <variant>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/steps.h"
#include "mcp/protocol.h"
#include "targets/mcp_server/sessions.h"
#include "targets/mcp_server/wire.h"
#include "targets/s3_document.h"

namespace toolgate::targets::mcp_server {
namespace {

// AWS quota "tool name character limit" 256, prefix included; the longest prefix leaves this much.
constexpr std::size_t tool_name_bytes_max = 256;

std::string raw_cursor(std::string_view cursor) {
  return R"({"cursor":)" + json::quote(cursor) + '}';
}

// Takes one page into the catalogue; names must be there, short enough and unique.
Result<void> add_page(mcp::ToolPage page, std::string_view target_name, Catalogue& catalogue,
                      std::unordered_set<std::string>& names) {
  if (catalogue.skipped.size() + page.skipped.size() > limits::catalogue_tools_count_max) {
    return fail(Code::quota, fmt::format("tool list: more than {} of its entries are no tools",
                                         limits::catalogue_tools_count_max));
  }
  for (auto& why : page.skipped) {
    catalogue.skipped.push_back({.what = "tool", .why = std::move(why)});
  }
  for (auto& tool : page.tools) {
    const auto full = target_name.size() + mcp::name_separator.size() + tool.name.size();
    if (full > tool_name_bytes_max) {
      catalogue.skipped.push_back(
          {.what = tool.name, .why = "the name with its prefix is longer than 256 characters"});
    } else if (!names.insert(tool.name).second) {
      catalogue.skipped.push_back({.what = tool.name, .why = "a second tool of this name"});
    } else if (catalogue.tools.size() == limits::catalogue_tools_count_max) {
      return fail(Code::quota, fmt::format("tool list: the server offers more than {} tools, the "
                                           "limit of one target",
                                           limits::catalogue_tools_count_max));
    } else {
      catalogue.tools.push_back(std::move(tool));
    }
  }
  return {};
}

// mcpToolSchema: tools that the user gives, so that the server is not asked. Nothing, the tools, or
// where they lie.
using Given = std::variant<std::monostate, mcp::ToolPage, S3Place>;

// The JSON text {"tools":[…]} (AgentCore developer guide, MCP targets).
Result<mcp::ToolPage> given_page(std::string_view text) {
  std::string padded{text};
  padded.reserve(padded.size() + limits::json_padding_bytes);
  auto page = mcp::parse_tool_page(padded);
  if (!page) return fail(Code::invalid, "mcpToolSchema must be an object with 'tools' array");
  return page;
}

class McpServer final : public Target {
 public:
  McpServer(TargetSpec spec, net::Url url, Given given)
      : spec_{std::move(spec)},
        url_{std::move(url)},
        place_{spec_.id + '\n' + url_.text()},
        given_{std::move(given)} {}

  Task<Result<Catalogue>> discover(Discovery discovery) const override {
    Catalogue catalogue;
    std::unordered_set<std::string> names;
    if (const auto* place = std::get_if<S3Place>(&given_)) {
      CO_TRY(const std::string text,
             co_await read_s3_document(*place, spec_.place.region, discovery));
      CO_TRY(auto page, given_page(text));
      CO_TRY_DO(add_page(std::move(page), spec_.name, catalogue, names));
      co_return catalogue;
    }
    if (const auto* page = std::get_if<mcp::ToolPage>(&given_)) {
      CO_TRY_DO(add_page(*page, spec_.name, catalogue, names));
      co_return catalogue;
    }
    Line line = line_to(discovery.credential, discovery.worker, discovery.deadline, 0,
                        limits::catalogue_page_bytes_max);
    line.steps = discovery.steps;
    OneStep hands{discovery.steps, "handshake", url_.text()};
    const auto session = co_await open_session(line);
    hands.ended(session);
    if (!session) co_return std::unexpected(session.error());
    OneStep listing{discovery.steps, "tool list", url_.text()};
    auto listed = co_await list_tools(line, **session);
    listing.ended(listed, listed ? fmt::format("{} tools", listed->tools.size()) : std::string{});
    co_return listed;
  }

  Task<Result<Outcome>> call(Invocation invocation, net::Worker& worker,
                             Events& /*events*/) const override {
    Line line = line_to(invocation.credential, worker, invocation.deadline, invocation.hops,
                        limits::http_body_bytes_max);
    line.caller = invocation.caller;
    line.takes = invocation.passage;
    auto& sessions = worker.local<Sessions>();
    std::string marked;
    if (invocation.passage != nullptr && invocation.passage->sends()) {
      line.sends = invocation.passage;
      marked = marked_key(invocation, sessions);
    }
    const SessionKeyView key{place_, marked.empty() ? invocation.credential.key : marked};
    // Twice at most: a session that the server has forgotten is opened anew, and the call, which
    // such a server has not run, is sent again.
    for (bool again = false;; again = true) {
      SessionRef session = sessions.find(key);
      if (!session) {
        SessionKey owned{place_, std::string{key.credential}};
        // A handshake is for all who wait for it; only the call itself ends with its client.
        Line shared = line;
        shared.caller = nullptr;
        shared.takes = nullptr;
        CO_TRY(session, co_await sessions.open(std::move(owned), shared));
        if (!marked.empty() && session->id.empty()) {
          sessions.share({place_, invocation.credential.key}, session);
        }
      }
      const std::string id = sessions.next_id();
      const std::string message =
          mcp::tool_call_message(id, invocation.tool, invocation.arguments, invocation.meta);
      CO_TRY(Exchange answer, co_await exchange(line, *session, message, id));
      if (forgotten(answer, *session) && !again) {
        sessions.drop(key, session->id);
        continue;
      }
      if (answer.status < 200 || answer.status >= 300 || !answer.answer) {
        co_return std::unexpected(refusal(line, answer, "tool call"));
      }
      co_return outcome_of(std::move(answer));
    }
  }

 private:
  // A trial's session is nobody else's.
  Task<Result<SessionRef>> open_session(Line line) const {
    auto& sessions = line.worker.local<Sessions>();
    if (line.steps != nullptr) co_return co_await handshake(line, sessions.next_id());
    co_return co_await sessions.reopen({place_, line.credential.key}, line);
  }

  // All pages of the server's list.
  Task<Result<Catalogue>> list_tools(Line line, const Session& session) const {
    Catalogue catalogue;
    std::unordered_set<std::string> names;
    auto& ids = line.worker.local<Sessions>();
    std::string params, cursor;
    for (std::size_t pages = 0; pages < limits::catalogue_pages_count_max; ++pages) {
      const std::string id = ids.next_id();
      const std::string ask = mcp::request_message(id, "tools/list", params);
      auto answered = co_await exchange(line, session, ask, id);
      if (!answered) co_return std::unexpected(in_step("tool list", answered.error()));
      const Exchange answer = *std::move(answered);
      if (answer.status != 200 || !answer.answer) {
        co_return std::unexpected(refusal(line, answer, "tool list"));
      }
      if (answer.answer->is_error) {
        co_return fail(Code::upstream,
                       fmt::format("tool list: the server answered error {}: {}",
                                   answer.answer->error_code, answer.answer->error_message));
      }
      CO_TRY(mcp::ToolPage page, mcp::parse_tool_page(answer.answer->result));
      const auto next = std::move(page.next_cursor);
      CO_TRY_DO(add_page(std::move(page), spec_.name, catalogue, names));
      if (!next || next->empty()) co_return catalogue;  // some servers end with ""
      if (*next == cursor) {
        co_return fail(Code::upstream, "tool list: the server's nextCursor leads to the same page");
      }
      cursor = *next;
      params = raw_cursor(cursor);
    }
    co_return fail(Code::quota,
                   fmt::format("tool list: more than {} pages", limits::catalogue_pages_count_max));
  }

  [[nodiscard]] Line line_to(const net::Credential& credential, net::Worker& worker,
                             Deadline deadline, int hops, std::size_t answer_bytes_max) const {
    return Line{.url = url_,
                .credential = credential,
                .worker = worker,
                .deadline = deadline,
                .hops = hops,
                .answer_bytes_max = answer_bytes_max};
  }

  // A server may keep what a handshake has told it: clients that send different headers must not
  // share a session. A server without sessions keeps nothing. Empty: the credential's own.
  [[nodiscard]] std::string marked_key(const Invocation& invocation,
                                       const Sessions& sessions) const {
    const std::string& own = invocation.credential.key;
    const SessionRef shared = sessions.find({place_, own});
    if (shared && shared->id.empty()) return {};
    return own + '\n' + invocation.passage->mark();
  }

  // 404 ends a session (2025-11-25, Transports). Servers on the TypeScript SDK say 400 and -32000
  // instead when they were started anew.
  static bool forgotten(const Exchange& answer, const Session& session) {
    if (session.id.empty()) return false;
    if (answer.status == 404) return true;
    return answer.status == 400 && answer.answer && answer.answer->is_error &&
           answer.answer->error_code == -32000;
  }

  static Outcome outcome_of(Exchange answer) {
    Outcome outcome;
    outcome.buffer = std::move(answer.buffer);
    if (answer.answer->is_error) {
      outcome.error_code = answer.answer->error_code;
      outcome.error_message = std::move(answer.answer->error_message);
      outcome.error_data = answer.answer->error_data;
    } else {
      outcome.result = answer.answer->result;
    }
    return outcome;
  }

  TargetSpec spec_;
  net::Url url_;
  const std::string
      place_;  // ours and the server's: what a session belongs to, but for the credential
  Given given_;
};

Result<Given> given_tools(const Json& server) {
  const Json* schema = json::find(server, "mcpToolSchema");
  if (schema == nullptr) return Given{};
  if (const auto text = json::find_string(*schema, "inlinePayload")) {
    TRY(auto page, given_page(*text));
    return Given{std::move(page)};
  }
  const Json* s3 = json::find(*schema, "s3");
  if (s3 == nullptr) {
    return fail(Code::invalid, "mcpToolSchema: expected inlinePayload or s3");
  }
  TRY(auto place, parse_s3_place(*s3));
  return Given{std::move(place)};
}

}  // namespace

Result<std::unique_ptr<const Target>> open(const TargetSpec& spec) {
  const Json* server = json::find(spec.configuration, "mcp", "mcpServer");
  if (server == nullptr) return fail(Code::invalid, "targetConfiguration.mcp.mcpServer is missing");
  if (json::find_string(*server, "listingMode") == "DYNAMIC") {
    return fail(Code::invalid,
                "targetConfiguration.mcp.mcpServer.listingMode DYNAMIC is not served; DEFAULT is");
  }
  auto url = net::Url::parse(json::find_string(*server, "endpoint").value_or(""));
  if (!url) {
    return fail(Code::invalid,
                "targetConfiguration.mcp.mcpServer.endpoint: " + url.error().message);
  }
  TRY(auto given, given_tools(*server));
  return std::make_unique<McpServer>(spec, *std::move(url), std::move(given));
}

}  // namespace toolgate::targets::mcp_server
