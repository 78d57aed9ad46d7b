#include "functions/slots.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "net/test_loop.h"

namespace toolgate::functions {
namespace {

using namespace std::chrono_literals;
using Held = std::vector<std::shared_ptr<Slots::Slot>>;

struct Wish {
  std::string function;
  std::size_t limit = 1;
  std::chrono::milliseconds patience = 60s;
};

// What each call got, in the order in which it got it.
struct Bench {
  explicit Bench(Slots::Bounds bounds) : slots{std::make_shared<Slots>(bounds)} {}

  void begin(std::string name, Wish wish) {
    boost::asio::co_spawn(io, asking(*this, std::move(name), std::move(wish)),
                          boost::asio::detached);
  }
  void ask(std::string name, Wish wish) {
    begin(std::move(name), std::move(wish));
    net::testing::settle(io);
  }
  static Task<void> asking(Bench& bench, std::string name, Wish wish) {
    auto slot = co_await bench.slots->take(wish.function, wish.limit, within(wish.patience));
    bench.order.push_back(slot ? name : name + " refused");
    if (slot) bench.held.push_back(*std::move(slot));
  }
  void give_back() {
    held.erase(held.begin());
    net::testing::settle(io);
  }

  boost::asio::io_context io;
  std::shared_ptr<Slots> slots;
  std::vector<std::string> order;
  Held held;
};

using Names = std::vector<std::string>;

TEST(Slots, AreGivenInOrderOfArrival) {
  Bench bench{{.running_count_max = 8, .waiting_count_max = 8}};
  for (const auto* name : {"1", "2", "3", "4"}) bench.ask(name, {.function = "f", .limit = 2});
  EXPECT_EQ(bench.order, (Names{"1", "2"}));
  bench.give_back();
  EXPECT_EQ(bench.order, (Names{"1", "2", "3"}));
  bench.give_back();
  EXPECT_EQ(bench.order, (Names{"1", "2", "3", "4"}));
  EXPECT_EQ(bench.slots->running(), 2U);
  bench.held.clear();
  EXPECT_EQ(bench.slots->running(), 0U);
}

TEST(Slots, OfOneFunctionDoNotHoldUpAnother) {
  Bench bench{{.running_count_max = 2, .waiting_count_max = 8}};
  bench.ask("a1", {.function = "a"});
  bench.ask("a2", {.function = "a"});
  bench.ask("b1", {.function = "b"});
  EXPECT_EQ(bench.order, (Names{"a1", "b1"}));
  bench.ask("c1", {.function = "c"});  // the overall bound
  EXPECT_EQ(bench.order.size(), 2U);
  bench.give_back();
  EXPECT_EQ(bench.order.back(), "a2");
  bench.give_back();
  EXPECT_EQ(bench.order.back(), "c1");
}

TEST(Slots, RefuseWhenTooManyWaitOrTheTimeIsUp) {
  Bench bench{{.running_count_max = 1, .waiting_count_max = 1}};
  bench.ask("1", {.function = "f"});
  // All three ask before anything else runs: also before the second's time is up.
  bench.begin("2", {.function = "f", .patience = 300ms});
  bench.begin("3", {.function = "f"});
  bench.begin("4", {.function = "g", .limit = 0});
  net::testing::run_until(bench.io, [&] { return bench.order.size() == 4; });
  EXPECT_EQ(bench.order, (Names{"1", "3 refused", "4 refused", "2 refused"}));
  bench.give_back();
  EXPECT_EQ(bench.slots->running(), 0U);  // nothing was given to who has left
}

}  // namespace
}  // namespace toolgate::functions
