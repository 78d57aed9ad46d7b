// Every invocation of a gateway, written to its log group and to its deliveries. The data plane's
// threads copy a bounded number of bytes into a queue of their own and go on; one thread makes
// records of them. A disk or an endpoint that is slow, full or gone costs records, which are
// counted, and never an invocation its time.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "journal/journal.h"
#include "vended/deliveries.h"
#include "vended/record.h"
#include "vended/ring.h"

namespace toolgate::vended {

// Of a gateway without a delivery. Made with the gateway, and again by the first record.
[[nodiscard]] std::string group_of(std::string_view gateway_id);
inline constexpr std::string_view stream_name = "BedrockAgentCoreGateway_ApplicationLogs";

// Takes records to where this process does not write itself. Called on the log's thread: brief.
class Carrier {
 public:
  virtual ~Carrier() = default;
  // False: it is dropped.
  virtual bool take(const DeliveryRef& delivery, std::int64_t at, std::string line) = 0;
  // At least once a second.
  virtual void tick() = 0;
  // Records that were taken and could not be brought. Any thread.
  [[nodiscard]] virtual std::uint64_t lost() const = 0;
};

class InvocationLog {
 public:
  // Everything outlives the log; `deliveries` and `carrier` may be null.
  struct Options {
    std::size_t threads = 1;
    journal::Journal* journal = nullptr;
    const Clock* clock = nullptr;
    const Deliveries* deliveries = nullptr;
    Carrier* carrier = nullptr;
    // Of what is queued; more is dropped until the second is over. 0: no bound.
    std::uint64_t bytes_per_second_max = 0;
    // A thread; a power of two. What is copied stays in the processor's cache.
    std::size_t queue_bytes = 1024 * 1024;
    std::chrono::milliseconds report_every{60'000};
  };
  explicit InvocationLog(Options options);
  // Writes what is queued.
  ~InvocationLog();

  // From thread `thread` only. Never waits, never fails: what cannot be taken is counted.
  void add(std::size_t thread, const Entry& entry);
  // The wall clock's milliseconds, for entries.
  [[nodiscard]] std::int64_t now() const { return milliseconds_of(options_.clock->now()); }

  // Any thread.
  [[nodiscard]] std::uint64_t written() const { return written_; }
  [[nodiscard]] std::uint64_t dropped() const;
  // Prometheus' text exposition format 0.0.4.
  [[nodiscard]] std::string exposition() const;

 private:
  struct alignas(64) Queue {
    explicit Queue(std::size_t bytes) : ring{bytes} {}
    Ring ring;
    std::atomic<std::uint64_t> dropped = 0;  // by the producer
  };
  using Lines = std::map<journal::GroupKey, std::vector<journal::Journal::Line>>;
  // Where records of the gateway that was heard of last go: most follow one of the same.
  struct Own {
    std::vector<journal::Journal::Line>* lines = nullptr;
    journal::GroupKey group;
    std::string gateway_id;
    std::string arn;
    [[nodiscard]] bool is_of(const Entry& entry) const;
  };

  void run();
  void read_deliveries();
  bool drain(Queue& queue, Lines& lines);
  void write(const Entry& entry, Lines& lines);
  void deliver(const Entry& entry, const Record& record, Lines& lines);
  void flush(Lines lines);
  void report();
  bool all_empty() const;
  void sleep(bool idle);

  const Options options_;
  std::vector<std::unique_ptr<Queue>> queues_;
  std::atomic<bool> shedding_ = false;
  std::atomic<std::uint64_t> written_ = 0;
  std::atomic<std::uint64_t> dropped_later_ = 0;  // behind the queues

  // The log's thread.
  Recorder recorder_;
  Own own_;
  std::shared_ptr<const Deliveries::Table> table_;
  std::int64_t second_ = 0;
  std::uint64_t second_bytes_ = 0;
  std::uint64_t reported_ = 0;
  std::chrono::steady_clock::time_point report_at_;
  // Gateways that were heard of since the last report: where a loss is told.
  std::map<journal::GroupKey, std::string> heard_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<bool> asleep_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace toolgate::vended
