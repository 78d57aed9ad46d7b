#include "catalogue/runner.h"

#include <atomic>
#include <map>
#include <mutex>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "base/ids.h"
#include "base/limits.h"
#include "base/log.h"
#include "catalogue/discover.h"
#include "catalogue/jobs.h"

namespace toolgate::catalogue {
namespace {

using namespace std::chrono_literals;

// Where nobody pokes (a replica's job whose lease ran out) the store is asked this often.
constexpr auto look_every = 30s;
constexpr int attempts_max = 5;

}  // namespace

struct Runner::Impl : std::enable_shared_from_this<Runner::Impl> {
  explicit Impl(Options given)
      : options{std::move(given)},
        context{.store = *options.store,
                .credentials = *options.credentials,
                .clock = *options.clock,
                .offload = *options.offload,
                .strict = options.strict} {}

  Options options;
  JobContext context;
  const std::string owner = random_uuid();
  std::atomic<bool> stopped = true;
  std::atomic<std::size_t> running = 0;
  std::atomic<std::size_t> trials = 0;
  std::atomic<std::size_t> next_worker = 0;
  std::mutex mutex;  // guards the two below
  std::shared_ptr<Event> wake = std::make_shared<Event>();
  std::multimap<store::Key, std::weak_ptr<Event>> expected;

  void poke() {
    const std::scoped_lock lock{mutex};
    wake->set();
  }

  // The event of the next poke. Taken before the store is asked, so that no poke is missed.
  std::shared_ptr<Event> next_wake() {
    const std::scoped_lock lock{mutex};
    if (wake->is_set()) wake = std::make_shared<Event>();
    return wake;
  }

  [[nodiscard]] const OwnKind* find_own(std::string_view name) const {
    for (const auto& kind : options.own_kinds) {
      if (kind.name == name) return &kind;
    }
    return nullptr;
  }

  void ended(const store::Key& subject) {
    const std::scoped_lock lock{mutex};
    const auto [first, last] = expected.equal_range(subject);
    for (auto it = first; it != last; ++it) {
      if (const auto event = it->second.lock()) event->set();
    }
    expected.erase(first, last);
  }

  static Task<void> look(std::shared_ptr<Impl> self) {
    while (!self->stopped) {
      const auto poked = self->next_wake();
      while (!self->stopped && self->running < self->options.concurrent_max) {
        auto job = co_await self->context.store.claim_job(self->owner, lease_for);
        if (!job) log::error("jobs: cannot claim: {} {}", job.error().message, job.error().detail);
        if (!job || !*job) break;
        self->begin(std::move(**job));
      }
      co_await poked->wait(within(look_every));
    }
  }

  void begin(store::Job job) {
    ++running;
    const auto& workers = options.workers;
    net::Worker& worker = *workers[next_worker++ % workers.size()];
    boost::asio::co_spawn(worker.io(), work(shared_from_this(), std::move(job), worker),
                          boost::asio::detached);
  }

  static Task<void> work(std::shared_ptr<Impl> self, store::Job job, net::Worker& worker) {
    const JobKind* kind = find_job_kind(job.spec.kind);
    const OwnKind* own = self->find_own(job.spec.kind);
    Result<void> done = fail(Code::internal, "no such kind of job: " + job.spec.kind);
    if (kind != nullptr) done = co_await kind->run(self->context, job, worker);
    if (own != nullptr) done = co_await own->run(job, worker);
    if (!done) {
      log::error("job id={} kind={} subject={} attempt={}: {} {}", job.id, job.spec.kind,
                 job.spec.subject.id, job.attempts, done.error().message, done.error().detail);
      const bool known = kind != nullptr || own != nullptr;
      co_await give_back(*self, job, known && job.attempts < attempts_max);
    }
    --self->running;
    self->ended(job.spec.subject);
    self->poke();
  }

  // Later again, or never: what fails five times for a reason of ours would fail for ever.
  static Task<void> give_back(Impl& self, const store::Job& job, bool again) {
    if (again) {
      const auto result = co_await self.context.store.postpone_job(
          job, self.context.clock.now() + 5s * job.attempts);
      if (!result) log::warn("job id={}: cannot postpone: {}", job.id, result.error().message);
    } else {
      store::Batch batch;
      batch.job_done = job;
      const auto result = co_await self.context.store.commit(std::move(batch));
      if (!result) log::warn("job id={}: cannot drop: {}", job.id, result.error().message);
    }
  }
};

Runner::Runner(Options options) : impl_{std::make_shared<Impl>(std::move(options))} {}

Runner::~Runner() { stop(); }

void Runner::start() {
  impl_->stopped = false;
  boost::asio::co_spawn(impl_->options.workers.front()->io(), Impl::look(impl_),
                        boost::asio::detached);
}

void Runner::stop() {
  impl_->stopped = true;
  impl_->poke();
}

void Runner::poke() { impl_->poke(); }

std::shared_ptr<Event> Runner::expect(const store::Key& subject) {
  auto event = std::make_shared<Event>();
  const std::scoped_lock lock{impl_->mutex};
  impl_->expected.emplace(subject, event);
  return event;
}

Task<Result<targets::Catalogue>> Runner::try_out(Trial trial) {
  const auto impl = impl_;
  if (impl->trials.fetch_add(1) >= impl->options.concurrent_max) {
    --impl->trials;
    co_return fail(Code::throttled, "too many dry runs at a time; try again");
  }
  auto catalogue = co_await catalogue::try_out(impl->context, {.target = trial.target,
                                                               .document = trial.document,
                                                               .worker = trial.worker,
                                                               .deadline = trial.deadline,
                                                               .steps = &trial.steps});
  --impl->trials;
  co_return catalogue;
}

}  // namespace toolgate::catalogue
