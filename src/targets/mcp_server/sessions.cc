#include "targets/mcp_server/sessions.h"

#include <chrono>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "base/log.h"
#include "json/json.h"
#include "mcp/protocol.h"
#include "targets/http_exchange.h"
#include "targets/target.h"

namespace toolgate::targets::mcp_server {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

// A server without a session id costs nothing to keep; this bounds the others (a thread).
constexpr std::size_t sessions_count_max = 10'000;
// A session that nobody used for so long is ended, at most twice as late: as long as AgentCore
// Runtime keeps an idle one.
constexpr auto idle_for = 15min;
constexpr auto ending_timeout = 5s;

constexpr std::string_view initialize_params =
    R"({"protocolVersion":"2025-11-25","capabilities":{},)"
    R"("clientInfo":{"name":"toolgate","version":"0.1.0"}})";
static_assert(initialize_params.find(mcp::client_version) != std::string_view::npos);

// Reads an initialize result: the version, and that it has tools at all.
Result<std::string> negotiated_version(const Line& line, std::string_view raw_result) {
  auto result = json::parse(raw_result);
  if (!result) return fail(Code::upstream, "handshake: the answer is no JSON object");
  const auto version = json::find_string(*result, "protocolVersion");
  if (!version || !mcp::is_handshake_version(*version)) {
    return fail(Code::upstream,
                fmt::format("handshake: MCP server '{}' chose protocol version '{}'; supported: "
                            "2025-03-26, 2025-06-18, 2025-11-25",
                            line.url.text(), version.value_or("none")));
  }
  if (json::find(*result, "capabilities", "tools") == nullptr) {
    return fail(Code::upstream,
                fmt::format("handshake: MCP server '{}' has no tools capability", line.url.text()));
  }
  return std::string{*version};
}

Task<void> end_session(net::Worker& worker, HttpCall call, net::Credential credential) {
  const auto answer = co_await targets::exchange(
      std::move(call), credential, worker,
      {.deadline = within(ending_timeout), .answer_bytes_max = 64 * 1024});
  // 405: a server that does not let clients end sessions.
  if (!answer) log::debug("a session could not be ended: {}", answer.error().message);
}

class Held final : public Session {
 public:
  Held(Session session, HttpCall ending, const Line& line, std::weak_ptr<const bool> thread)
      : Session{std::move(session)},
        ending_{std::move(ending)},
        credential_{line.credential},
        worker_{line.worker},
        thread_{std::move(thread)} {}
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() {
    if (over || thread_.expired() || worker_.io().stopped()) return;
    asio::co_spawn(worker_.io(), end_session(worker_, std::move(ending_), std::move(credential_)),
                   asio::detached);
  }

 private:
  HttpCall ending_;
  net::Credential credential_;  // as it was at the handshake; an expired one ends nothing
  net::Worker& worker_;
  std::weak_ptr<const bool> thread_;
};

Task<void> sweep_often(net::Worker& worker) {
  asio::steady_timer timer{worker.io()};
  do {
    timer.expires_after(idle_for);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  } while (worker.local<Sessions>().sweep() > 0);
}

}  // namespace

Error in_step(std::string_view step, Error error) {
  error.message = fmt::format("{}: {}", step, error.message);
  return error;
}

Error refusal(const Line& line, const Exchange& exchange, std::string_view step) {
  const int status = exchange.status;
  std::string text =
      fmt::format("MCP server '{}' returned HTTP {} to the {}.", line.url.text(), status, step);
  if (status >= 300 && status < 400) text += " Redirects are not followed.";
  if (exchange.answer && exchange.answer->is_error) {
    text += fmt::format(" It said: {}", exchange.answer->error_message);
  }
  const bool refused = status == 401 || status == 403;
  return Error{.code = refused ? Code::unauthenticated : Code::upstream,
               .message = std::move(text),
               .detail = {},
               .name = std::string{status >= 500 ? server_error_name : "HTTP"},
               .fields = {}};
}

Task<Result<SessionRef>> handshake(Line line, std::string raw_id) {
  CO_TRY(const Session none, make_session({}, {}));
  const std::string hello = mcp::request_message(raw_id, "initialize", initialize_params);
  auto answered = co_await exchange(line, none, hello, raw_id);
  if (!answered) co_return std::unexpected(in_step("initialize handshake", answered.error()));
  const Exchange greeting = *std::move(answered);
  if (greeting.status != 200 || !greeting.answer) {
    co_return std::unexpected(refusal(line, greeting, "initialize handshake"));
  }
  if (greeting.answer->is_error) {
    co_return fail(Code::upstream,
                   fmt::format("handshake: MCP server '{}' answered error {}: {}", line.url.text(),
                               greeting.answer->error_code, greeting.answer->error_message));
  }
  CO_TRY(const auto version, negotiated_version(line, greeting.answer->result));
  CO_TRY(Session made, make_session(greeting.session_id, version));
  const SessionRef session = line.worker.local<Sessions>().hold(std::move(made), version, line);
  const std::string ready = mcp::request_message({}, "notifications/initialized");
  auto told = co_await exchange(line, *session, ready, {});
  if (!told) co_return std::unexpected(in_step("initialized notification", told.error()));
  const Exchange accepted = *std::move(told);
  if (accepted.status < 200 || accepted.status >= 300) {
    co_return std::unexpected(refusal(line, accepted, "initialized notification"));
  }
  co_return session;
}

SessionRef Sessions::find(SessionKeyView key) const {
  const auto slot = slots_.find(key);
  if (slot == slots_.end()) return nullptr;
  slot->second.used = true;
  return slot->second.session;
}

Task<Result<SessionRef>> Sessions::open(SessionKey key, Line line) {
  for (;;) {
    const auto slot = slots_.find(key);
    if (slot == slots_.end()) break;
    if (slot->second.session) co_return slot->second.session;
    const auto under_way = slot->second.handshake;
    if (!under_way) break;
    if (!co_await under_way->ended.wait(line.deadline)) {
      co_return fail(Code::timeout, "handshake: no answer in time");
    }
    if (under_way->failure) co_return std::unexpected(*under_way->failure);
  }
  co_return co_await reopen(std::move(key), line);
}

Task<Result<SessionRef>> Sessions::reopen(SessionKey key, Line line) {
  if (slots_.size() >= sessions_count_max) slots_.erase(slots_.begin());
  const auto under_way = std::make_shared<Handshake>();
  slots_[key].handshake = under_way;
  auto session = co_await handshake(line, next_id());
  // The table may have been cleared meanwhile, or another handshake begun; the newest session
  // stays.
  Slot& slot = slots_[key];
  if (slot.handshake == under_way) slot.handshake.reset();
  if (session) {
    slot.session = *session;
    if (!slot.session->id.empty()) sweep_from_now_on(line.worker);
  } else {
    under_way->failure = session.error();
  }
  under_way->ended.set();
  co_return session;
}

void Sessions::drop(SessionKeyView key, std::string_view session_id) {
  const auto slot = slots_.find(key);
  if (slot == slots_.end() || !slot->second.session) return;
  if (slot->second.session->id != session_id) return;
  slot->second.session->over = true;
  slot->second.session = nullptr;
}

SessionRef Sessions::hold(Session session, std::string_view version, const Line& line) {
  if (session.id.empty()) return std::make_shared<const Session>(std::move(session));
  HttpCall ending{.method = "DELETE",
                  .url = line.url,
                  .headers = {{std::string{mcp::session_header}, session.id},
                              {std::string{mcp::version_header}, std::string{version}}},
                  .body = {}};
  return std::make_shared<const Held>(std::move(session), std::move(ending), line, here_);
}

std::size_t Sessions::sweep() {
  std::size_t left = 0;
  std::vector<SessionRef> let_go;  // ended when the table is whole again
  for (auto slot = slots_.begin(); slot != slots_.end();) {
    auto& [session, handshake, used] = slot->second;
    const bool kept = handshake || !session || session->id.empty() || used;
    if (kept) {
      left += session && !session->id.empty() ? 1 : 0;
      used = false;
      ++slot;
      continue;
    }
    let_go.push_back(std::move(session));
    slot = slots_.erase(slot);
  }
  if (left == 0) sweeping_ = false;
  return left;
}

void Sessions::sweep_from_now_on(net::Worker& worker) {
  if (sweeping_) return;
  sweeping_ = true;
  asio::co_spawn(worker.io(), sweep_often(worker), asio::detached);
}

}  // namespace toolgate::targets::mcp_server
