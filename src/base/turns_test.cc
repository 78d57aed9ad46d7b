#include "base/turns.h"

#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>

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

TEST(Turns, ShortTurnsKeepTheShareOfTheCore) {
  on_a_thread([] {
    ASSERT_EQ(::setpriority(PRIO_PROCESS, 0, 19), 0);
    take_short_turns();
    offer_turn();
    EXPECT_EQ(niceness(), 19);
  });
}

}  // namespace
}  // namespace toolgate
