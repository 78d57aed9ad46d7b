#include "gateway/publisher.h"

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "base/event.h"
#include "base/limits.h"
#include "base/log.h"
#include "catalogue/chunks.h"
#include "gateway/snapshot.h"
#include "store/envelope.h"

namespace toolgate::gateway {
namespace {

constexpr std::size_t list_page_documents = 200;

// The gateway that a change concerns; its key, or nothing.
std::optional<store::Key> gateway_of(const store::Key& changed) {
  if (changed.kind == model::kind::gateway) return changed;
  if (changed.kind != model::kind::target) return std::nullopt;
  store::Key key = changed;
  key.kind = model::kind::gateway;
  key.id = changed.id.substr(0, changed.id.find('/'));
  return key;
}

}  // namespace

struct Publisher::Impl : std::enable_shared_from_this<Publisher::Impl> {
  // A target's table, kept while neither its configuration nor its catalogue changes.
  struct Kept {
    std::string catalogue_id;
    std::int64_t revision = 0;
    std::string role;  // the gateway's
    std::shared_ptr<const ToolTable> table;
  };
  struct Waiter {
    store::Version version;
    std::shared_ptr<Event> event;
  };

  explicit Impl(Options given) : options{std::move(given)} {}

  Options options;
  // The builder's thread alone. Ended by stop(), and with it the coroutines that keep this object.
  std::unique_ptr<boost::asio::io_context> io = std::make_unique<boost::asio::io_context>(1);
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work{
      io->get_executor()};
  std::thread thread;

  std::mutex mutex;  // guards what follows
  std::set<store::Key> dirty;
  store::Version seen = 0;  // of the newest change
  bool building = false;
  std::atomic<bool> threads_run = false;
  std::vector<Waiter> waiters;
  std::atomic<store::Version> served_version = 0;

  // The builder's thread only.
  std::map<store::Key, Kept> tables;
  struct Built {
    store::Version gateway_version = 0;
    std::vector<std::shared_ptr<const ToolTable>> tables;
    std::shared_ptr<const Snapshot> snapshot;
  };
  std::map<store::Key, Built> built;

  void changed(store::Version version, const std::vector<store::Change>& changes) {
    const std::scoped_lock lock{mutex};
    seen = std::max(seen, version);
    for (const auto& change : changes) {
      if (auto key = gateway_of(change.key)) dirty.insert(*std::move(key));
    }
    begin_building();
  }

  // With the mutex held.
  void begin_building() {
    if (!threads_run || building || (dirty.empty() && waiters.empty())) return;
    building = true;
    boost::asio::co_spawn(*io, build_all(shared_from_this()), boost::asio::detached);
  }

  // Builds until nothing is dirty; each round serves what had been seen when it began.
  static Task<void> build_all(std::shared_ptr<Impl> self) {
    for (;;) {
      std::set<store::Key> keys;
      store::Version version = 0;
      {
        const std::scoped_lock lock{self->mutex};
        if (self->dirty.empty() && self->served_version >= self->seen) {
          self->building = false;
          co_return;
        }
        keys.swap(self->dirty);
        version = self->seen;
      }
      Fresh fresh;
      for (const auto& key : keys) fresh[key.id] = co_await self->build(key);
      co_await self->publish(std::move(fresh));
      self->announce(version);
    }
  }

  // Null: the gateway is gone, or cannot be served (said in the log).
  Task<std::shared_ptr<const Snapshot>> build(const store::Key& key) {
    auto snapshot = co_await try_build(key);
    if (snapshot) co_return *std::move(snapshot);
    if (snapshot.error().code != Code::not_found) {
      log::error("gateway {}: no snapshot: {} {}", key.id, snapshot.error().message,
                 snapshot.error().detail);
    }
    if (snapshot.error().code == Code::not_found && options.engine != nullptr) {
      options.engine->forget(key);
    }
    forget_targets(key, {});
    built.erase(key);
    co_return nullptr;
  }

  Task<Result<std::shared_ptr<const Snapshot>>> try_build(const store::Key& key) {
    CO_TRY(const auto stored, co_await options.store->get(key));
    if (!stored) co_return fail(Code::not_found, "deleted");
    CO_TRY(const Json gateway, json::parse(stored->body));
    SnapshotSource source{.key = key,
                          .gateway = gateway,
                          .tables = {},
                          .base_url = options.base_url(),
                          .page_tools_max = options.page_tools_max,
                          .issuer_aliases = options.issuer_aliases,
                          .engine = options.engine,
                          .locked = {},
                          .previous = nullptr};
    if (const auto open = check_key(gateway); !open) {
      // Nothing of its tools stays in memory.
      forget_targets(key, {});
      built.erase(key);
      source.locked = open.error().message;
      co_return make_snapshot(std::move(source));
    }
    store::Key prefix = key;
    prefix.kind = model::kind::target;
    prefix.id += '/';
    const auto owner =
        credentials::owner_of({.account = key.account, .region = key.region}, gateway);
    std::set<store::Key> present;
    std::string after;
    do {
      CO_TRY(const auto page, co_await options.store->list(prefix, list_page_documents, after));
      for (const auto& document : page.documents) {
        present.insert(document.key);
        CO_TRY(auto table, co_await table_of(document, owner));
        if (table) source.tables.push_back(std::move(table));
      }
      after = page.next;
    } while (!after.empty());
    forget_targets(key, present);
    // A change that the data plane does not show (a status) builds nothing anew.
    Built& last = built[key];
    if (last.snapshot && last.gateway_version == stored->version && last.tables == source.tables) {
      co_return last.snapshot;
    }
    const auto previous = std::exchange(last.snapshot, nullptr);
    last.gateway_version = stored->version;
    last.tables = source.tables;
    source.previous = previous;
    CO_TRY(last.snapshot, make_snapshot(std::move(source)));
    const auto& finder = last.snapshot->finder;
    const bool fresh = finder && (!previous || previous->finder != finder);
    if (fresh && options.engine != nullptr) options.engine->add(finder);
    co_return last.snapshot;
  }

  // Whether the gateway's data can be read.
  [[nodiscard]] Result<void> check_key(const Json& gateway) const {
    if (options.keyring == nullptr) return {};
    return store::check_open(*options.keyring, store::envelope_of(gateway));
  }

  // Null for a target that has no catalogue yet.
  Task<Result<std::shared_ptr<const ToolTable>>> table_of(const store::Document& target,
                                                          const credentials::Owner& owner) {
    CO_TRY(const Json document, json::parse(target.body));
    const auto pointer = catalogue::pointer_of(document);
    if (!pointer) co_return nullptr;
    const auto revision = json::find_int(document, "revision").value_or(0);
    Kept& kept = tables[target.key];
    if (kept.table && kept.catalogue_id == pointer->id && kept.revision == revision &&
        kept.role == owner.role_arn) {
      co_return kept.table;
    }
    auto tools = co_await catalogue::read_chunks(*options.store, target.key, *pointer);
    if (!tools) {
      // The catalogue was swapped between our two reads: the change that did it makes us build
      // again; until then the old table stays.
      log::debug("target {}: {}", target.key.id, tools.error().detail);
      co_return kept.table;
    }
    CO_TRY(auto table, make_tool_table(target.key, owner, document, *std::move(tools)));
    tables[target.key] = {
        .catalogue_id = pointer->id, .revision = revision, .role = owner.role_arn, .table = table};
    co_return table;
  }

  void forget_targets(const store::Key& gateway, const std::set<store::Key>& but) {
    std::erase_if(tables, [&](const auto& entry) {
      const auto owner = gateway_of(entry.first);
      return owner && *owner == gateway && !but.contains(entry.first);
    });
  }

  // Before the I/O threads run: all gateways, put into the threads' places directly.
  Task<Result<void>> build_first() {
    CO_TRY(const auto keys, co_await options.store->keys_of(std::string{model::kind::gateway}));
    const store::Version version = options.store->version();
    Fresh fresh;
    for (const auto& key : keys) fresh[key.id] = co_await build(key);
    for (net::Worker* worker : options.workers) take(*worker, fresh);
    announce(version);
    const std::scoped_lock lock{mutex};
    seen = std::max(seen, version);
    co_return Result<void>{};
  }

  using Fresh = std::map<std::string, std::shared_ptr<const Snapshot>>;

  static void take(net::Worker& worker, const Fresh& fresh) {
    auto& current = worker.local<Snapshots>().by_id;
    for (const auto& [id, snapshot] : fresh) {
      if (snapshot) {
        current[id] = snapshot;
      } else {
        current.erase(id);
      }
    }
  }

  // Hands the snapshots to every thread and waits until all have taken them.
  Task<void> publish(Fresh fresh) {
    if (fresh.empty()) co_return;
    const auto shared = std::make_shared<const Fresh>(std::move(fresh));
    const auto left = std::make_shared<std::atomic<std::size_t>>(options.workers.size());
    const auto all_have = std::make_shared<Event>();
    for (net::Worker* worker : options.workers) {
      boost::asio::post(worker->io(), [worker, shared, left, all_have] {
        take(*worker, *shared);
        if (left->fetch_sub(1) == 1) all_have->set();
      });
    }
    co_await all_have->wait(within(std::chrono::seconds{10}));
  }

  void announce(store::Version version) {
    const std::scoped_lock lock{mutex};
    served_version = std::max(served_version.load(), version);
    std::erase_if(waiters, [&](const Waiter& waiter) {
      if (waiter.version > served_version) return false;
      waiter.event->set();
      return true;
    });
  }
};

Publisher::Publisher(Options options) : impl_{std::make_shared<Impl>(std::move(options))} {}

Publisher::~Publisher() { stop(); }

Result<void> Publisher::start() {
  Impl& impl = *impl_;
  Result<void> done;
  boost::asio::co_spawn(*impl.io, impl.build_first(), [&](std::exception_ptr, Result<void> result) {
    done = std::move(result);
    impl.io->stop();
  });
  impl.io->run();
  impl.io->restart();
  TRY_DO(std::move(done));
  impl.threads_run = true;
  impl.thread = std::thread{[&impl] { impl.io->run(); }};
  return {};
}

void Publisher::stop() {
  Impl& impl = *impl_;
  {
    const std::scoped_lock lock{impl.mutex};
    impl.threads_run = false;  // nothing is begun any more
  }
  if (!impl.io) return;
  impl.io->stop();
  if (impl.thread.joinable()) impl.thread.join();
  impl.work.reset();
  impl.io.reset();
}

void Publisher::changed(store::Version version, const std::vector<store::Change>& changes) {
  impl_->changed(version, changes);
}

Task<bool> Publisher::served(store::Version version, Deadline deadline) {
  if (impl_->served_version >= version) co_return true;
  auto event = std::make_shared<Event>();
  {
    const std::scoped_lock lock{impl_->mutex};
    if (impl_->served_version >= version) co_return true;
    impl_->waiters.push_back({.version = version, .event = event});
    // The listener may not have been told of this version yet; it will begin the building then.
    impl_->begin_building();
  }
  co_return co_await event->wait(deadline);
}

}  // namespace toolgate::gateway
