// For the main thread, before and beside the I/O threads: runs one task to its end.
#pragma once

#include <optional>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "base/task.h"

namespace toolgate::app {

template <class T>
Task<void> keep(Task<T> task, std::optional<T>& value) {
  value.emplace(co_await std::move(task));
}

// The task runs on the calling thread. It must not wait for something that never comes.
template <class T>
T wait_for(Task<T> task) {
  // Kept: who posts the value may still be waking this thread up when the value is there already.
  static thread_local boost::asio::io_context io{1};
  std::optional<T> value;
  boost::asio::co_spawn(io, keep(std::move(task), value), boost::asio::detached);
  while (!value) {
    io.restart();
    io.run_one();
  }
  return *std::move(value);
}

}  // namespace toolgate::app
