#include "gateway/breaker.h"

#include <gtest/gtest.h>

#include "targets/target.h"

namespace toolgate::gateway {
namespace {

using namespace std::chrono_literals;

Error error(Code code, std::string name = {}) {
  return {.code = code, .message = "connect: refused", .name = std::move(name)};
}
const Error refused = error(Code::unavailable, "connect");
const Breaker::Settings three{.failures = 3, .longest_seconds = 4, .first = 1s};
const Deadline start = Deadline{} + 1'000h;

// One that has just closed the way.
struct Open {
  Breaker breaker;
  Open() {
    EXPECT_FALSE(breaker.failed(refused, three, start));
    EXPECT_FALSE(breaker.failed(refused, three, start));
    EXPECT_TRUE(breaker.failed(refused, three, start));
  }
};

TEST(Breaker, LetsCallsThroughUntilARowOfFailures) {
  Breaker breaker;
  EXPECT_FALSE(breaker.troubled());
  for (int i = 0; i < 10; ++i) {
    breaker.failed(refused, three, start);
    breaker.failed(refused, three, start);
    EXPECT_TRUE(breaker.troubled());
    EXPECT_TRUE(breaker.admit("t", start));
    EXPECT_FALSE(breaker.answered());
    EXPECT_FALSE(breaker.troubled());
  }
}

TEST(Breaker, SaysSinceWhenWhyAndUntilWhen) {
  Open open;
  const auto no = open.breaker.admit("orders", start + 200ms);
  ASSERT_FALSE(no);
  EXPECT_EQ(no.error().code, Code::unavailable);
  EXPECT_EQ(no.error().name, circuit_open_name);
  EXPECT_NE(
      no.error().message.find("Target orders was not called: its last 3 calls failed, since "),
      std::string::npos);
  EXPECT_NE(no.error().message.find("it could not be reached. It is tried again in 1 s."),
            std::string::npos);
  EXPECT_EQ(no.error().detail, "connect: refused");
}

TEST(Breaker, LetsOneCallTryWhenTheBackOffHasPassed) {
  Open open;
  EXPECT_TRUE(open.breaker.admit("t", start + 1s));
  EXPECT_FALSE(open.breaker.admit("t", start + 1s));
  // It fails: twice as long, and at most the longest.
  EXPECT_FALSE(open.breaker.failed(refused, three, start + 1s));
  EXPECT_FALSE(open.breaker.admit("t", start + 2900ms));
  EXPECT_TRUE(open.breaker.admit("t", start + 3s));
  open.breaker.failed(refused, three, start + 3s);
  EXPECT_TRUE(open.breaker.admit("t", start + 7s));
  open.breaker.failed(refused, three, start + 7s);
  EXPECT_TRUE(open.breaker.admit("t", start + 11s));
  EXPECT_TRUE(open.breaker.answered());
  EXPECT_TRUE(open.breaker.admit("t", start + 11s));
  EXPECT_FALSE(open.breaker.troubled());
}

TEST(Breaker, ATryThatNeverEndsDoesNotKeepTheWayClosed) {
  Open open;
  EXPECT_TRUE(open.breaker.admit("t", start + 1s));
  EXPECT_TRUE(open.breaker.admit("t", start + 2s));
}

TEST(Breaker, CallsThatWereUnderWayDoNotLengthenTheBackOff) {
  Open open;
  for (int i = 0; i < 5; ++i) open.breaker.failed(refused, three, start + 500ms);
  EXPECT_TRUE(open.breaker.admit("t", start + 1s));
}

TEST(Breaker, CanBeOff) {
  Breaker breaker;
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(breaker.failed(refused, {.failures = 0}, start));
  EXPECT_FALSE(breaker.troubled());
}

TEST(IsOutage, KnowsWhatATargetHasAnswered) {
  EXPECT_TRUE(is_outage(error(Code::unavailable, "connect")));
  EXPECT_TRUE(is_outage(error(Code::timeout)));
  EXPECT_TRUE(is_outage(error(Code::upstream, "read")));
  EXPECT_TRUE(is_outage(error(Code::upstream, "TLS")));
  EXPECT_TRUE(is_outage(error(Code::upstream, std::string{targets::server_error_name})));
  for (const Code code :
       {Code::upstream, Code::invalid, Code::denied, Code::unauthenticated, Code::not_found,
        Code::throttled, Code::too_large, Code::cancelled, Code::internal}) {
    EXPECT_FALSE(is_outage(error(code))) << name_of(code);
  }
}

}  // namespace
}  // namespace toolgate::gateway
