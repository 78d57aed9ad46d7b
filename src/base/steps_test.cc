#include "base/steps.h"

#include <gtest/gtest.h>

namespace toolgate {
namespace {

Error error(std::string message) {
  return {.code = Code::upstream, .message = std::move(message), .detail = "secret"};
}

TEST(Steps, KeepsStepsInOrderWithTheirOutcome) {
  Steps steps;
  OneStep resolve{&steps, "resolve", "example.com"};
  resolve.ok("127.0.0.1");
  OneStep connect{&steps, "connect", "127.0.0.1:1"};
  connect.failed(error("connect: refused."));
  ASSERT_EQ(steps.all().size(), 2U);
  EXPECT_EQ(steps.all()[0].message, "127.0.0.1");
  EXPECT_EQ(steps.all()[0].outcome, Steps::Outcome::ok);
  ASSERT_NE(steps.failure(), nullptr);
  EXPECT_EQ(steps.failure()->name, "connect");
  EXPECT_EQ(steps.failure()->message, "connect: refused.");  // and not its detail
}

TEST(Steps, AStepThatFailsForTheOneBeforeIsNotReached) {
  Steps steps;
  OneStep handshake{&steps, "handshake", "http://x/"};
  OneStep connect{&steps, "connect", "x"};
  connect.failed(error("connect: refused."));
  handshake.failed(error("initialize handshake: connect: refused."));
  OneStep{&steps, "catalogue", ""}.failed(error("Failed. initialize handshake: connect: refused."));
  OneStep{&steps, "other", ""}.failed(error("another reason"));
  ASSERT_EQ(steps.all().size(), 4U);
  EXPECT_EQ(steps.all()[1].outcome, Steps::Outcome::not_reached);
  EXPECT_EQ(steps.all()[2].outcome, Steps::Outcome::not_reached);
  EXPECT_EQ(steps.all()[3].outcome, Steps::Outcome::failed);
}

TEST(Steps, IsBoundedButNeverLosesAFailure) {
  Steps steps;
  for (std::size_t i = 0; i < Steps::count_max + 5; ++i) {
    OneStep{&steps, "tool", "x"}.ended(Steps::Outcome::left_out, "too long");
  }
  OneStep{&steps, "tools", ""}.failed(error(std::string(10'000, 'x')));
  EXPECT_EQ(steps.all().size(), Steps::count_max + 1);
  EXPECT_EQ(steps.dropped(), 5U);
  ASSERT_NE(steps.failure(), nullptr);
  EXPECT_EQ(steps.failure()->message.size(), Steps::message_bytes_max);
}

TEST(OneStep, WithoutStepsDoesNothing) {
  OneStep step{nullptr, "resolve", "x"};
  step.ok();
  step.failed(error("no"));
}

}  // namespace
}  // namespace toolgate
