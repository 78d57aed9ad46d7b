// The operations on a store in memory, called as the door calls them: also what takes days.
#include <algorithm>
#include <optional>

#include <gtest/gtest.h>

#include "aws/test_calls.h"
#include "crypto/hash.h"
#include "json/members.h"
#include "services/kms/material.h"
#include "store/memory/memory_store.h"

namespace toolgate::services::kms {
namespace {

using namespace std::chrono_literals;

class KmsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    secrets_.emplace(*calls_.run(store::Secrets::open(*store_, crypto::SealKey::random())));
    const auto may = [this](const aws::Call&, std::string action,
                            std::string arn) -> Task<Result<void>> {
      return answer(std::move(action), std::move(arn));
    };
    kms_.emplace(Kms{*store_, *secrets_, may});
    add_key_operations(*kms_, rows_);
    add_state_operations(*kms_, rows_);
    add_cipher_operations(*kms_, rows_);
    add_data_key_operations(*kms_, rows_);
    add_alias_operations(*kms_, rows_);
    add_policy_operations(*kms_, rows_);
    add_rotation_operations(*kms_, rows_);
    key_ = made(must("CreateKey", {}));
  }

  Task<Result<void>> answer(std::string action, std::string arn) {
    asked_.push_back(action + " " + arn);
    if (refused_ == action) co_return fail(Code::denied, "not allowed");
    co_return Result<void>{};
  }
  Result<Json> call(std::string_view operation, JsonObject input) {
    return calls_.answer(rows_, calls_.call_of("kms", operation, std::move(input)));
  }
  Json must(std::string_view operation, JsonObject input) {
    auto output = call(operation, std::move(input));
    EXPECT_TRUE(output) << operation << ": " << output.error().message;
    return output.value_or(Json{});
  }
  std::string refusal(std::string_view operation, JsonObject input) {
    const auto output = call(operation, std::move(input));
    return output ? "" : output.error().name;
  }
  static std::string made(const Json& answer) {
    return json::member(answer, "KeyMetadata", "KeyId");
  }
  std::string sealed(std::string_view text, const std::string& key) {
    const Json answer = must("Encrypt", {{"KeyId", key}, {"Plaintext", crypto::base64(text)}});
    return json::member(answer, "CiphertextBlob");
  }
  std::string state() {
    return std::string{
        json::find_string(must("DescribeKey", {{"KeyId", key_}}), "KeyMetadata", "KeyState")
            .value_or("")};
  }

  aws::testing::Calls calls_;
  ManualClock& clock_ = calls_.clock();
  std::unique_ptr<store::Store> store_ = store::make_memory_store(clock_);
  std::optional<store::Secrets> secrets_;
  std::optional<Kms> kms_;
  std::vector<aws::Operation> rows_;
  std::vector<std::string> asked_;
  std::string refused_;
  std::string key_;
};

}  // namespace

TEST_F(KmsTest, ADisabledKeyNeitherEncryptsNorDecrypts) {
  const std::string blob = sealed("words", key_);
  must("DisableKey", {{"KeyId", key_}});
  EXPECT_EQ(refusal("Decrypt", {{"CiphertextBlob", blob}}), "DisabledException");
  EXPECT_EQ(refusal("Encrypt", {{"KeyId", key_}, {"Plaintext", "eA=="}}), "DisabledException");
  EXPECT_EQ(refusal("GenerateDataKey", {{"KeyId", key_}, {"KeySpec", "AES_256"}}),
            "DisabledException");
  must("EnableKey", {{"KeyId", key_}});
  EXPECT_EQ(json::find_string(must("Decrypt", {{"CiphertextBlob", blob}}), "Plaintext"),
            crypto::base64("words"));
}

TEST_F(KmsTest, ADeletionThatIsCancelledLeavesTheKeyDisabled) {
  must("ScheduleKeyDeletion", {{"KeyId", key_}, {"PendingWindowInDays", 7}});
  EXPECT_EQ(state(), "PendingDeletion");
  EXPECT_EQ(refusal("EnableKey", {{"KeyId", key_}}), "KMSInvalidStateException");
  EXPECT_EQ(refusal("Encrypt", {{"KeyId", key_}, {"Plaintext", "eA=="}}),
            "KMSInvalidStateException");
  must("CancelKeyDeletion", {{"KeyId", key_}});
  EXPECT_EQ(state(), "Disabled");
}

TEST_F(KmsTest, ADeletedKeyIsGoneWhenItsTimeIsOver) {
  const std::string blob = sealed("words", key_);
  must("ScheduleKeyDeletion", {{"KeyId", key_}, {"PendingWindowInDays", 7}});
  clock_.move(7 * 24h - 1s);
  EXPECT_EQ(state(), "PendingDeletion");
  clock_.move(2s);
  EXPECT_EQ(refusal("DescribeKey", {{"KeyId", key_}}), "NotFoundException");
  EXPECT_EQ(refusal("Decrypt", {{"CiphertextBlob", blob}}), "InvalidCiphertextException");
}

TEST_F(KmsTest, RotatesAtTheFirstUseAfterItsPeriod) {
  must("EnableKeyRotation", {{"KeyId", key_}, {"RotationPeriodInDays", 90}});
  const auto material = [&](const std::string& blob) {
    return origin_of(crypto::from_base64(blob).value_or(""))->material_id;
  };
  const std::string before = sealed("words", key_);
  clock_.move(89 * 24h);
  EXPECT_EQ(material(sealed("words", key_)), material(before));
  clock_.move(48h);
  const std::string after = sealed("words", key_);
  EXPECT_NE(material(after), material(before));
  for (const auto& blob : {before, after}) {
    EXPECT_EQ(json::find_string(must("Decrypt", {{"CiphertextBlob", blob}}), "Plaintext"),
              crypto::base64("words"));
  }
}

TEST_F(KmsTest, ACiphertextBelongsToItsKeyAndContext) {
  const Json answer = must("Encrypt", {{"KeyId", key_},
                                       {"Plaintext", "eA=="},
                                       {"EncryptionContext", JsonObject{{"a", "1"}, {"b", "2"}}}});
  const std::string blob = json::member(answer, "CiphertextBlob");
  must("Decrypt",
       {{"CiphertextBlob", blob}, {"EncryptionContext", JsonObject{{"b", "2"}, {"a", "1"}}}});
  for (const JsonObject& wrong : {JsonObject{}, JsonObject{{"a", "1"}}, JsonObject{{"a", "1b"}},
                                  JsonObject{{"a", "2"}, {"b", "1"}}}) {
    EXPECT_EQ(refusal("Decrypt", {{"CiphertextBlob", blob}, {"EncryptionContext", wrong}}),
              "InvalidCiphertextException");
  }
  const std::string other = made(must("CreateKey", {}));
  EXPECT_EQ(refusal("Decrypt", {{"CiphertextBlob", blob}, {"KeyId", other}}),
            "IncorrectKeyException");
}

TEST_F(KmsTest, AsksThePermissionOfTheKeyThatAnAliasMeans) {
  must("CreateAlias", {{"AliasName", "alias/shop"}, {"TargetKeyId", key_}});
  asked_.clear();
  sealed("words", "alias/shop");
  EXPECT_EQ(asked_,
            std::vector<std::string>{"kms:Encrypt arn:aws:kms:us-east-1:123456789012:key/" + key_});
  refused_ = "kms:Encrypt";
  const auto refused = call("Encrypt", {{"KeyId", "alias/shop"}, {"Plaintext", "eA=="}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::denied);
}

TEST_F(KmsTest, RefusesAPolicyThatLocksEverybodyOut) {
  const std::string_view policy =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*",)"
      R"("Principal":{"AWS":"arn:aws:iam::999999999999:root"}}]})";
  EXPECT_EQ(refusal("PutKeyPolicy", {{"KeyId", key_}, {"Policy", policy}}),
            "MalformedPolicyDocumentException");
  must("PutKeyPolicy",
       {{"KeyId", key_}, {"Policy", policy}, {"BypassPolicyLockoutSafetyCheck", true}});
  EXPECT_EQ(json::find_string(must("GetKeyPolicy", {{"KeyId", key_}}), "Policy"), policy);
}

}  // namespace toolgate::services::kms
