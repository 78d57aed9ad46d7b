#include "net/ticker.h"

#include <memory>
#include <vector>

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include "net/test_loop.h"

namespace toolgate::net {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using testing::patience;
using testing::run_until;

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

// Runs `begin` on a context until `fired`, and a moment more for what must not fire.
void run(const int& fired, const std::function<void(Ticker&)>& begin) {
  boost::asio::io_context io{1};
  const auto work = boost::asio::make_work_guard(io);
  boost::asio::post(io, [&] { begin(Ticker::of(io)); });
  run_until(io, [&] { return fired > 0; });
  io.run_for(500ms);
}

TEST(Ticker, FiresOnceNotBeforeAndSoonAfter) {
  const auto begin = steady_clock::now();
  Alarm alarm;
  run(alarm.fired, [&](Ticker& ticker) { ticker.set(alarm, begin + 120ms); });
  EXPECT_EQ(alarm.fired, 1);
  EXPECT_GE(alarm.at, begin + 120ms);
  EXPECT_LT(alarm.at, begin + 10s);
}

TEST(Ticker, FollowsADeadlineThatMovesBothWays) {
  const auto begin = steady_clock::now();
  Alarm later;
  Alarm sooner;
  Alarm cleared;
  run(later.fired, [&](Ticker& ticker) {
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
  run(fired, [&](Ticker& ticker) {
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
  io.run_for(patience);
  EXPECT_TRUE(io.stopped());
  // And goes on with the next run.
  boost::asio::post(io, [&] { Ticker::of(io).set(alarm, steady_clock::now() + 60ms); });
  EXPECT_TRUE(run_until(io, [&] { return alarm.fired == 1; }));
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
