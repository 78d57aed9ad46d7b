#include "net/server.h"

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include "base/offload.h"
#include "net/io_thread.h"
#include "net/listener.h"

namespace toolgate::net {

namespace asio = boost::asio;

struct Server::Impl {
  explicit Impl(Options with) : options{with} {
    // A write to a peer that has gone is an error of that write, not the end of the process.
    std::signal(SIGPIPE, SIG_IGN);
    std::size_t count = options.threads;
    if (count == 0) count = std::max(1U, std::thread::hardware_concurrency());
    for (std::size_t i = 0; i < count; ++i) {
      threads.push_back(std::make_unique<IoThread>(i, options, open_total));
    }
  }

  template <class Job>
  void on_each_thread(Job job) {
    for (auto& thread : threads) {
      asio::post(thread->io(), [job, thread = thread.get()] { job(*thread); });
    }
  }
  void wait_until_empty(Deadline deadline, const std::stop_token& hurry = {}) {
    while (open_total > 0 && !hurry.stop_requested() &&
           std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
  }

  const Options options;
  std::atomic<std::size_t> open_total = 0;
  std::vector<std::unique_ptr<IoThread>> threads;
  std::vector<std::unique_ptr<Listener>> listeners;
  bool running = false;
  bool stopped = false;
};

Server::Server(Options options) : impl_{std::make_unique<Impl>(options)} {}

Server::~Server() {
  stop(Deadline::min());
  // Listeners belong to the contexts of the threads.
  impl_->listeners.clear();
}

std::vector<Worker*> Server::workers() {
  std::vector<Worker*> workers;
  for (auto& thread : impl_->threads) workers.push_back(&thread->worker());
  return workers;
}

Result<Address> Server::listen(const Address& address, Handler& handler,
                               std::shared_ptr<TlsContexts> tls) {
  std::vector<IoThread*> threads;
  for (auto& thread : impl_->threads) threads.push_back(thread.get());
  TRY(auto listener, Listener::open(address, handler, std::move(tls), impl_->options, threads));
  const auto bound = listener->address();
  listener->start();
  impl_->listeners.push_back(std::move(listener));
  return bound;
}

void Server::run() {
  ASSERT(!impl_->running && !impl_->stopped);
  impl_->running = true;
  for (auto& thread : impl_->threads) thread->start();
}

void Server::stop(Deadline drain_until, Offload* offload, const std::stop_token& hurry) {
  auto& impl = *impl_;
  if (impl.stopped) return;
  impl.stopped = true;
  for (auto& listener : impl.listeners) listener->stop();
  if (impl.running) {
    impl.on_each_thread([](IoThread& thread) { thread.drain(); });
    impl.wait_until_empty(drain_until, hurry);
    impl.on_each_thread([](IoThread& thread) { thread.close_all(); });
    impl.wait_until_empty(within(std::chrono::milliseconds{200}));
    for (auto& thread : impl.threads) thread->join();
  }
  if (offload != nullptr) offload->finish();
  // What still waits (a handler, a pooled connection's task) is destroyed while all it may refer
  // to is alive.
  for (auto& thread : impl.threads) thread->destroy_tasks();
}

}  // namespace toolgate::net
