// GenerateDataKey, GenerateDataKeyWithoutPlaintext, GenerateRandom.
#include <fmt/format.h>

#include "crypto/hash.h"
#include "services/kms/material.h"
#include "services/kms/rotation.h"
#include "services/kms/signing.h"

namespace toolgate::services::kms {
namespace {

using aws::Answer;
using aws::Call;

constexpr std::int64_t aes_256_bytes = 32;
constexpr std::int64_t aes_128_bytes = 16;

Result<std::size_t> size_of(const Call& call) {
  const auto spec = aws::text_if(call, "KeySpec");
  const auto bytes = json::find_int(call.input, "NumberOfBytes");
  if (spec.has_value() == bytes.has_value()) {
    return refuse(Code::invalid, "ValidationException",
                  "Please specify either number of bytes or key spec.");
  }
  const auto size = bytes.value_or(spec == "AES_128" ? aes_128_bytes : aes_256_bytes);
  return static_cast<std::size_t>(size);
}

Result<void> refuse_recipient(const Call& call) {
  if (json::find(call.input, "Recipient") == nullptr) return {};
  return refuse(Code::invalid, "UnsupportedOperationException",
                "Recipient: attestation is not served by this server");
}

enum class Plaintext : unsigned char { shown, hidden };

Task<Result<Answer>> generate(Kms& kms, const Call& call, Plaintext plaintext) {
  CO_TRY_DO(refuse_grants(call));
  CO_TRY_DO(refuse_recipient(call));
  CO_TRY(const std::size_t size, size_of(call));
  CO_TRY(Key loaded, co_await load_key(kms, call, Aliases::too));
  CO_TRY_DO(check_encrypts(loaded));
  if (json::find_bool(call.input, "DryRun").value_or(false)) {
    co_return refuse(Code::conflict, "DryRunOperationException",
                     "The request would have succeeded, but the DryRun option is set.");
  }
  CO_TRY(const Key key, co_await rotated(kms, std::move(loaded), call.now));
  const std::string bytes = crypto::random_bytes(size);
  CO_TRY(const auto blob, encrypt(kms, key, bytes, json::find(call.input, "EncryptionContext")));
  JsonObject output{{"CiphertextBlob", crypto::base64(blob)}, {"KeyId", key.arn()}};
  if (plaintext == Plaintext::shown) output["Plaintext"] = crypto::base64(bytes);
  co_return Answer{std::move(output), {}};
}

Task<Result<Answer>> generate_data_key(Kms& kms, Call& call, net::Worker&) {
  co_return co_await generate(kms, call, Plaintext::shown);
}

Task<Result<Answer>> generate_data_key_without_plaintext(Kms& kms, Call& call, net::Worker&) {
  co_return co_await generate(kms, call, Plaintext::hidden);
}

Task<Result<Answer>> generate_random(Kms&, Call& call, net::Worker&) {
  CO_TRY_DO(refuse_recipient(call));
  if (const auto custom = aws::text_if(call, "CustomKeyStoreId")) {
    co_return refuse(Code::not_found, "CustomKeyStoreNotFoundException",
                     fmt::format("There is no custom key store {}.", *custom));
  }
  const auto size = json::find_int(call.input, "NumberOfBytes");
  if (!size) {
    co_return refuse(Code::invalid, "ValidationException", "NumberOfBytes: required");
  }
  const auto bytes = crypto::random_bytes(static_cast<std::size_t>(*size));
  co_return Answer{JsonObject{{"Plaintext", crypto::base64(bytes)}}, {}};
}

}  // namespace

void add_data_key_operations(Kms& kms, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(kms, "GenerateDataKey", generate_data_key));
  rows.push_back(
      aws::row(kms, "GenerateDataKeyWithoutPlaintext", generate_data_key_without_plaintext));
  rows.push_back(aws::row(kms, "GenerateRandom", generate_random));
}

}  // namespace toolgate::services::kms
