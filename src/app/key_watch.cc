#include "app/key_watch.h"

#include <map>
#include <mutex>
#include <set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "base/event.h"
#include "base/log.h"
#include "catalogue/jobs.h"
#include "model/kinds.h"
#include "services/iam/documents.h"
#include "services/kms/documents.h"
#include "store/documents.h"

namespace toolgate::app {
namespace {

namespace kind = model::kind;
using services::agentcore::KeyUse;
using SteadyTime = std::chrono::steady_clock::time_point;

bool is_owner(const store::Key& key) {
  return key.kind == kind::gateway || key.kind == kind::token_vault;
}

// What may change whether a key can be used.
bool touches_keys(const store::Key& key) {
  return key.kind == services::kms::kind_key || key.kind == kind::resource_policy ||
         key.kind == services::iam::kind::role || key.kind == services::iam::kind::policy;
}

}  // namespace

struct KeyWatch::Impl : std::enable_shared_from_this<KeyWatch::Impl> {
  // A gateway or vault that has an envelope.
  struct Owner {
    Json document;
    store::Envelope envelope;
    bool open = false;
    std::map<std::string, SteadyTime> given_at;  // by data key
  };
  // One round's regions whose KMS did not answer: they are not asked again and again.
  using Down = std::map<std::string, Error>;

  explicit Impl(Options given) : options{std::move(given)} {}

  Options options;
  std::atomic<bool> stopped = true;
  std::atomic<bool> watching = false;  // whether there is an owner at all

  std::mutex mutex;  // guards what follows
  std::shared_ptr<Event> wake = std::make_shared<Event>();
  std::set<store::Key> dirty;
  bool all_due = false;

  std::map<store::Key, Owner> owners;  // of the worker's thread

  void changed(const std::vector<store::Change>& changes) {
    const std::scoped_lock lock{mutex};
    bool any = false;
    for (const auto& change : changes) {
      if (is_owner(change.key)) {
        dirty.insert(change.key);
        any = true;
      } else if (watching && touches_keys(change.key)) {
        all_due = any = true;
      }
    }
    if (any) wake->set();
  }

  struct Work {
    std::set<store::Key> dirty;
    bool all = false;
    std::shared_ptr<Event> wake;
  };
  Work next_work() {
    const std::scoped_lock lock{mutex};
    if (wake->is_set()) wake = std::make_shared<Event>();
    return {.dirty = std::exchange(dirty, {}), .all = std::exchange(all_due, false), .wake = wake};
  }

  static Task<void> watch(std::shared_ptr<Impl> self, std::function<void()> ready) {
    bool all_known = co_await self->look_at_all();
    if (!self->stopped) ready();
    auto next_round = std::chrono::steady_clock::now() + self->options.every;
    while (!self->stopped) {
      const Work work = self->next_work();
      Down down;
      for (const auto& key : work.dirty) co_await self->look_at(key, down);
      const bool due = std::chrono::steady_clock::now() >= next_round;
      if (due && !all_known) all_known = co_await self->look_at_all();
      if (work.all || due) co_await self->check_all(down);
      if (due) next_round = std::chrono::steady_clock::now() + self->options.every;
      co_await work.wake->wait(Deadline{next_round});
    }
  }

  // False when the store could not say who there is.
  Task<bool> look_at_all() {
    Down down;
    bool all_known = true;
    for (const auto name : {kind::gateway, kind::token_vault}) {
      const auto keys = co_await options.store->keys_of(std::string{name});
      if (!keys) {
        log::error("KMS keys: {} {}", keys.error().message, keys.error().detail);
        all_known = false;
        continue;
      }
      for (const auto& key : *keys) co_await look_at(key, down);
    }
    co_return all_known;
  }

  // Reads what the owner says now, and asks for its keys.
  Task<void> look_at(const store::Key& key, Down& down) {
    auto found = co_await store::get_json(*options.store, key);
    if (!found) {
      log::error("KMS keys: {} {}: {} {}", key.kind, key.id, found.error().message,
                 found.error().detail);
      const std::scoped_lock lock{mutex};
      dirty.insert(key);  // the next round reads it again
      co_return;
    }
    auto envelope = *found ? store::envelope_of(**found) : store::Envelope{};
    const auto known = owners.find(key);
    if (known != owners.end()) forget_gone(known->second, envelope);
    if (envelope.keys.empty()) {
      if (known != owners.end()) owners.erase(known);
      watching = !owners.empty();
      co_return;
    }
    watching = true;
    const bool is_new = known == owners.end();
    Owner& owner = owners[key];
    owner.document = std::move(**found);
    owner.envelope = std::move(envelope);
    co_await check(key, owner, down, is_new);
  }

  void forget_gone(const Owner& owner, const store::Envelope& now) {
    for (const auto& old : owner.envelope.keys) {
      const auto same = [&](const auto& key) { return key.id == old.id; };
      if (std::ranges::none_of(now.keys, same)) options.keyring->forget(old.id);
    }
  }

  Task<void> check_all(Down& down) {
    std::vector<store::Key> keys;
    for (const auto& [key, owner] : owners) keys.push_back(key);
    for (const auto& key : keys) {
      Owner& owner = owners[key];
      co_await check(key, owner, down, false);
      if (owner.open && owner.envelope.moving()) co_await move_on(key);
    }
  }

  Task<void> check(const store::Key& key, Owner& owner, Down& down, bool is_new) {
    bool open = true;
    for (const auto& wrapped : owner.envelope.keys) {
      const bool given = co_await ask(key, owner, wrapped, down);
      open = open && given;
    }
    if (open == owner.open && !is_new) co_return;
    owner.open = open;
    log::info("KMS key of {} {}: {}", key.kind, key.id, open ? "open" : "locked");
    options.turned(key);
  }

  Task<bool> ask(const store::Key& key, Owner& owner, const store::WrappedKey& wrapped,
                 Down& down) {
    const KeyUse use = services::agentcore::key_use(key, owner.document, wrapped.kms_key_arn);
    const std::string endpoint = wrapped.kms_key_arn.substr(0, wrapped.kms_key_arn.find(":key/"));
    Result<crypto::SealKey> given = fail(Code::unavailable, "");
    if (const auto known = down.find(endpoint); known != down.end()) {
      given = std::unexpected(known->second);
    } else {
      given = co_await options.kms->unwrap(use, wrapped.wrapped, *options.worker);
    }
    const auto now = std::chrono::steady_clock::now();
    const bool was_open = options.keyring->find(wrapped.id).has_value();
    if (given) {
      owner.given_at[wrapped.id] = now;
      if (!was_open) options.keyring->open(wrapped.id, *std::move(given));
      co_return true;
    }
    if (given.error().code == Code::unavailable) {
      down.emplace(endpoint, given.error());
      const auto last = owner.given_at.find(wrapped.id);
      const bool believed = was_open && last != owner.given_at.end() &&
                            now - last->second < believed_for * options.every;
      if (believed) co_return true;
    }
    log::warn("{} {} cannot be read: {} {}", key.kind, key.id, given.error().message,
              given.error().detail);
    options.keyring->lock(wrapped.id, std::move(given).error());
    co_return false;
  }

  // A move to another key that had to be given up while one of the two was away.
  Task<void> move_on(store::Key key) {
    store::Batch batch;
    batch.jobs.push_back(catalogue::reseal_job(std::move(key)));
    const auto done = co_await options.store->commit(std::move(batch));
    if (!done) log::warn("KMS keys: {} {}", done.error().message, done.error().detail);
    options.runner->poke();
  }
};

KeyWatch::KeyWatch(Options options) : impl_{std::make_shared<Impl>(std::move(options))} {}

KeyWatch::~KeyWatch() { stop(); }

void KeyWatch::start(std::function<void()> ready) {
  impl_->stopped = false;
  boost::asio::co_spawn(impl_->options.worker->io(), Impl::watch(impl_, std::move(ready)),
                        boost::asio::detached);
}

void KeyWatch::stop() {
  impl_->stopped = true;
  const std::scoped_lock lock{impl_->mutex};
  impl_->wake->set();
}

void KeyWatch::changed(const std::vector<store::Change>& changes) { impl_->changed(changes); }

}  // namespace toolgate::app
