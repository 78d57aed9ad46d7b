#include "crypto/key_pair.h"

#include <gtest/gtest.h>

#include "crypto/hash.h"

namespace toolgate::crypto {
namespace {

TEST(KeyPair, VerifiesWhatItSignedAndNothingElse) {
  const struct {
    std::string_view spec;
    std::vector<std::string_view> algorithms;
  } table[] = {{"RSA-2048", {"RS256", "PS256", "RS512", "PS384"}},
               {"P-256", {"ES256"}},
               {"P-384", {"ES384"}},
               {"P-521", {"ES512"}}};
  for (const auto& [spec, algorithms] : table) {
    const KeyPair made = KeyPair::generate(spec);
    const KeyPair pair = KeyPair::from_der(made.private_der()).value();
    EXPECT_EQ(pair.public_der(), made.public_der());
    for (const auto algorithm : algorithms) {
      const std::string signature = made.sign(algorithm, {.bytes = "text"}).value();
      EXPECT_TRUE(pair.verify(algorithm, {.bytes = "text"}, signature).value()) << algorithm;
      EXPECT_FALSE(pair.verify(algorithm, {.bytes = "texts"}, signature).value()) << algorithm;
      EXPECT_FALSE(pair.verify(algorithm, {.bytes = "text"}, "no signature").value());
    }
    EXPECT_EQ(made.sign(spec == "P-256" ? "RS256" : "ES256", {.bytes = "t"}).has_value(), false);
  }
}

TEST(KeyPair, TakesAHashOfTheRightLength) {
  const KeyPair pair = KeyPair::generate("P-256");
  const std::string hash = sha256("text");
  const std::string signature = pair.sign("ES256", {.bytes = hash, .is_hash = true}).value();
  EXPECT_TRUE(pair.verify("ES256", {.bytes = "text"}, signature).value());
  EXPECT_FALSE(pair.sign("ES256", {.bytes = hash.substr(1), .is_hash = true}));
}

TEST(KeyPair, RefusesWhatIsNoKey) { EXPECT_FALSE(KeyPair::from_der("nothing")); }

TEST(JwtSignature, IsTwoNumbersForACurve) {
  const KeyPair pair = KeyPair::generate("P-521");
  const std::string der = pair.sign("ES512", {.bytes = "text"}).value();
  EXPECT_EQ(jwt_signature("ES512", der).value().size(), 132);
  EXPECT_FALSE(jwt_signature("ES512", "nothing"));
  EXPECT_EQ(jwt_signature("RS256", "as it is").value(), "as it is");
}

}  // namespace
}  // namespace toolgate::crypto
