#include "crypto/seal.h"

#include <gtest/gtest.h>

namespace toolgate::crypto {
namespace {

TEST(SealKey, IsOf32Bytes) {
  EXPECT_EQ(SealKey::from_bytes(std::string(31, 'k')).error().code, Code::invalid);
  EXPECT_EQ(SealKey::from_bytes(std::string(33, 'k')).error().code, Code::invalid);
  EXPECT_EQ(SealKey::from_bytes(std::string(32, 'k')).value().bytes(), std::string(32, 'k'));
  EXPECT_NE(SealKey::random().bytes(), SealKey::random().bytes());
}

TEST(SealKey, CanBeCopiedAndAssigned) {
  SealKey key = SealKey::random();
  const SealKey copy = key;
  EXPECT_EQ(copy.bytes(), key.bytes());
  const SealKey other = SealKey::random();
  key = other;
  EXPECT_EQ(key.bytes(), other.bytes());
}

TEST(Seal, GivesBackWhatWasSealed) {
  const SealKey key = SealKey::random();
  for (const std::string& plain : {std::string{}, std::string{"x"}, std::string(100'000, 'y')}) {
    const std::string sealed = seal(key, plain, "place");
    EXPECT_EQ(sealed.size(), 12 + plain.size() + 16);
    EXPECT_EQ(unseal(key, sealed, "place").value(), plain);
  }
  EXPECT_EQ(unseal(key, seal(key, "x", {}), {}).value(), "x");
}

TEST(Seal, NeverGivesTheSameTwice) {
  const SealKey key = SealKey::random();
  EXPECT_NE(seal(key, "x", ""), seal(key, "x", ""));
}

TEST(Unseal, RefusesAnotherKeyOrPlace) {
  const SealKey key = SealKey::random();
  const std::string sealed = seal(key, "secret", "gateway/a");
  EXPECT_EQ(unseal(SealKey::random(), sealed, "gateway/a").error().code, Code::denied);
  EXPECT_EQ(unseal(key, sealed, "gateway/b").error().code, Code::denied);
  EXPECT_EQ(unseal(key, sealed, "").error().code, Code::denied);
}

TEST(Unseal, RefusesEveryChangedByteAndEveryShorterText) {
  const SealKey key = SealKey::random();
  const std::string sealed = seal(key, "secret", "p");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_EQ(unseal(key, changed, "p").error().code, Code::denied) << i;
    EXPECT_EQ(unseal(key, sealed.substr(0, i), "p").error().code, Code::denied) << i;
  }
  EXPECT_FALSE(unseal(key, sealed + "x", "p"));
  EXPECT_TRUE(unseal(key, sealed, "p"));
}

TEST(Unseal, ReadsWhatAnotherImplementationSealed) {  // made with Python's cryptography
  const SealKey key = SealKey::from_bytes(std::string(32, 'k')).value();
  const std::string body{
      "\xe8\x57\x86\xd9\x7f\x94\xf1\xbc\x34\x50\x99\x84\x78"
      "\x9c\x4d\xec\x85\x23\xcf\x88\x60\x5c\x91\x04\x97\x5d",
      26};
  EXPECT_EQ(unseal(key, std::string(12, 'n') + body, "context").value(), "plain text");
}

}  // namespace
}  // namespace toolgate::crypto
