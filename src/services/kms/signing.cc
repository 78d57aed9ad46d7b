// Sign, Verify, GetPublicKey.
#include "services/kms/signing.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "crypto/hash.h"
#include "crypto/key_pair.h"
#include "json/members.h"
#include "services/kms/material.h"

namespace toolgate::services::kms {
namespace {

using aws::Answer;
using aws::Call;

constexpr std::array<std::string_view, 6> of_rsa{
    "RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PKCS1_V1_5_SHA_384", "RSASSA_PKCS1_V1_5_SHA_512",
    "RSASSA_PSS_SHA_256",        "RSASSA_PSS_SHA_384",        "RSASSA_PSS_SHA_512"};
constexpr std::array<std::string_view, 1> of_p256{"ECDSA_SHA_256"};
constexpr std::array<std::string_view, 1> of_p384{"ECDSA_SHA_384"};
constexpr std::array<std::string_view, 1> of_p521{"ECDSA_SHA_512"};

// AWS KMS developer guide, "Key spec reference".
constexpr std::array specs{
    SigningSpec{"RSA_2048", "RSA-2048", of_rsa},    SigningSpec{"RSA_3072", "RSA-3072", of_rsa},
    SigningSpec{"RSA_4096", "RSA-4096", of_rsa},    SigningSpec{"ECC_NIST_P256", "P-256", of_p256},
    SigningSpec{"ECC_NIST_P384", "P-384", of_p384}, SigningSpec{"ECC_NIST_P521", "P-521", of_p521},
};

// "RSASSA_PSS_SHA_256" is "PS256" in RFC 7518 §3.1.
std::string jwt_name(std::string_view algorithm) {
  const std::string_view bits = algorithm.substr(algorithm.size() - 3);
  if (algorithm.starts_with("ECDSA_")) return fmt::format("ES{}", bits);
  return fmt::format("{}{}", algorithm.starts_with("RSASSA_PSS_") ? "PS" : "RS", bits);
}

std::string spec_of(const Key& key) { return json::member(Json(key.body), "metadata", "KeySpec"); }

std::unexpected<Error> wrong_usage(std::string message) {
  return refuse(Code::invalid, "InvalidKeyUsageException", std::move(message));
}

Result<crypto::KeyPair> pair_of(const Kms& kms, const Key& key) {
  TRY(const std::string der, unsealed_material(kms, key, current_material(key)));
  return crypto::KeyPair::from_der(der);
}

Result<void> check_signs(const Key& key) {
  TRY_DO(check_usable(key));
  if (signs(key)) return {};
  return wrong_usage(fmt::format("{} key usage is ENCRYPT_DECRYPT, not SIGN_VERIFY.", key.arn()));
}

Result<void> check_algorithm(const Key& key, std::string_view algorithm) {
  const auto& spec = *find_signing_spec(spec_of(key));
  if (std::ranges::find(spec.algorithms, algorithm) != spec.algorithms.end()) return {};
  return wrong_usage(
      fmt::format("Algorithm {} is incompatible with key spec {}.", algorithm, spec.name));
}

// What Sign and Verify have in common: key and message, checked.
struct Asked {
  Key key;
  crypto::KeyPair pair;
  std::string algorithm;  // as given
  std::string message;
  bool is_hash = false;
};
Task<Result<Asked>> read(Kms& kms, const Call& call) {
  CO_TRY_DO(refuse_grants(call));
  Asked asked;
  asked.algorithm = aws::text(call, "SigningAlgorithm");
  const auto type = aws::text_if(call, "MessageType").value_or("RAW");
  if (type == "EXTERNAL_MU") co_return wrong_usage("MessageType: EXTERNAL_MU is for ML-DSA keys");
  asked.is_hash = type == "DIGEST";
  CO_TRY(asked.message, crypto::from_base64(aws::text(call, "Message")));
  CO_TRY(asked.key, co_await load_key(kms, call, Aliases::too));
  CO_TRY_DO(check_signs(asked.key));
  CO_TRY_DO(check_algorithm(asked.key, asked.algorithm));
  CO_TRY(asked.pair, pair_of(kms, asked.key));
  co_return asked;
}

Task<Result<Answer>> sign(Kms& kms, Call& call, net::Worker&) {
  CO_TRY(const Asked asked, co_await read(kms, call));
  CO_TRY_DO(end_dry_run(call));
  const auto signature = asked.pair.sign(jwt_name(asked.algorithm),
                                         {.bytes = asked.message, .is_hash = asked.is_hash});
  if (!signature) {
    co_return refuse(Code::invalid, "ValidationException", signature.error().message);
  }
  co_return Answer{JsonObject{{"KeyId", asked.key.arn()},
                              {"Signature", crypto::base64(*signature)},
                              {"SigningAlgorithm", asked.algorithm}},
                   {}};
}

Task<Result<Answer>> verify(Kms& kms, Call& call, net::Worker&) {
  CO_TRY(const Asked asked, co_await read(kms, call));
  CO_TRY_DO(end_dry_run(call));
  CO_TRY(const std::string signature, crypto::from_base64(aws::text(call, "Signature")));
  const auto fits = asked.pair.verify(
      jwt_name(asked.algorithm), {.bytes = asked.message, .is_hash = asked.is_hash}, signature);
  if (!fits) co_return refuse(Code::invalid, "ValidationException", fits.error().message);
  if (!*fits) {
    co_return refuse(Code::invalid, "KMSInvalidSignatureException",
                     "The signature is not this key's over this message.");
  }
  co_return Answer{JsonObject{{"KeyId", asked.key.arn()},
                              {"SignatureValid", true},
                              {"SigningAlgorithm", asked.algorithm}},
                   {}};
}

Task<Result<Answer>> get_public_key(Kms& kms, Call& call, net::Worker&) {
  CO_TRY_DO(refuse_grants(call));
  CO_TRY(const Key key, co_await load_key(kms, call, Aliases::too));
  if (!signs(key)) {
    co_return refuse(Code::invalid, "UnsupportedOperationException",
                     fmt::format("{} is symmetric: it has no public key.", key.arn()));
  }
  CO_TRY_DO(check_usable(key));
  CO_TRY(const crypto::KeyPair pair, pair_of(kms, key));
  const Json body = key.body;
  const std::string spec = spec_of(key);
  co_return Answer{
      JsonObject{{"KeyId", key.arn()},
                 {"PublicKey", crypto::base64(pair.public_der())},
                 {"CustomerMasterKeySpec", spec},
                 {"KeySpec", spec},
                 {"KeyUsage", "SIGN_VERIFY"},
                 {"SigningAlgorithms", *json::find(body, "metadata", "SigningAlgorithms")}},
      {}};
}

}  // namespace

const SigningSpec* find_signing_spec(std::string_view name) {
  const auto found = std::ranges::find(specs, name, &SigningSpec::name);
  return found != specs.end() ? &*found : nullptr;
}

bool signs(const Key& key) { return find_signing_spec(spec_of(key)) != nullptr; }

Result<void> check_encrypts(const Key& key) {
  TRY_DO(check_usable(key));
  if (!signs(key)) return {};
  return wrong_usage(fmt::format("{} key usage is SIGN_VERIFY, not ENCRYPT_DECRYPT.", key.arn()));
}

Result<void> check_rotates(const Key& key) {
  TRY_DO(check_usable(key));
  if (!signs(key)) return {};
  return refuse(Code::invalid, "UnsupportedOperationException",
                fmt::format("{} is asymmetric: it is not rotated.", key.arn()));
}

Task<Result<std::string>> sign_jwt(Kms& kms, ToSign wanted, Time now) {
  const auto wrong = [&](std::string_view why) {
    return fail(Code::invalid, fmt::format("KMS key {}: {}", wanted.key_arn, why));
  };
  const std::string prefix = fmt::format("arn:aws:kms:{}:{}:key/", wanted.region, wanted.account);
  if (!wanted.key_arn.starts_with(prefix)) co_return wrong("is not in this account and region");
  CO_TRY(const auto key, co_await find_key(kms,
                                           {.account = wanted.account,
                                            .region = wanted.region,
                                            .kind = std::string{kind_key},
                                            .id = wanted.key_arn.substr(prefix.size())},
                                           now));
  if (!key) co_return wrong("does not exist");
  if (const auto may = check_signs(*key); !may) co_return wrong(may.error().message);
  CO_TRY(const crypto::KeyPair pair, pair_of(kms, *key));
  const auto der = pair.sign(wanted.algorithm, {.bytes = wanted.input});
  if (!der) {
    co_return wrong(
        fmt::format("a key of spec {} does not sign {}", spec_of(*key), wanted.algorithm));
  }
  co_return crypto::jwt_signature(wanted.algorithm, *der);
}

void add_signing_operations(Kms& kms, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(kms, "GetPublicKey", get_public_key));
  rows.push_back(aws::row(kms, "Sign", sign));
  rows.push_back(aws::row(kms, "Verify", verify));
}

}  // namespace toolgate::services::kms
