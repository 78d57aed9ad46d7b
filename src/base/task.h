// Coroutines. Who starts a task awaits it; every await on the outside has a Deadline.
#pragma once

#include <chrono>

#include <boost/asio/awaitable.hpp>

namespace toolgate {

// A coroutine on one thread's io_context. It resumes on the thread it began on.
template <class T>
using Task = boost::asio::awaitable<T>;

// When to give up. Steady, so that a set clock does not shorten or stretch it.
using Deadline = std::chrono::steady_clock::time_point;

inline Deadline within(std::chrono::steady_clock::duration time) {
  return std::chrono::steady_clock::now() + time;
}

}  // namespace toolgate
