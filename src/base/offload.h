// A small pool of threads for work that blocks or takes long: databases, name look-ups, big
// documents. I/O threads never do such work themselves.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/task.h"

namespace toolgate {

class Offload {
 public:
  explicit Offload(std::size_t threads) : pool_{threads} {}
  // Waits for what is running; what has not begun is dropped.
  ~Offload() {
    pool_.stop();
    pool_.join();
  }
  // Waits for all work that was posted; what is posted later is dropped. From outside the pool.
  void finish() { pool_.join(); }
  Offload(const Offload&) = delete;
  Offload& operator=(const Offload&) = delete;

  // Runs `work()` on the pool and resumes the caller on its own thread with the value, which must
  // be movable and not void. Not cancellable: the work's own bounds end it. What `work` refers to
  // must live until it has run: the awaiting coroutine's frame does.
  template <class Work, class Value = std::invoke_result_t<Work&>>
  Task<Value> run(Work work) {
    namespace asio = boost::asio;
    auto begin = [this](auto handler, Work job) {
      asio::post(pool_, [handler = std::move(handler), job = std::move(job)]() mutable {
        Value value = job();
        const auto home = asio::get_associated_executor(handler);
        asio::post(home, [handler = std::move(handler), value = std::move(value)]() mutable {
          std::move(handler)(std::move(value));
        });
      });
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(Value)>(
        begin, asio::use_awaitable, std::move(work));
  }

  // Fire and forget, for work with no one waiting.
  template <class Work>
  void post(Work work) {
    boost::asio::post(pool_, std::move(work));
  }

 private:
  boost::asio::thread_pool pool_;
};

}  // namespace toolgate
