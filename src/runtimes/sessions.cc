#include "runtimes/sessions.h"

#include <fmt/format.h>

#include "base/log.h"

namespace toolgate::runtimes {

std::size_t SessionTable::count() const {
  const std::scoped_lock lock{mutex_};
  return held_.size();
}

std::shared_ptr<Instance> SessionTable::take_oldest() {
  const auto rank = [](const Held& held) {
    return std::pair{held.requests > 1, held.instance->last_used()};
  };
  auto oldest = held_.end();
  for (auto it = held_.begin(); it != held_.end(); ++it) {
    if (it->second.instance->busy()) continue;
    if (oldest == held_.end() || rank(it->second) < rank(oldest->second)) oldest = it;
  }
  if (oldest == held_.end()) return nullptr;
  auto instance = std::move(oldest->second.instance);
  held_.erase(oldest);
  return instance;
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
Result<std::unique_ptr<Instance::Use>> Sessions::open(const std::string& session) {
  std::shared_ptr<Instance> replaced;
  std::unique_ptr<Instance::Use> use;
  {
    const std::scoped_lock lock{table_->mutex_};
    const SessionTable::Key key{this, session};
    if (const auto found = table_->held_.find(key); found != table_->held_.end()) {
      ++found->second.requests;
      return std::make_unique<Instance::Use>(found->second.instance);
    }
    if (!spare_) return fail(Code::conflict, "The runtime's version has been replaced");
    if (table_->held_.size() >= table_->count_max_) {
      replaced = table_->take_oldest();
      if (!replaced) {
        return fail(Code::throttled,
                    fmt::format("{} sessions have a request in flight, which is this server's "
                                "limit (--runtime-sessions)",
                                table_->count_max_));
      }
    }
    auto instance = std::exchange(spare_, make());
    instance->give_to_session();
    use = std::make_unique<Instance::Use>(instance);
    table_->held_[key] = {.instance = std::move(instance), .requests = 1};
  }
  if (replaced) {
    log::info("runtimes: the session that was not used for longest ends, for a new one");
    replaced->stop(std::chrono::milliseconds{0});
  }
  return use;
}

Task<Result<Sessions::Taken>> Sessions::take(std::string session, Deadline deadline) {
  if (sharing_ == Sharing::all_one) co_return co_await borrow(deadline);
  for (;;) {
    Taken taken;
    CO_TRY(taken.use, open(session));
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
