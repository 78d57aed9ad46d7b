// Keeps a job's lease for as long as it lives, for work that may outlast one.
#pragma once

#include <memory>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "base/event.h"
#include "net/worker.h"
#include "store/store.h"

namespace toolgate::runtimes {

class KeptLease {
 public:
  // Renews every third of `lease`. The store outlives the I/O threads.
  KeptLease(store::Store& store, store::Job job, std::chrono::seconds lease, net::Worker& worker) {
    boost::asio::co_spawn(worker.io(), renew(store, std::move(job), lease, done_),
                          boost::asio::detached);
  }
  ~KeptLease() { done_->set(); }
  KeptLease(const KeptLease&) = delete;
  KeptLease& operator=(const KeptLease&) = delete;

 private:
  static Task<void> renew(store::Store& store, store::Job job, std::chrono::seconds lease,
                          std::shared_ptr<Event> done) {
    while (!co_await done->wait(within(lease / 3))) {
      if (!co_await store.renew_job(job, lease)) co_return;  // it is somebody else's now
    }
  }

  std::shared_ptr<Event> done_ = std::make_shared<Event>();
};

}  // namespace toolgate::runtimes
