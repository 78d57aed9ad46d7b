#include "credentials/client_assertion.h"

#include <gtest/gtest.h>

#include "crypto/jwt.h"
#include "net/test_loop.h"

namespace toolgate::credentials {
namespace {

class Recorder final : public KeySigner {
 public:
  Task<Result<std::string>> sign(Wanted wanted) const override {
    last = std::move(wanted);
    co_return std::string{"signature"};
  }
  Task<Result<void>> may_sign(const identity::Principal&, model::Place,
                              std::string) const override {
    co_return Result<void>{};
  }
  mutable Wanted last;
};

Result<AssertionKey> read(std::string_view text) {
  return read_assertion_key(*json::parse(text), "p");
}

constexpr std::string_view source =
    R"("privateKeySource":{"kmsKeySource":{"kmsKeyArn":"arn:aws:kms:r:1:key/k"}})";

TEST(ReadAssertionKey, RefusesClaimsThatAreTheServicesOwn) {
  const struct {
    std::string_view more;
    std::string_view path;
  } table[] = {{R"(,"additionalHeaderClaims":{"alg":"none"})", "p.additionalHeaderClaims.alg"},
               {R"(,"additionalPayloadClaims":{"iss":"x"})", "p.additionalPayloadClaims.iss"},
               {R"(,"additionalPayloadClaims":{"exp":"9"})", "p.additionalPayloadClaims.exp"}};
  for (const auto& [more, path] : table) {
    const auto key = read('{' + std::string{source} + std::string{more} + '}');
    ASSERT_FALSE(key) << more;
    EXPECT_EQ(key.error().fields.at(0).path, path);
  }
  const auto none = read("{}");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().fields.at(0).path, "p.privateKeySource.kmsKeySource.kmsKeyArn");
}

TEST(ClientAssertion, SaysWhoAndToWhomAndIsNeverTheSame) {
  const auto key = read('{' + std::string{source} +
                        R"(,"signingAlgorithm":"ES256","additionalHeaderClaims":{"kid":"k1"},)"
                        R"("additionalPayloadClaims":{"org":"o"}})");
  ASSERT_TRUE(key) << key.error().message;
  net::testing::TestLoop loop;
  const Recorder signer;
  const auto make = [&] {
    return loop.run(client_assertion({.key = *key,
                                      .place = {.account = "1", .region = "r"},
                                      .client_id = "me",
                                      .audience = "https://as/token"},
                                     &signer, Time{std::chrono::seconds{1'000'000}}));
  };
  const auto token = make();
  ASSERT_TRUE(token);
  EXPECT_EQ(signer.last.key_arn, "arn:aws:kms:r:1:key/k");
  EXPECT_EQ(signer.last.algorithm, "ES256");
  const auto jwt = crypto::parse_jwt(*token);
  ASSERT_TRUE(jwt) << jwt.error().message;
  EXPECT_EQ(jwt->signing_input, signer.last.input);
  EXPECT_EQ(jwt->signature, "signature");
  EXPECT_EQ(json::print(jwt->header), R"({"alg":"ES256","typ":"JWT","kid":"k1"})");
  EXPECT_EQ(json::find_string(jwt->claims, "iss"), "me");
  EXPECT_EQ(json::find_string(jwt->claims, "sub"), "me");
  EXPECT_EQ(json::find_string(jwt->claims, "aud"), "https://as/token");
  EXPECT_EQ(json::find_string(jwt->claims, "org"), "o");
  EXPECT_EQ(json::find_int(jwt->claims, "iat"), 1'000'000 - 30);
  EXPECT_EQ(json::find_int(jwt->claims, "exp"), 1'000'000 + 300);
  EXPECT_NE(*make(), *token);
}

TEST(ClientAssertion, FailsWhereNoKeySigns) {
  const auto key = read('{' + std::string{source} + '}');
  net::testing::TestLoop loop;
  EXPECT_FALSE(loop.run(client_assertion(
      {.key = *key, .place = {}, .client_id = "", .audience = ""}, nullptr, Time{})));
}

}  // namespace
}  // namespace toolgate::credentials
