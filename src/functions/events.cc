#include "functions/events.h"

#include <algorithm>
#include <atomic>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>

#include "base/event.h"
#include "base/ids.h"
#include "base/log.h"
#include "json/members.h"

namespace toolgate::functions {
namespace {

using namespace std::chrono_literals;

constexpr int attempts_max = 3;
constexpr auto age_max = 6h;
constexpr auto throttled_pause = 5s;

Json document_of(const Events::Event& event, Time now) {
  return JsonObject{{"function", event.name},
                    {"qualifier", event.qualifier},
                    {"requestId", event.invocation.request_id},
                    {"payload", event.invocation.payload},
                    {"clientContext", event.invocation.client_context},
                    {"arn", event.invocation.invoked_arn},
                    {"traceId", event.invocation.trace_id},
                    {"attempts", 0},
                    {"added", milliseconds_of(now)},
                    {"due", milliseconds_of(now)}};
}

Invocation invocation_of(const Json& document) {
  return {.request_id = json::member(document, "requestId"),
          .payload = json::member(document, "payload"),
          .client_context = json::member(document, "clientContext"),
          .invoked_arn = json::member(document, "arn"),
          .trace_id = json::member(document, "traceId")};
}

Task<void> pause_for(std::chrono::milliseconds time) {
  auto never = std::make_shared<toolgate::Event>();
  co_await never->wait(within(time));
}

}  // namespace

// Outlives Events: tasks that are cut off with their thread still refer to it.
struct Events::Shared {
  Options options;
  std::atomic<std::size_t> waiting = 0;

  // Counts an event for as long as its task lives.
  struct Count {
    std::shared_ptr<Shared> shared;
    explicit Count(std::shared_ptr<Shared> of) : shared{std::move(of)} { ++shared->waiting; }
    ~Count() { --shared->waiting; }
    Count(const Count&) = delete;
    Count& operator=(const Count&) = delete;
  };
};

std::shared_ptr<Events::Shared> Events::shared() {
  std::call_once(once_, [this] {
    shared_ = std::make_shared<Shared>();
    shared_->options = options_;
  });
  return shared_;
}

Task<Result<void>> Events::add(Event event) {
  const auto common = shared();
  if (common->waiting >= options_.waiting_count_max) {
    auto error = fail(Code::throttled, "Too many events wait for their functions.");
    error.error().name = "TooManyRequestsException";
    co_return error;
  }
  const Time now = options_.clock->now();
  store::Key key{
      .account = event.place.account,
      .region = event.place.region,
      .kind = std::string{kind::event},
      .id = fmt::format("{:015}-{}", milliseconds_of(now), random_text(12, lower_alphanumeric))};
  store::Batch batch;
  batch.puts.push_back(store::put_json(key, document_of(event, now)));
  CO_TRY_DO(co_await options_.store->commit(std::move(batch)));
  boost::asio::co_spawn(options_.worker->io(), run(common, std::move(key)), boost::asio::detached);
  co_return Result<void>{};
}

void Events::start() {
  boost::asio::co_spawn(options_.worker->io(), start_all(shared()), boost::asio::detached);
}

Task<void> Events::start_all(std::shared_ptr<Shared> shared) {
  auto keys = co_await shared->options.store->keys_of(std::string{kind::event});
  if (!keys) {
    log::error("events of functions: {}", keys.error().message);
    co_return;
  }
  std::ranges::sort(*keys, {}, &store::Key::id);
  for (auto& key : *keys) {
    boost::asio::co_spawn(shared->options.worker->io(), run(shared, std::move(key)),
                          boost::asio::detached);
  }
}

Task<void> Events::run(std::shared_ptr<Shared> shared, store::Key key) {
  const Shared::Count count{shared};
  bool again = true;
  while (again) again = co_await attempt(shared, key);
}

// Waits until the event is due and runs it. True: it is to be tried again.
Task<bool> Events::attempt(std::shared_ptr<Shared> shared, store::Key key) {
  const Options& options = shared->options;
  auto document = co_await store::get_document(*options.store, key);
  if (!document || !*document) co_return false;
  Json body = std::move((*document)->body);
  const auto now = milliseconds_of(options.clock->now());
  const auto due = json::find_int(body, "due").value_or(0);
  if (due > now) co_await pause_for(std::chrono::milliseconds{due - now});
  const model::Place place{key.account, key.region};
  const std::string name = json::member(body, "function");
  bool again = false;
  bool counts = true;
  const auto found = co_await options.catalogue->find(place, name, json::member(body, "qualifier"));
  if (found) {
    const auto outcome = co_await options.runner->invoke(
        found->function, invocation_of(body), found->concurrency, Environment::Tail::none);
    again = !outcome || outcome->failed;
    counts = outcome.has_value();
    if (!outcome) log::warn("event of function {}: {}", name, outcome.error().message);
  } else {
    again = found.error().code != Code::not_found;
    counts = false;
  }
  const auto attempts = json::find_int(body, "attempts").value_or(0) + (counts ? 1 : 0);
  const auto added = json::find_int(body, "added").value_or(0);
  const auto ended = milliseconds_of(options.clock->now());
  again = again && attempts < attempts_max &&
          ended - added < std::chrono::duration_cast<std::chrono::milliseconds>(age_max).count();
  store::Batch batch;
  if (again) {
    const std::chrono::milliseconds after =
        counts ? options.retry_after * attempts : std::chrono::seconds{throttled_pause};
    body.get_object()["attempts"] = attempts;
    body.get_object()["due"] = ended + after.count();
    batch.puts.push_back(store::put_json(key, body));
  } else {
    batch.deletes.push_back(key);
  }
  const auto done = co_await options.store->commit(std::move(batch));
  if (!done) log::error("event of function {}: {}", name, done.error().message);
  co_return again&& done;
}

}  // namespace toolgate::functions
