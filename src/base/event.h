// Something that happens once, for coroutines to wait for. Set from any thread; each waiter resumes
// on its own.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/task.h"

namespace toolgate {

class Event {
 public:
  // True once it was set, false when the deadline came first. The waiter's io_context must be run
  // by one thread, as all of ours are.
  Task<bool> wait(Deadline deadline) {
    namespace asio = boost::asio;
    auto timer = std::make_shared<asio::steady_timer>(co_await asio::this_coro::executor, deadline);
    {
      const std::scoped_lock lock{mutex_};
      if (set_) co_return true;
      waiters_.push_back(timer);
    }
    const Leaver leaver{*this, timer};
    // set() posts to this thread, so it cannot run between here and the wait.
    co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
    co_return is_set();
  }

  void set() {
    const std::scoped_lock lock{mutex_};
    set_ = true;
    for (const auto& timer : waiters_) {
      boost::asio::post(timer->get_executor(), [timer] { timer->cancel(); });
    }
  }

  [[nodiscard]] bool is_set() const {
    const std::scoped_lock lock{mutex_};
    return set_;
  }

 private:
  // Takes the waiter out however its coroutine ends: also when its io_context is destroyed, which
  // the timer must not outlive.
  struct Leaver {
    Event& event;
    const std::shared_ptr<boost::asio::steady_timer>& timer;
    ~Leaver() {
      const std::scoped_lock lock{event.mutex_};
      std::erase(event.waiters_, timer);
    }
  };

  mutable std::mutex mutex_;
  bool set_ = false;
  std::vector<std::shared_ptr<boost::asio::steady_timer>> waiters_;
};

}  // namespace toolgate
