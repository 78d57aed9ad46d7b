#include "base/turns.h"

#include <sched.h>
#include <unistd.h>

#include <cstdint>
#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/syscall.h>

namespace toolgate {
namespace {

int niceness() { return ::getpriority(PRIO_PROCESS, 0); }

// On a thread of its own: what is nicer cannot be less nice again without privileges.
template <class Work>
void on_a_thread(Work work) {
  std::thread{work}.join();
}

TEST(Turns, GiveWayMakesThisThreadNicerAndNoOther) {
  const int before = niceness();
  on_a_thread([before] {
    give_way(19);
    EXPECT_EQ(niceness(), 19);
    EXPECT_LE(before, 19);
  });
  EXPECT_EQ(niceness(), before);
}

TEST(Turns, AThreadThatIsNicerAlreadyStaysSo) {
  on_a_thread([] {
    ASSERT_EQ(::setpriority(PRIO_PROCESS, 0, 19), 0);
    give_way(10);
    EXPECT_EQ(niceness(), 19);
  });
}

// sched_setattr(2)'s struct, up to the length of turns: Linux 6.12 and later tell it.
struct Scheduling {
  std::uint32_t size, policy;
  std::uint64_t flags;
  std::int32_t nice;
  std::uint32_t priority;
  std::uint64_t turn_ns, deadline_ns, period_ns;
};
Scheduling scheduling() {
  Scheduling now{};
  EXPECT_EQ(::syscall(SYS_sched_getattr, 0, &now, sizeof now, 0), 0);
  return now;
}

TEST(Turns, ShortTurnsKeepTheShareOfTheCore) {
  on_a_thread([] {
    const int before = niceness();
    ASSERT_EQ(::setpriority(PRIO_PROCESS, 0, before + 3), 0);
    const bool told = scheduling().turn_ns > 0;
    take_short_turns();
    offer_turn();
    EXPECT_EQ(niceness(), before + 3);
    if (told) EXPECT_EQ(scheduling().turn_ns, 100'000U);
  });
}

TEST(Turns, WhoRunsWhenNobodyElseDoesStaysSo) {
  on_a_thread([] {
    const sched_param none{};
    ASSERT_EQ(::sched_setscheduler(0, SCHED_IDLE, &none), 0);
    take_short_turns();
    give_way(15);
    EXPECT_EQ(scheduling().policy, static_cast<std::uint32_t>(SCHED_IDLE));
  });
}

}  // namespace
}  // namespace toolgate
