#include "base/turns.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

#include <sys/resource.h>
#include <sys/syscall.h>

namespace toolgate {
namespace {

constexpr std::uint64_t turn_ns = 100'000;   // the least that Linux takes
constexpr std::uint64_t keep_policy = 0x08;  // SCHED_FLAG_KEEP_POLICY

// sched_setattr(2)'s struct, which libc does not have.
struct SchedulingAttributes {
  std::uint32_t size = sizeof(SchedulingAttributes);
  std::uint32_t policy = 0;
  std::uint64_t flags = keep_policy;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime_ns = 0;
  std::uint64_t deadline_ns = 0;
  std::uint64_t period_ns = 0;
};

// Linux has both for each thread, also where POSIX says "process".
int niceness_now() { return ::getpriority(PRIO_PROCESS, 0); }

bool set(int niceness) {
  SchedulingAttributes attributes{.nice = niceness, .runtime_ns = turn_ns};
  return ::syscall(SYS_sched_setattr, 0, &attributes, 0) == 0;
}

}  // namespace

// Where it may not be set, turns are as long as everybody's.
void take_short_turns() { set(niceness_now()); }

void give_way(int niceness) {
  thread_local int asked = 0;
  if (asked == niceness) return;
  asked = niceness;
  niceness = std::max(niceness, niceness_now());
  if (!set(niceness)) ::setpriority(PRIO_PROCESS, 0, niceness);
}

void offer_turn() { ::sched_yield(); }

}  // namespace toolgate
