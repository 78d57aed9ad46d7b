// For the main thread, before and beside the I/O threads: runs one task to its end.
#pragma once

#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "base/task.h"

namespace toolgate::app {

// The task runs on the calling thread. It must not wait for something that never comes.
template <class T>
T wait_for(Task<T> task) {
  boost::asio::io_context io{1};
  std::optional<T> value;
  boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr error, T result) {
    if (error) std::rethrow_exception(error);  // a bug: our tasks do not throw
    value.emplace(std::move(result));
  });
  while (!value) {
    io.restart();
    io.run_one();
  }
  return *std::move(value);
}

}  // namespace toolgate::app
