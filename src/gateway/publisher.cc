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
// A store that could not be read is read again after this long.
constexpr auto read_again_after = std::chrono::seconds{1};

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
  using Tables = std::vector<std::shared_ptr<const ToolTable>>;
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
    Tables tables;
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

  // Builds until nothing is dirty; each round serves what had been seen when it began. What could
  // not be read stays dirty: until it can be, its threads keep what they have, and nothing newer is
  // said to be served.
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
      std::set<store::Key> unread;
      for (const auto& key : keys) {
        auto snapshot = co_await self->build(key);
        if (snapshot) {
          fresh[key.id] = *std::move(snapshot);
          continue;
        }
        unread.insert(key);
        log::error("gateway {}: the store could not be read: {} {}", key.id,
                   snapshot.error().message, snapshot.error().detail);
      }
      const bool taken = co_await self->publish(std::move(fresh));
      if (taken && unread.empty()) {
        self->announce(version);
        continue;
      }
      {
        const std::scoped_lock lock{self->mutex};
        self->dirty.merge(taken ? unread : keys);
      }
      Event pause;
      co_await pause.wait(within(read_again_after));
    }
  }

  // Null: the gateway is gone, or cannot be served (said in the log). Fails when the store cannot
  // be read now: then all stays as it was.
  Task<Result<std::shared_ptr<const Snapshot>>> build(const store::Key& key) {
    auto snapshot = co_await try_build(key);
    if (!snapshot && is_lasting(snapshot.error())) co_return not_served(key, snapshot.error());
    co_return snapshot;
  }

  Task<Result<std::shared_ptr<const Snapshot>>> try_build(const store::Key& key) {
    CO_TRY(const auto stored, co_await options.store->get(key));
    if (!stored) {
      if (options.engine != nullptr) options.engine->forget(key);
      forget(key);
      co_return nullptr;
    }
    CO_TRY(const Json gateway, json::parse(stored->body));
    Tables found;
    std::string locked;
    if (const auto open = check_key(gateway); !open) {
      locked = open.error().message;
      forget(key);  // nothing of its tools stays in memory
    } else {
      CO_TRY(found, co_await tables_of(key, gateway));
    }
    auto snapshot = snapshot_of(*stored, gateway, std::move(found), std::move(locked));
    if (!snapshot) co_return not_served(key, snapshot.error());
    co_return snapshot;
  }

  // What is damaged, or not ours to read, will be so at the next try too.
  static bool is_lasting(const Error& error) {
    return error.code == Code::invalid || error.code == Code::denied;
  }

  std::shared_ptr<const Snapshot> not_served(const store::Key& key, const Error& why) {
    log::error("gateway {}: not served: {} {}", key.id, why.message, why.detail);
    forget(key);
    return nullptr;
  }

  void forget(const store::Key& gateway) {
    forget_targets(gateway, {});
    built.erase(gateway);
  }

  // The tables of the gateway's targets.
  Task<Result<Tables>> tables_of(const store::Key& key, const Json& gateway) {
    store::Key prefix = key;
    prefix.kind = model::kind::target;
    prefix.id += '/';
    const auto owner =
        credentials::owner_of({.account = key.account, .region = key.region}, gateway);
    Tables found;
    std::set<store::Key> present;
    std::string after;
    do {
      CO_TRY(const auto page, co_await options.store->list(prefix, list_page_documents, after));
      for (const auto& document : page.documents) {
        present.insert(document.key);
        CO_TRY(auto table, co_await table_of(document, owner));
        if (table) found.push_back(std::move(table));
      }
      after = page.next;
    } while (!after.empty());
    forget_targets(key, present);
    co_return found;
  }

  // The snapshot with these tables. A change that the data plane does not show (a status) builds
  // nothing anew. `locked`: why its KMS key cannot be used.
  Result<std::shared_ptr<const Snapshot>> snapshot_of(const store::Document& stored,
                                                      const Json& gateway, Tables found,
                                                      std::string locked) {
    SnapshotSource source{.key = stored.key,
                          .gateway = gateway,
                          .tables = found,
                          .base_url = options.base_url(),
                          .page_tools_max = options.page_tools_max,
                          .issuer_aliases = options.issuer_aliases,
                          .engine = options.engine,
                          .locked = std::move(locked),
                          .previous = nullptr};
    if (!source.locked.empty()) return make_snapshot(std::move(source));
    Built& last = built[stored.key];
    if (last.snapshot && last.gateway_version == stored.version && last.tables == found) {
      return last.snapshot;
    }
    const auto previous = std::exchange(last.snapshot, nullptr);
    last.gateway_version = stored.version;
    last.tables = std::move(found);
    source.previous = previous;
    TRY(last.snapshot, make_snapshot(std::move(source)));
    const auto& finder = last.snapshot->finder;
    const bool fresh = finder && (!previous || previous->finder != finder);
    if (fresh && options.engine != nullptr) options.engine->add(finder);
    return last.snapshot;
  }

  // Whether the gateway's data can be read.
  [[nodiscard]] Result<void> check_key(const Json& gateway) const {
    if (options.keyring == nullptr) return {};
    return store::check_open(*options.keyring, store::envelope_of(gateway));
  }

  // Null for a target that has no catalogue yet, or that cannot be served (said in the log): the
  // gateway's others are.
  Task<Result<std::shared_ptr<const ToolTable>>> table_of(const store::Document& target,
                                                          const credentials::Owner& owner) {
    const auto document = json::parse(target.body);
    if (!document) co_return left_out(target.key, document.error());
    const auto pointer = catalogue::pointer_of(*document);
    if (!pointer) co_return nullptr;
    const auto revision = json::find_int(*document, "revision").value_or(0);
    Kept& kept = tables[target.key];
    if (kept.table && kept.catalogue_id == pointer->id && kept.revision == revision &&
        kept.role == owner.role_arn) {
      co_return kept.table;
    }
    auto tools = co_await catalogue::read_chunks(*options.store, target.key, *pointer);
    if (!tools && tools.error().code == Code::not_found) {
      // The catalogue was swapped between our two reads: the change that did it makes us build
      // again; until then the old table stays.
      log::debug("target {}: {}", target.key.id, tools.error().detail);
      co_return kept.table;
    }
    if (!tools && !is_lasting(tools.error())) co_return std::unexpected(tools.error());
    auto table = tools ? make_tool_table(target.key, owner, *document, *std::move(tools))
                       : Result<std::shared_ptr<const ToolTable>>{std::unexpected(tools.error())};
    if (!table) co_return left_out(target.key, table.error());
    kept = {
        .catalogue_id = pointer->id, .revision = revision, .role = owner.role_arn, .table = *table};
    co_return table;
  }

  std::shared_ptr<const ToolTable> left_out(const store::Key& target, const Error& why) {
    log::error("target {}: not served: {} {}", target.id, why.message, why.detail);
    tables.erase(target);
    return nullptr;
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
    for (const auto& key : keys) {
      CO_TRY(fresh[key.id], co_await build(key));
    }
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

  // Hands the snapshots to every thread and waits until all have taken them; false when one did not
  // come to it.
  Task<bool> publish(Fresh fresh) {
    if (fresh.empty()) co_return true;
    const auto shared = std::make_shared<const Fresh>(std::move(fresh));
    const auto left = std::make_shared<std::atomic<std::size_t>>(options.workers.size());
    const auto all_have = std::make_shared<Event>();
    for (net::Worker* worker : options.workers) {
      boost::asio::post(worker->io(), [worker, shared, left, all_have] {
        take(*worker, *shared);
        if (left->fetch_sub(1) == 1) all_have->set();
      });
    }
    co_return co_await all_have->wait(within(std::chrono::seconds{10}));
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
