#include "vended/invocation_log.h"

#include <fmt/format.h>
#include <sys/prctl.h>

#include "base/log.h"
#include "base/turns.h"
#include "model/kinds.h"

namespace toolgate::vended {
namespace {

using namespace std::chrono_literals;

// While entries come: long enough to write many at once, short enough to be live.
constexpr auto gather_for = 10ms;
constexpr auto idle_for = 1s;
constexpr auto settle_for = 200ms;
// The gateways' threads come first when there is too little processor for all.
constexpr int niceness = 10;
// Some 50 µs of work; a batch may be half a millisecond, and offering the core costs one.
constexpr std::size_t turn_bytes = 16 * 1024;
constexpr std::size_t heard_count_max = 1'000;

}  // namespace

std::string group_of(std::string_view gateway_id) {
  return fmt::format("/aws/bedrock-agentcore/gateways/{}", gateway_id);
}

InvocationLog::InvocationLog(Options options)
    : options_{options}, report_at_{std::chrono::steady_clock::now() + options.report_every} {
  for (std::size_t i = 0; i < options_.threads; ++i) {
    queues_.push_back(std::make_unique<Queue>(options_.queue_bytes));
  }
  thread_ = std::thread{[this] { run(); }};
}

InvocationLog::~InvocationLog() {
  {
    const std::scoped_lock lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void InvocationLog::add(std::size_t thread, const Entry& entry) {
  Queue& queue = *queues_[thread];
  char* const to =
      shedding_.load(std::memory_order_relaxed) ? nullptr : queue.ring.prepare(packed_size(entry));
  if (to == nullptr) {
    queue.dropped.store(queue.dropped.load(std::memory_order_relaxed) + 1,
                        std::memory_order_relaxed);
    return;
  }
  pack(entry, to);
  queue.ring.push();
  // The writer looks into the queues after it has said that it sleeps: one of us sees the other.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (asleep_.load(std::memory_order_relaxed)) {
    {
      const std::scoped_lock lock{mutex_};
      asleep_ = false;
    }
    wake_.notify_one();
  }
}

bool InvocationLog::all_empty() const {
  for (const auto& queue : queues_) {
    if (!queue->ring.empty()) return false;
  }
  return true;
}

void InvocationLog::sleep(bool idle) {
  std::unique_lock lock{mutex_};
  if (!idle) {
    wake_.wait_for(lock, gather_for, [this] { return stopping_; });
    return;
  }
  asleep_.store(true, std::memory_order_seq_cst);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (all_empty()) {
    wake_.wait_for(lock, idle_for, [this] { return stopping_ || !asleep_; });
  }
  asleep_ = false;
}

void InvocationLog::run() {
  ::prctl(PR_SET_NAME, "invocations", 0, 0, 0);
  give_way(niceness);
  for (bool last = false; !last;) {
    {
      const std::scoped_lock lock{mutex_};
      last = stopping_;
    }
    read_deliveries();
    const std::int64_t second = now() / 1000;
    if (second != second_) {
      second_ = second;
      second_bytes_ = 0;
      shedding_ = false;
    }
    Lines lines;
    bool any = false;
    for (const auto& queue : queues_) any = drain(*queue, lines) || any;
    flush(std::move(lines));
    if (options_.carrier != nullptr) options_.carrier->tick();
    if (last || std::chrono::steady_clock::now() >= report_at_) report();
    if (!last) sleep(!any);
  }
}

// What was said before an invocation holds for its records: while a change is being read they wait
// in their queues, for a moment.
void InvocationLog::read_deliveries() {
  if (options_.deliveries == nullptr) return;
  const auto until = std::chrono::steady_clock::now() + settle_for;
  while (!options_.deliveries->is_fresh() && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(1ms);
  }
  table_ = options_.deliveries->table();
}

bool InvocationLog::drain(Queue& queue, Lines& lines) {
  bool any = false;
  std::size_t turn = 0;  // bytes since the last offer
  // A queue's worth at a time, so that the others have their turn.
  for (std::size_t bytes = 0; bytes < options_.queue_bytes;) {
    const auto packed = queue.ring.front();
    if (!packed) break;
    any = true;
    bytes += packed->size();
    turn += packed->size();
    second_bytes_ += packed->size();
    if (options_.bytes_per_second_max > 0 && second_bytes_ > options_.bytes_per_second_max) {
      shedding_.store(true, std::memory_order_relaxed);
    }
    write(unpack(*packed), lines);
    queue.ring.pop();
    if (turn >= turn_bytes) {
      offer_turn();
      turn = 0;
    }
  }
  return any;
}

bool InvocationLog::Own::is_of(const Entry& entry) const {
  return lines != nullptr && gateway_id == entry.gateway_id && group.account == entry.account &&
         group.region == entry.region;
}

void InvocationLog::write(const Entry& entry, Lines& lines) {
  if (!own_.is_of(entry)) {
    own_ = {.lines = nullptr,
            .group = {.account = std::string{entry.account},
                      .region = std::string{entry.region},
                      .name = group_of(entry.gateway_id)},
            .gateway_id = std::string{entry.gateway_id},
            .arn = {}};
    own_.arn = model::gateway_arn({.account = own_.group.account, .region = own_.group.region},
                                  own_.gateway_id);
    own_.lines = &lines[own_.group];
    if (heard_.size() < heard_count_max) heard_.try_emplace(own_.group, own_.gateway_id);
  }
  Record record = recorder_.record(entry);
  if (table_ && !table_->empty()) deliver(entry, record, lines);
  own_.lines->push_back({.timestamp = entry.at, .text = std::move(record).print()});
}

void InvocationLog::deliver(const Entry& entry, const Record& record, Lines& lines) {
  const auto found = table_->find(own_.arn);
  if (found == table_->end()) return;
  for (const auto& delivery : found->second) {
    if (delivery->kind != Delivery::Kind::log_group) {
      const bool taken = options_.carrier != nullptr &&
                         options_.carrier->take(delivery, entry.at, record.print(delivery->fields));
      if (!taken) ++dropped_later_;
    } else if (delivery->group == own_.group) {
      continue;  // it has the whole record
    } else if (options_.journal->group(delivery->group)) {
      lines[delivery->group].push_back(
          {.timestamp = entry.at, .text = record.print(delivery->fields)});
    } else {
      ++dropped_later_;  // the group was deleted: it is not for us to make it again
    }
  }
}

void InvocationLog::flush(Lines lines) {
  own_.lines = nullptr;
  for (auto& [group, of_group] : lines) {
    const auto count = of_group.size();
    if (options_.journal->append(group, stream_name, std::move(of_group))) {
      written_ += count;
    } else {
      dropped_later_ += count;
    }
  }
}

std::uint64_t InvocationLog::dropped() const {
  std::uint64_t sum = dropped_later_ + (options_.carrier != nullptr ? options_.carrier->lost() : 0);
  for (const auto& queue : queues_) sum += queue->dropped.load(std::memory_order_relaxed);
  return sum;
}

// What was lost since the last time, in our log and in the groups that may have lost it.
void InvocationLog::report() {
  report_at_ = std::chrono::steady_clock::now() + options_.report_every;
  const auto heard = std::exchange(heard_, {});
  const auto total = dropped();
  const auto lost = total - std::exchange(reported_, total);
  if (lost == 0) return;
  log::warn(
      "invocation logs: {} records dropped, {} since the start: more than could be written or "
      "delivered in time",
      lost, total);
  Lines lines;
  for (const auto& [group, gateway_id] : heard) {
    const Entry of{
        .at = now(), .account = group.account, .region = group.region, .gateway_id = gateway_id};
    lines[group].push_back({.timestamp = of.at, .text = dropped_record(of, lost).print()});
  }
  flush(std::move(lines));
}

std::string InvocationLog::exposition() const {
  return fmt::format(
      "# HELP toolgate_invocation_log_records_total Records of invocations written or handed on\n"
      "# TYPE toolgate_invocation_log_records_total counter\n"
      "toolgate_invocation_log_records_total {}\n"
      "# HELP toolgate_invocation_log_dropped_total Records that could not be written in time\n"
      "# TYPE toolgate_invocation_log_dropped_total counter\n"
      "toolgate_invocation_log_dropped_total {}\n"
      "# HELP toolgate_journal_dropped_total Lines that the journal's disk did not take\n"
      "# TYPE toolgate_journal_dropped_total counter\n"
      "toolgate_journal_dropped_total {}\n",
      written(), dropped(), options_.journal->dropped());
}

}  // namespace toolgate::vended
