// Runs one task to its end on the calling thread: for the main thread, and for tests.
#pragma once

#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "base/task.h"

namespace toolgate {

// Also for values that cannot be made from nothing, which co_spawn's own handlers ask for.
template <class T>
Task<void> keep_value(Task<T> task, std::optional<T>& value) {
  value.emplace(co_await std::move(task));
}

// The task must not wait for something that never comes. `io` outlives the pools that it uses: one
// of their threads may still be leaving it when the value is there.
template <class T>
T run_task(boost::asio::io_context& io, Task<T> task) {
  std::optional<T> value;
  if (io.stopped()) io.restart();
  const auto work = boost::asio::make_work_guard(io);
  boost::asio::co_spawn(io, keep_value(std::move(task), value), [](const std::exception_ptr& bug) {
    if (bug) std::rethrow_exception(bug);
  });
  while (!value) io.run_one();
  return *std::move(value);
}

// On a context that lives as long as the thread.
template <class T>
T run_task(Task<T> task) {
  static thread_local boost::asio::io_context io{1};
  return run_task(io, std::move(task));
}

}  // namespace toolgate
