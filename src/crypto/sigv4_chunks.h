// The signatures of a payload that comes in chunks: each is over its chunk and the one before it,
// the first over the request's own. Source: "Signature calculations for the Authorization header:
// transferring a payload in multiple chunks", S3 API.
#pragma once

#include <string>
#include <string_view>

#include "crypto/sigv4.h"

namespace toolgate::crypto {

class ChunkSignatures {
 public:
  // `claim` was verified with this secret.
  ChunkSignatures(const SignatureClaim& claim, std::string_view secret_access_key);

  // The signature, in hex, that the next chunk must have; `hash` is the hex SHA-256 of its bytes.
  [[nodiscard]] std::string next_chunk(std::string_view hash);
  // The one behind the last chunk; `hash` is that of the lines "name:value\n".
  [[nodiscard]] std::string trailer(std::string_view hash);

 private:
  std::string next(std::string to_sign);

  std::string key_;
  std::string time_and_scope_;
  std::string previous_;
};

}  // namespace toolgate::crypto
