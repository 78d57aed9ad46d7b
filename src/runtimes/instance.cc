#include "runtimes/instance.h"

#include <array>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <fmt/format.h>

#include "base/log.h"
#include "json/json.h"

namespace toolgate::runtimes {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using SteadyClock = std::chrono::steady_clock;

constexpr auto probe_every = 50ms;
constexpr auto probe_timeout = 5s;
constexpr auto watch_every = 1s;
constexpr auto busy_within = 1s;
constexpr auto stop_grace = 5s;
constexpr std::size_t reason_lines_max = 12;

struct ProtocolRow {
  Protocol protocol;
  std::string_view name;
  std::uint16_t port;
  std::string_view path;
  // Any HTTP answer but 5xx says that the program is ready.
  std::string_view probe_method;
  std::string_view probe_path;
};
// AgentCore Runtime developer guide, "service contract" of each protocol.
constexpr std::array protocols{
    ProtocolRow{Protocol::mcp, "MCP", 8000, "/mcp", "POST", "/mcp"},
    ProtocolRow{Protocol::http, "HTTP", 8080, "/invocations", "GET", "/ping"},
    ProtocolRow{Protocol::a2a, "A2A", 9000, "/", "GET", "/.well-known/agent-card.json"},
    ProtocolRow{Protocol::agui, "AGUI", 8080, "/invocations", "GET", "/ping"},
};

const ProtocolRow& row_of(Protocol protocol) {
  for (const auto& row : protocols) {
    if (row.protocol == protocol) return row;
  }
  return protocols.front();
}

std::string with_last_lines(std::string text, const processes::Exit& exit) {
  const auto& lines = exit.last_lines;
  const auto first = lines.size() > reason_lines_max ? lines.size() - reason_lines_max : 0;
  for (std::size_t at = first; at < lines.size(); ++at) {
    text += (at == first ? "; last output: " : " | ") + lines[at].substr(0, 300);
  }
  return text;
}

}  // namespace

Contract contract_of(Protocol protocol) {
  const auto& row = row_of(protocol);
  return {.port = row.port, .path = std::string{row.path}};
}

std::optional<Protocol> protocol_of(std::string_view name) {
  for (const auto& row : protocols) {
    if (row.name == name) return row.protocol;
  }
  return std::nullopt;
}

Result<std::uint16_t> free_port() {
  namespace ip = boost::asio::ip;
  boost::asio::io_context io;
  ip::tcp::acceptor acceptor{io};
  boost::system::error_code error;
  acceptor.open(ip::tcp::v4(), error);
  if (!error) acceptor.bind({ip::address_v4::loopback(), 0}, error);
  const auto bound = error ? ip::tcp::endpoint{} : acceptor.local_endpoint(error);
  if (error) return fail(Code::unavailable, "no free port on loopback", error.message());
  return bound.port();
}

Instance::Use::Use(std::shared_ptr<Instance> instance) : instance_{std::move(instance)} {
  ++instance_->in_flight_;
}

Instance::Use::~Use() {
  instance_->used_at_ = SteadyClock::now().time_since_epoch().count();
  --instance_->in_flight_;
}

SteadyClock::time_point Instance::last_used() const {
  return SteadyClock::time_point{SteadyClock::duration{used_at_}};
}

void Instance::start(net::Worker& home) {
  home_ = &home;
  boost::asio::co_spawn(home.io(), run(shared_from_this()), boost::asio::detached);
}

void Instance::set(State state, std::string why) {
  const std::scoped_lock lock{mutex_};
  state_ = state;
  why_ = std::move(why);
  changed_->set();
  changed_ = std::make_shared<Event>();
}

Task<Result<std::uint16_t>> Instance::ready(Deadline deadline) {
  bool waited = false;
  for (;;) {
    std::shared_ptr<Event> changed;
    {
      const std::scoped_lock lock{mutex_};
      if (state_ == State::up) co_return port_;
      const bool rests = state_ == State::asleep || state_ == State::failed;
      // One that went to sleep while we waited is woken; one that failed again is not tried again.
      if (state_ == State::stopped || (state_ == State::failed && waited)) {
        co_return fail(Code::unavailable, why_.empty() ? "the runtime was stopped" : why_);
      }
      if (rests) {
        state_ = State::starting;
        wake_->set();
      }
      changed = changed_;
    }
    waited = true;
    if (!co_await changed->wait(deadline)) {
      co_return fail(Code::timeout, "the program did not start in time");
    }
  }
}

Task<bool> Instance::has_left(std::uint16_t port, Deadline deadline) {
  for (;;) {
    std::shared_ptr<Event> changed;
    {
      const std::scoped_lock lock{mutex_};
      if (state_ != State::up || port_ != port) co_return true;
      changed = changed_;
    }
    if (!co_await changed->wait(deadline)) co_return false;
  }
}

void Instance::stop(std::chrono::milliseconds grace) {
  stop_grace_ms_ = grace.count();
  stop_.set();
  const std::scoped_lock lock{mutex_};
  wake_->set();
}

Task<void> Instance::end() {
  stop(0ms);
  std::shared_ptr<processes::Child> child;
  {
    const std::scoped_lock lock{mutex_};
    child = child_;
  }
  if (child) co_await child->stop(stop_grace);
  co_await gone_.wait(within(stop_grace + probe_timeout));
}

bool Instance::over_in_peace() const {
  const std::scoped_lock lock{mutex_};
  return state_ == State::stopped && why_.empty();
}

Task<void> Instance::run(std::shared_ptr<Instance> self) {
  co_await self->run_lives();
  co_await self->options_.offload->run([self] {
    std::error_code ignored;
    return fs::remove_all(self->options_.launch.scratch, ignored);
  });
  self->gone_.set();
  if (self->options_.ended) self->options_.ended(*self);
}

Task<void> Instance::run_lives() {
  while (!stopping() && co_await run_once()) {
  }
  const std::scoped_lock lock{mutex_};
  if (state_ == State::stopped) co_return;
  state_ = State::stopped;
  why_.clear();
  changed_->set();
}

// One life of the process, and what follows it. False: it is over.
Task<bool> Instance::run_once() {
  set(State::starting);
  auto child = co_await bring_up();
  if (stopping()) {
    if (child) (*child)->kill();
    co_return false;
  }
  if (!child) {
    log::warn("runtime {}: {}", options_.name, child.error().message);
    if (of_session_) {
      set(State::stopped, child.error().message);
      co_return false;
    }
    co_return co_await sleep_until_woken(State::failed, child.error().message);
  }
  const auto began = SteadyClock::now();
  used_at_ = began.time_since_epoch().count();
  set(State::up);
  log::info("runtime {} runs port={}", options_.name, options_.launch.port_given);
  const auto exit = co_await watch(**child);
  if (!exit) {  // we end it: asked to, idle, or old
    set(State::starting);
    co_await (*child)->stop(stop_grace);
    if (stopping() || of_session_) co_return false;
    if (SteadyClock::now() - began >= options_.max_lifetime) co_return true;
    co_return co_await sleep_until_woken(State::asleep, {});
  }
  if (stopping()) co_return false;  // at once, by end()
  const auto lived =
      std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - began);
  const auto verdict = restarts_.ended(*exit, lived);
  log::warn("runtime {}: {}", options_.name, exit->text);
  if (of_session_) co_return false;  // what it held is lost: the session begins anew
  if (!verdict.pause) co_return co_await sleep_until_woken(State::failed, verdict.reason);
  set(State::starting);
  co_await pause(*verdict.pause);
  co_return true;
}

Task<Result<std::shared_ptr<processes::Child>>> Instance::bring_up() {
  CO_TRY(const std::uint16_t port, free_port());
  options_.launch.port_wanted = options_.contract.port;
  options_.launch.port_given = port;
  auto command = co_await options_.offload->run([this] {
    std::error_code error;
    fs::remove_all(options_.launch.scratch, error);
    fs::create_directories(options_.launch.scratch, error);
    return command_of(options_.launch);
  });
  CO_TRY(auto child, co_await options_.supervisor->spawn(std::move(command), options_.output));
  {
    const std::scoped_lock lock{mutex_};
    port_ = port;
    child_ = child;
  }
  const auto up = co_await probe_until(*child, within(options_.start_within));
  if (!up) {
    child->kill();
    co_return std::unexpected(up.error());
  }
  co_return child;
}

Task<Result<void>> Instance::probe_until(processes::Child& child, Deadline deadline) {
  while (!stopping()) {
    if (const auto exit = co_await child.wait(within(probe_every))) {
      co_return fail(Code::unavailable,
                     with_last_lines("the program ended before it answered: " + exit->text, *exit));
    }
    if (co_await answers(options_.launch.port_given)) co_return Result<void>{};
    if (SteadyClock::now() >= deadline) {
      const auto exit = co_await child.stop(stop_grace);
      co_return fail(
          Code::unavailable,
          with_last_lines(fmt::format("the program did not answer on port {} within {} "
                                      "seconds",
                                      options_.contract.port, options_.start_within.count()),
                          exit));
    }
  }
  co_return fail(Code::unavailable, "the runtime was stopped");
}

Task<bool> Instance::answers(std::uint16_t port) {
  const auto& row = row_of(options_.protocol);
  const bool post = row.probe_method == "POST";
  const std::string path = post ? options_.contract.path : std::string{row.probe_path};
  const auto url = net::Url::parse(fmt::format("http://127.0.0.1:{}{}", port, path));
  ASSERT(url.has_value());
  const net::Headers headers{{"content-type", "application/json"},
                             {"accept", "application/json, text/event-stream"}};
  const auto answer = co_await options_.client->send(
      {.method = row.probe_method,
       .url = &*url,
       .headers = &headers,
       .body = post ? R"({"jsonrpc":"2.0","id":"ready","method":"ping"})" : "",
       .deadline = within(probe_timeout)});
  co_return answer && answer->status < 500;
}

// Until the child ends, or there is a reason to end it: then nothing.
Task<std::optional<processes::Exit>> Instance::watch(processes::Child& child) {
  const auto began = SteadyClock::now();
  std::optional<SteadyClock::time_point> must_end;
  for (;;) {
    if (auto exit = co_await child.wait(within(stopping() ? probe_every : watch_every))) {
      co_return exit;
    }
    const auto now = SteadyClock::now();
    if (stopping() && !must_end) must_end = now + std::chrono::milliseconds{stop_grace_ms_};
    if (!must_end && now - began >= options_.max_lifetime) must_end = now + 60s;
    if (must_end && (in_flight_ == 0 || now >= *must_end)) co_return std::nullopt;
    if (in_flight_ == 0 && now - last_used() >= options_.idle_timeout) {
      if (!co_await works_by_itself()) co_return std::nullopt;
      used_at_ = SteadyClock::now().time_since_epoch().count();
    }
  }
}

// AgentCore Runtime service contract, "/ping": HealthyBusy keeps a session from being idle.
Task<bool> Instance::works_by_itself() {
  const auto& row = row_of(options_.protocol);
  if (row.probe_path != "/ping") co_return false;
  const auto url = net::Url::parse(
      fmt::format("http://127.0.0.1:{}{}", options_.launch.port_given, row.probe_path));
  ASSERT(url.has_value());
  const auto answer = co_await options_.client->send(
      {.method = row.probe_method, .url = &*url, .deadline = within(probe_timeout)});
  if (!answer || answer->status != 200) co_return false;
  const auto said = json::parse(answer->body);
  co_return said&& json::find_string(*said, "status") == "HealthyBusy";
}

struct Instance::Asked {
  Event done;
  std::atomic<bool> busy = false;
};

Task<void> Instance::ask(std::shared_ptr<Instance> self, std::shared_ptr<Asked> asked) {
  asked->busy = co_await self->works_by_itself();
  asked->done.set();
}

// The client belongs to the home thread.
Task<bool> Instance::says_busy() {
  net::Worker* const home = home_;
  if (home == nullptr) co_return false;
  const auto asked = std::make_shared<Asked>();
  boost::asio::co_spawn(home->io(), ask(shared_from_this(), asked), boost::asio::detached);
  co_await asked->done.wait(within(busy_within));
  co_return asked->busy;
}

Task<void> Instance::pause(std::chrono::milliseconds time) { co_await stop_.wait(within(time)); }

// True when somebody needs it again.
Task<bool> Instance::sleep_until_woken(State state, std::string why) {
  std::shared_ptr<Event> wake;
  {
    const std::scoped_lock lock{mutex_};
    wake_ = std::make_shared<Event>();
    wake = wake_;
  }
  set(state, std::move(why));
  while (!stopping() && !co_await wake->wait(within(60s))) {
  }
  co_return !stopping();
}

}  // namespace toolgate::runtimes
