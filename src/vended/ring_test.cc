#include "vended/ring.h"

#include <cstring>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace toolgate::vended {
namespace {

bool push(Ring& ring, const std::string& text) {
  char* const to = ring.prepare(text.size());
  if (to == nullptr) return false;
  std::memcpy(to, text.data(), text.size());
  ring.push();
  return true;
}

TEST(Ring, GivesBackInOrder) {
  Ring ring{1024};
  EXPECT_TRUE(ring.empty());
  EXPECT_FALSE(ring.front());
  ASSERT_TRUE(push(ring, "one"));
  ASSERT_TRUE(push(ring, ""));
  EXPECT_EQ(*ring.front(), "one");
  EXPECT_EQ(*ring.front(), "one");
  ring.pop();
  EXPECT_EQ(*ring.front(), "");
  ring.pop();
  EXPECT_TRUE(ring.empty());
}

TEST(Ring, TakesNothingThatDoesNotFit) {
  Ring ring{256};
  EXPECT_FALSE(push(ring, std::string(256, 'x')));
  int taken = 0;
  while (push(ring, std::string(20, 'x'))) ++taken;
  EXPECT_EQ(taken, 256 / 24);
  ring.front();
  ring.pop();
  EXPECT_TRUE(push(ring, std::string(20, 'y')));
  EXPECT_FALSE(push(ring, std::string(20, 'z')));
}

TEST(Ring, KeepsEveryByteAcrossTwoThreads) {
  Ring ring{4096};
  constexpr int count = 200'000;
  const auto text_of = [](int i) {
    return std::to_string(i) + std::string(static_cast<std::size_t>(i % 300), 'p');
  };
  std::thread producer{[&] {
    for (int i = 0; i < count; ++i) {
      while (!push(ring, text_of(i))) std::this_thread::yield();
    }
  }};
  for (int i = 0; i < count; ++i) {
    while (ring.empty()) std::this_thread::yield();
    ASSERT_EQ(*ring.front(), text_of(i));
    ring.pop();
  }
  producer.join();
}

}  // namespace
}  // namespace toolgate::vended
