#include "functions/environment.h"

#include <csignal>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>

#include "json/json.h"

namespace toolgate::functions {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr auto forever = 24h;
// How long a call's END waits for output that the program says it has written.
constexpr std::chrono::milliseconds mark_within = 500ms;
constexpr auto previous_mark_within = 100ms;
// For programs that print no mark: their output is on its way when the answer is here.
constexpr std::chrono::milliseconds plain_output_within = 30ms;

std::chrono::microseconds since(SteadyClock::time_point began) {
  return std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - began);
}

std::string_view name_of_signal(int signal) {
  switch (signal) {
    case SIGSEGV:
      return "segmentation fault";
    case SIGABRT:
      return "aborted";
    case SIGBUS:
      return "bus error";
    case SIGFPE:
      return "floating point exception";
    case SIGILL:
      return "illegal instruction";
    case SIGKILL:
      return "killed";
    case SIGTERM:
      return "terminated";
    default:
      break;
  }
  return "";
}

// As Lambda words it.
std::string text_of(const processes::Exit& exit, std::uint64_t memory_mb) {
  using Why = processes::Exit::Why;
  if (exit.why == Why::memory) {
    return fmt::format(
        "Runtime exited with error: signal: killed (it used more than its {} MB of "
        "memory)",
        memory_mb);
  }
  if (exit.why == Why::processes) return "Runtime exited with error: " + exit.text;
  if (exit.why == Why::exited && exit.code == 0) return "Runtime exited without providing a reason";
  if (exit.why == Why::exited) {
    return fmt::format("Runtime exited with error: exit status {}", exit.code);
  }
  if (exit.signal != 0) {
    const auto name = name_of_signal(exit.signal);
    return fmt::format("Runtime exited with error: signal: {}",
                       name.empty() ? std::to_string(exit.signal) : std::string{name});
  }
  return "Runtime exited with error: " + exit.text;
}

}  // namespace

Outcome failure(std::string_view type, std::string_view message) {
  JsonObject error;
  if (!type.empty()) error["errorType"] = type;
  error["errorMessage"] = message;
  return {.payload = json::print(error), .failed = true, .log_tail = {}};
}

Environment::~Environment() { end(); }

void Environment::adopt(std::shared_ptr<processes::Child> child) {
  const std::scoped_lock lock{mutex_};
  child_ = std::move(child);
}

processes::OutputSink Environment::output_sink() const {
  return [log = options_.log](processes::Stream, std::string_view line) { log->output(line); };
}

// Tells everybody who waits when the process is gone.
Task<void> Environment::watch(std::shared_ptr<Environment> self,
                              std::shared_ptr<processes::Child> child) {
  std::optional<processes::Exit> exit;
  while (!exit) exit = co_await child->wait(within(forever));
  self->options_.log->close();
  self->options_.offload->post([scratch = self->options_.scratch] {
    std::error_code ignored;
    std::filesystem::remove_all(scratch, ignored);
  });
  const std::scoped_lock lock{self->mutex_};
  self->exit_ = std::move(exit);
  self->over_ = true;
  self->ready_->set();
  self->handed_->set();
  self->done_->set();
}

Task<std::optional<Outcome>> Environment::initialise(const Invocation& first) {
  std::shared_ptr<Event> ready;
  std::shared_ptr<processes::Child> child;
  {
    const std::scoped_lock lock{mutex_};
    ready = ready_;
    child = child_;
  }
  ASSERT(child != nullptr);
  const auto executor = co_await boost::asio::this_coro::executor;
  boost::asio::co_spawn(executor, watch(shared_from_this(), child), boost::asio::detached);
  const auto limit = init_within + options_.function->timeout;
  const bool in_time = co_await ready->wait(born_at + limit);
  const auto took = since(born_at);
  std::optional<Outcome> outcome;
  {
    const std::scoped_lock lock{mutex_};
    if (initialised_ && !over_) {
      init_took_ = took;
      co_return std::nullopt;
    }
    if (init_error_) {
      outcome = Outcome{.payload = *init_error_, .failed = true, .log_tail = {}};
    }
  }
  options_.log->start_failed(first.request_id, options_.function->version);
  if (!outcome && !in_time) {
    outcome = timed_out(first);
    options_.log->problem(first.request_id,
                          fmt::format("{} {} Init timed out after {} s",
                                      timestamp_of(milliseconds_of(options_.clock->now())),
                                      first.request_id, limit.count()));
  }
  if (!outcome) outcome = ended(first);
  end();
  options_.log->finish({.request_id = first.request_id,
                        .duration = took,
                        .memory_mb = options_.function->memory_mb,
                        .init = took,
                        .status = "error"});
  options_.log->close();
  outcome->log_tail = options_.log->tail();
  co_return outcome;
}

// The last call's lines stand before what comes next.
Task<void> Environment::settle_log(std::chrono::milliseconds at_most) {
  const auto until = SteadyClock::now() + at_most;
  auto pause = std::make_shared<Event>();
  while (!options_.log->is_closed() && SteadyClock::now() < until) {
    co_await pause->wait(within(1ms));
  }
  options_.log->close();
}

// A program that prints no mark has written its output by now, and some of it is on its way.
Task<void> Environment::close_later(std::shared_ptr<CallLog> log) {
  auto pause = std::make_shared<Event>();
  co_await pause->wait(within(plain_output_within));
  log->close();
}

Task<std::optional<Outcome>> Environment::invoke(Invocation invocation, Tail tail) {
  if (!options_.log->is_closed()) {
    if (options_.prints_marks) co_await settle_log(previous_mark_within);
    options_.log->close();
  }
  options_.log->start(invocation.request_id, options_.function->version);
  const auto began = SteadyClock::now();
  const Deadline deadline = began + options_.function->timeout;
  std::shared_ptr<Event> done;
  {
    const std::scoped_lock lock{mutex_};
    current_id_ = invocation.request_id;
    deadline_ms_ = milliseconds_of(options_.clock->now() + options_.function->timeout);
    reply_.reset();
    waiting_ = invocation;
    done_ = std::make_shared<Event>();
    if (over_) done_->set();
    done = done_;
    handed_->set();
    handed_ = std::make_shared<Event>();
  }
  co_await done->wait(deadline);
  if (was_not_taken()) {
    options_.log->close();
    co_return std::nullopt;
  }
  Outcome outcome = conclude(invocation, since(began));
  if (tail == Tail::wanted) {
    if (!options_.log->is_closed()) {
      co_await settle_log(options_.prints_marks ? mark_within : plain_output_within);
    }
    outcome.log_tail = options_.log->tail();
  } else if (!options_.prints_marks && !options_.log->is_closed()) {
    const auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::co_spawn(executor, close_later(options_.log), boost::asio::detached);
  }
  used_at = SteadyClock::now();
  co_return outcome;
}

bool Environment::was_not_taken() {
  const std::scoped_lock lock{mutex_};
  if (!waiting_ || !exit_) return false;
  waiting_.reset();
  current_id_.clear();
  return true;
}

// What came of the call: its answer, else the process's end, else the time's.
Outcome Environment::conclude(const Invocation& invocation, std::chrono::microseconds took) {
  Outcome outcome;
  CallLog::Report report{.request_id = invocation.request_id,
                         .duration = took,
                         .memory_mb = options_.function->memory_mb};
  std::string line;
  bool close = false;
  {
    const std::scoped_lock lock{mutex_};
    report.init = std::exchange(init_took_, std::nullopt);
    current_id_.clear();
    waiting_.reset();
    if (reply_ && reply_->too_large) {
      outcome = failure("Function.ResponseSizeTooLarge",
                        fmt::format("Response payload size exceeded maximum allowed payload size "
                                    "({} bytes).",
                                    answer_bytes_max));
    } else if (reply_) {
      outcome = {.payload = std::move(reply_->body), .failed = reply_->failed, .log_tail = {}};
    } else if (exit_) {
      outcome = ended(invocation);
      line = fmt::format("RequestId: {} Error: {}", invocation.request_id,
                         text_of(*exit_, options_.function->memory_mb));
      report.status = "error";
      close = true;
    } else {
      outcome = timed_out(invocation);
      line = std::string{
          json::find_string(json::parse(outcome.payload).value_or(Json{}), "errorMessage")
              .value_or("")};
      report.status = "timeout";
      close = true;
    }
    reply_.reset();
  }
  if (close) end();
  report.failed = outcome.failed;
  if (!line.empty()) options_.log->problem(invocation.request_id, line);
  options_.log->finish(std::move(report));
  if (close) options_.log->close();
  return outcome;
}

Outcome Environment::timed_out(const Invocation& invocation) const {
  return failure("", fmt::format("{} {} Task timed out after {}.00 seconds",
                                 timestamp_of(milliseconds_of(options_.clock->now())),
                                 invocation.request_id, options_.function->timeout.count()));
}

// Called with the mutex held or after the end.
Outcome Environment::ended(const Invocation& invocation) const {
  const std::string text = exit_ ? text_of(*exit_, options_.function->memory_mb)
                                 : "Runtime exited without providing a reason";
  return failure("Runtime.ExitError",
                 fmt::format("RequestId: {} Error: {}", invocation.request_id, text));
}

bool Environment::is_usable() const {
  const std::scoped_lock lock{mutex_};
  return initialised_ && !over_;
}

void Environment::end() {
  std::shared_ptr<processes::Child> child;
  {
    const std::scoped_lock lock{mutex_};
    over_ = true;
    child = child_;
    handed_->set();
  }
  if (child) child->kill();
}

net::Response Environment::event_of(const Invocation& invocation) const {
  net::Response response = net::Response::json(200, invocation.payload);
  auto& headers = response.headers;
  headers.push_back({"Lambda-Runtime-Aws-Request-Id", invocation.request_id});
  headers.push_back({"Lambda-Runtime-Deadline-Ms", std::to_string(deadline_ms_)});
  headers.push_back({"Lambda-Runtime-Invoked-Function-Arn", invocation.invoked_arn});
  headers.push_back({"Lambda-Runtime-Trace-Id", invocation.trace_id});
  if (!invocation.client_context.empty()) {
    headers.push_back({"Lambda-Runtime-Client-Context", invocation.client_context});
  }
  return response;
}

Task<net::Response> Environment::next() {
  const auto self = shared_from_this();
  for (;;) {
    std::shared_ptr<Event> handed;
    {
      const std::scoped_lock lock{mutex_};
      if (over_) break;
      if (!initialised_) {
        initialised_ = true;
        ready_->set();
      }
      if (waiting_) {
        net::Response response = event_of(*waiting_);
        waiting_.reset();
        co_return response;
      }
      handed = handed_;
    }
    co_await handed->wait(within(forever));
  }
  co_return net::Response::json(410, R"({"errorMessage":"over","errorType":"Gone"})");
}

bool Environment::answer(std::string_view request_id, Reply reply) {
  const std::scoped_lock lock{mutex_};
  if (current_id_.empty() || current_id_ != request_id || reply_) return false;
  reply_ = std::move(reply);
  done_->set();
  return true;
}

void Environment::fail_init(std::string body) {
  const std::scoped_lock lock{mutex_};
  if (initialised_) return;
  init_error_ = std::move(body);
  ready_->set();
}

}  // namespace toolgate::functions
