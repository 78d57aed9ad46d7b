#include "runtimes/sessions.h"

#include <fmt/format.h>

#include "base/log.h"

namespace toolgate::runtimes {

std::size_t SessionTable::count() const {
  const std::scoped_lock lock{mutex_};
  return held_.size();
}

std::shared_ptr<Instance> SessionTable::oldest(const Spared& spared) const {
  const auto rank = [](const Held& held) {
    return std::pair{held.requests > 1, held.instance->last_used()};
  };
  const Held* oldest = nullptr;
  for (const auto& [key, held] : held_) {
    if (held.instance->busy() || spared.contains(held.instance)) continue;
    if (oldest == nullptr || rank(held) < rank(*oldest)) oldest = &held;
  }
  return oldest == nullptr ? nullptr : oldest->instance;
}

bool SessionTable::remove_unused(const Instance& instance) {
  return std::erase_if(held_, [&](const auto& one) {
           return one.second.instance.get() == &instance && !instance.busy();
         }) > 0;
}

std::shared_ptr<Instance> Sessions::make() {
  return make_([weak = weak_from_this()](const Instance& instance) {
    if (const auto self = weak.lock()) self->forget(instance);
  });
}

void Sessions::forget(const Instance& instance) {
  const std::scoped_lock lock{table_->mutex_};
  std::erase_if(table_->held_, [&](const auto& one) {
    return one.first.first == this && one.second.instance.get() == &instance;
  });
}

void Sessions::start() {
  const std::scoped_lock lock{table_->mutex_};
  spare_ = make();
}

Task<Result<void>> Sessions::ready(Deadline deadline) {
  CO_TRY(const auto taken, co_await borrow(deadline));
  co_return Result<void>{};
}

Task<Result<Sessions::Taken>> Sessions::borrow(Deadline deadline) {
  Taken taken;
  {
    const std::scoped_lock lock{table_->mutex_};
    if (!spare_) co_return fail(Code::conflict, "The runtime's version has been replaced");
    taken.use = std::make_unique<Instance::Use>(spare_);
  }
  CO_TRY(taken.port, co_await taken.use->instance().ready(deadline));
  co_return taken;
}

// The session's own process, known or new. Counted as used before the lock is let go, so that
// nobody ends it.
Result<std::unique_ptr<Instance::Use>> Sessions::open_where_there_is_place(
    const std::string& session) {
  const std::scoped_lock lock{table_->mutex_};
  const SessionTable::Key key{this, session};
  if (const auto found = table_->held_.find(key); found != table_->held_.end()) {
    ++found->second.requests;
    return std::make_unique<Instance::Use>(found->second.instance);
  }
  if (!spare_) return fail(Code::conflict, "The runtime's version has been replaced");
  if (table_->held_.size() >= table_->count_max_) return nullptr;
  auto instance = std::exchange(spare_, make());
  instance->give_to_session();
  auto use = std::make_unique<Instance::Use>(instance);
  table_->held_[key] = {.instance = std::move(instance), .requests = 1};
  return use;
}

// Makes place until there is some: who works by itself is asked, and spared.
Task<Result<std::unique_ptr<Instance::Use>>> Sessions::open(std::string session) {
  SessionTable::Spared spared;
  for (;;) {
    CO_TRY(auto use, open_where_there_is_place(session));
    if (use) co_return use;
    std::shared_ptr<Instance> oldest;
    {
      const std::scoped_lock lock{table_->mutex_};
      oldest = table_->oldest(spared);
    }
    if (!oldest) {
      co_return fail(Code::throttled,
                     fmt::format("{} sessions have a request in flight or say that they are busy, "
                                 "which is this server's limit (--runtime-sessions)",
                                 table_->count_max_));
    }
    if (co_await oldest->says_busy()) {
      spared.insert(std::move(oldest));
      continue;
    }
    bool removed = false;
    {
      const std::scoped_lock lock{table_->mutex_};
      removed = table_->remove_unused(*oldest);
    }
    if (!removed) continue;
    log::info("runtimes: the session that was not used for longest ends, for a new one");
    oldest->stop(std::chrono::milliseconds{0});
  }
}

Task<Result<Sessions::Taken>> Sessions::take(std::string session, Deadline deadline) {
  if (sharing_ == Sharing::all_one) co_return co_await borrow(deadline);
  for (;;) {
    Taken taken;
    CO_TRY(taken.use, co_await open(session));
    Instance& instance = taken.use->instance();
    const auto port = co_await instance.ready(deadline);
    if (port) {
      taken.port = *port;
      co_return taken;
    }
    forget(instance);
    // It went while the request came: the session begins anew.
    if (instance.over_in_peace() && std::chrono::steady_clock::now() < deadline) continue;
    co_return std::unexpected(port.error());
  }
}

Task<Result<void>> Sessions::end(std::string session) {
  if (sharing_ == Sharing::all_one) co_return Result<void>{};
  std::shared_ptr<Instance> instance;
  {
    const std::scoped_lock lock{table_->mutex_};
    if (auto node = table_->held_.extract({this, session})) instance = node.mapped().instance;
  }
  if (!instance) {
    co_return fail(Code::not_found, fmt::format("Session {} does not exist or has ended", session));
  }
  co_await instance->end();
  co_return Result<void>{};
}

void Sessions::stop(std::chrono::milliseconds grace) {
  std::vector<std::shared_ptr<Instance>> all;
  {
    const std::scoped_lock lock{table_->mutex_};
    if (spare_) all.push_back(std::move(spare_));
    spare_.reset();
    std::erase_if(table_->held_, [&](auto& one) {
      if (one.first.first != this) return false;
      all.push_back(std::move(one.second.instance));
      return true;
    });
  }
  for (const auto& instance : all) instance->stop(grace);
}

}  // namespace toolgate::runtimes
