// Encrypt, Decrypt, ReEncrypt.
#include <fmt/format.h>

#include "crypto/hash.h"
#include "services/kms/material.h"
#include "services/kms/rotation.h"
#include "services/kms/signing.h"

namespace toolgate::services::kms {
namespace {

using aws::Answer;
using aws::Call;

constexpr std::string_view algorithm = "SYMMETRIC_DEFAULT";

Result<std::string> bytes_of(const Call& call, std::string_view member) {
  const auto text = aws::text_if(call, member);
  if (!text) {
    return refuse(Code::invalid, "ValidationException", fmt::format("{}: required", member));
  }
  return crypto::from_base64(*text);
}

Result<void> check_algorithm(const Call& call, std::string_view member) {
  const auto given = aws::text_if(call, member);
  if (!given || *given == algorithm) return {};
  return refuse(
      Code::invalid, "InvalidKeyUsageException",
      fmt::format("{}: {}; keys of this server encrypt with {}", member, *given, algorithm));
}

Result<void> refuse_unserved(const Call& call) {
  TRY_DO(refuse_grants(call));
  if (json::find(call.input, "Recipient") != nullptr) {
    return refuse(Code::invalid, "UnsupportedOperationException",
                  "Recipient: attestation is not served by this server");
  }
  return {};
}

Task<Result<Answer>> encrypt_text(Kms& kms, Call& call, net::Worker&) {
  CO_TRY_DO(refuse_unserved(call));
  CO_TRY_DO(check_algorithm(call, "EncryptionAlgorithm"));
  CO_TRY(const auto plain, bytes_of(call, "Plaintext"));
  CO_TRY(Key loaded, co_await load_key(kms, call, Aliases::too));
  CO_TRY_DO(check_encrypts(loaded));
  CO_TRY_DO(end_dry_run(call));
  CO_TRY(const Key key, co_await rotated(kms, std::move(loaded), call.now));
  CO_TRY(const auto blob, encrypt(kms, key, plain, json::find(call.input, "EncryptionContext")));
  co_return Answer{JsonObject{{"CiphertextBlob", crypto::base64(blob)},
                              {"KeyId", key.arn()},
                              {"EncryptionAlgorithm", algorithm}},
                   {}};
}

// A ciphertext that was opened.
struct Opened {
  Key key;
  std::string plain;
};
struct Source {
  std::string_view key_member;
  std::string_view context_member;
  std::string_view action = {};
};
Task<Result<Opened>> open(Kms& kms, const Call& call, Source source) {
  CO_TRY(const auto blob, bytes_of(call, "CiphertextBlob"));
  const auto origin = origin_of(blob);
  const auto named = aws::text_if(call, source.key_member);
  if (!origin) co_return invalid_ciphertext();
  auto loaded = co_await load_key(kms, call, named.value_or(origin->key_id),
                                  named ? Aliases::too : Aliases::no, std::string{source.action});
  // A key that is gone, or another account's: nothing is said of it.
  if (!loaded && !named && loaded.error().code == Code::not_found) co_return invalid_ciphertext();
  if (!loaded) co_return std::unexpected(loaded.error());
  if (loaded->id() != origin->key_id) {
    co_return refuse(Code::invalid, "IncorrectKeyException",
                     "The key ID in the request does not identify the KMS key that the ciphertext "
                     "was encrypted with.");
  }
  CO_TRY_DO(check_encrypts(*loaded));
  CO_TRY(auto plain, decrypt(kms, *loaded, blob, json::find(call.input, source.context_member)));
  CO_TRY_DO(end_dry_run(call));
  co_return Opened{.key = *std::move(loaded), .plain = std::move(plain)};
}

Task<Result<Answer>> decrypt_text(Kms& kms, Call& call, net::Worker&) {
  CO_TRY_DO(refuse_unserved(call));
  CO_TRY_DO(check_algorithm(call, "EncryptionAlgorithm"));
  CO_TRY(const auto opened, co_await open(kms, call, {"KeyId", "EncryptionContext"}));
  co_return Answer{JsonObject{{"KeyId", opened.key.arn()},
                              {"Plaintext", crypto::base64(opened.plain)},
                              {"EncryptionAlgorithm", algorithm}},
                   {}};
}

Task<Result<Answer>> re_encrypt(Kms& kms, Call& call, net::Worker&) {
  CO_TRY_DO(refuse_unserved(call));
  CO_TRY_DO(check_algorithm(call, "SourceEncryptionAlgorithm"));
  CO_TRY_DO(check_algorithm(call, "DestinationEncryptionAlgorithm"));
  CO_TRY(const auto opened,
         co_await open(kms, call, {"SourceKeyId", "SourceEncryptionContext", "ReEncryptFrom"}));
  CO_TRY(Key loaded, co_await load_key(kms, call, aws::text(call, "DestinationKeyId"), Aliases::too,
                                       "ReEncryptTo"));
  CO_TRY_DO(check_encrypts(loaded));
  CO_TRY(const Key key, co_await rotated(kms, std::move(loaded), call.now));
  CO_TRY(const auto blob,
         encrypt(kms, key, opened.plain, json::find(call.input, "DestinationEncryptionContext")));
  co_return Answer{JsonObject{{"CiphertextBlob", crypto::base64(blob)},
                              {"SourceKeyId", opened.key.arn()},
                              {"KeyId", key.arn()},
                              {"SourceEncryptionAlgorithm", algorithm},
                              {"DestinationEncryptionAlgorithm", algorithm}},
                   {}};
}

}  // namespace

void add_cipher_operations(Kms& kms, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(kms, "Encrypt", encrypt_text));
  rows.push_back(aws::row(kms, "Decrypt", decrypt_text));
  rows.push_back(aws::row(kms, "ReEncrypt", re_encrypt));
}

}  // namespace toolgate::services::kms
