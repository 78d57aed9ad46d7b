// Runs the durable jobs: takes them from the store, one lease each, and does their work on the I/O
// threads. A job whose process died is taken up again when its lease has run out.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/event.h"
#include "base/offload.h"
#include "base/task.h"
#include "credentials/credentials.h"
#include "net/worker.h"
#include "store/store.h"

namespace toolgate {
class Steps;
}
namespace toolgate::targets {
struct Catalogue;
}

namespace toolgate::catalogue {

class Runner {
 public:
  // A kind of job of a room that knows more than a JobContext; its `run` keeps JobKind::run's
  // promise. Work that may outlast a lease renews it (lease_for).
  struct OwnKind {
    std::string name;
    std::function<Task<Result<void>>(const store::Job&, net::Worker&)> run;
  };
  // Longer than the deadlines of this room's own kinds: a job that outlives it is taken up again.
  static constexpr std::chrono::seconds lease_for{300};

  struct Options {
    std::vector<net::Worker*> workers;  // jobs are spread over them
    store::Store* store = nullptr;
    const credentials::Credentials* credentials = nullptr;
    const Clock* clock = nullptr;
    Offload* offload = nullptr;
    std::size_t concurrent_max = 16;
    bool strict = false;             // JobContext::strict
    std::vector<OwnKind> own_kinds;  // beside the table in jobs.cc
  };
  explicit Runner(Options options);
  ~Runner();

  // Begins to take jobs. What an earlier process of this store left is taken at once: the data
  // directory's lock says that it is gone.
  void start();
  // Takes no more; running jobs are left to the lease. From outside the I/O threads.
  void stop();

  // A job was committed: look now. Any thread.
  void poke();

  // For a call that would rather answer with the outcome. Ask before the job is committed: the
  // event is set when a job of this subject ends in this process.
  [[nodiscard]] std::shared_ptr<Event> expect(const store::Key& subject);

  // What the target of this document would offer, without a job: nothing is stored. All outlive
  // the task. Fails with Code::throttled when `concurrent_max` are under way. discover.h.
  struct Trial {
    const store::Key& target;
    const Json& document;
    net::Worker& worker;
    Deadline deadline;
    Steps& steps;
  };
  Task<Result<targets::Catalogue>> try_out(Trial trial);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace toolgate::catalogue
