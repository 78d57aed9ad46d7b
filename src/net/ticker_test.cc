#include "net/ticker.h"

#include <memory>
#include <vector>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <gtest/gtest.h>

namespace toolgate::net {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

class Alarm final : public Ticker::Watch {
 public:
  explicit Alarm(std::function<void()> act = [] {}) : act_{std::move(act)} {}
  int fired = 0;
  Deadline at;

 private:
  void on_deadline() override {
    ++fired;
    at = steady_clock::now();
    act_();
  }
  std::function<void()> act_;
};

// Runs `begin` on a context, and the context for `time`.
void run_for(steady_clock::duration time, const std::function<void(Ticker&)>& begin) {
  boost::asio::io_context io{1};
  boost::asio::steady_timer end{io, time};
  end.async_wait([&](auto) { io.stop(); });
  boost::asio::post(io, [&] { begin(Ticker::of(io)); });
  io.run();
}

TEST(Ticker, FiresOnceNotBeforeAndSoonAfter) {
  const auto begin = steady_clock::now();
  Alarm alarm;
  run_for(1s, [&](Ticker& ticker) { ticker.set(alarm, begin + 120ms); });
  EXPECT_EQ(alarm.fired, 1);
  EXPECT_GE(alarm.at, begin + 120ms);
  EXPECT_LT(alarm.at, begin + 900ms);
}

TEST(Ticker, FollowsADeadlineThatMovesBothWays) {
  const auto begin = steady_clock::now();
  Alarm later;
  Alarm sooner;
  Alarm cleared;
  run_for(1s, [&](Ticker& ticker) {
    ticker.set(later, begin + 60ms);
    ticker.set(later, begin + 300ms);
    ticker.set(sooner, begin + 1h);
    ticker.set(sooner, begin + 60ms);
    ticker.set(cleared, begin + 60ms);
    Ticker::clear(cleared);
  });
  EXPECT_EQ(later.fired, 1);
  EXPECT_GE(later.at, begin + 300ms);
  EXPECT_EQ(sooner.fired, 1);
  EXPECT_LT(sooner.at, later.at);
  EXPECT_EQ(cleared.fired, 0);
}

TEST(Ticker, BearsAlarmsThatDestroyEachOther) {
  std::vector<std::unique_ptr<Alarm>> alarms;
  int fired = 0;
  run_for(1s, [&](Ticker& ticker) {
    for (int i = 0; i < 5; ++i) {
      alarms.push_back(std::make_unique<Alarm>([&] {
        ++fired;
        alarms.clear();
      }));
      ticker.set(*alarms.back(), steady_clock::now() + 60ms);
    }
  });
  EXPECT_EQ(fired, 1);
}

TEST(Ticker, DoesNotKeepAContextRunning) {
  boost::asio::io_context io{1};
  Alarm alarm;
  boost::asio::post(io, [&] { Ticker::of(io).set(alarm, steady_clock::now() + 1h); });
  const auto begin = steady_clock::now();
  io.run();
  EXPECT_LT(steady_clock::now() - begin, 5s);
  // And goes on with the next run.
  boost::asio::steady_timer end{io, 1s};
  end.async_wait([](auto) {});
  boost::asio::post(io, [&] { Ticker::of(io).set(alarm, steady_clock::now() + 60ms); });
  io.restart();
  io.run();
  EXPECT_EQ(alarm.fired, 1);
}

TEST(Ticker, PrintsTheDate) {
  boost::asio::io_context io{1};
  const auto date = Ticker::of(io).date();
  ASSERT_EQ(date.size(), 29);
  EXPECT_EQ(date.substr(3, 2), ", ");
  EXPECT_TRUE(date.ends_with(" GMT"));
}

}  // namespace
}  // namespace toolgate::net
