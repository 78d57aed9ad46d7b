#include "crypto/sigv4_chunks.h"

#include <fmt/format.h>

#include "crypto/hash.h"
#include "crypto/sigv4_canonical.h"

namespace toolgate::crypto {

ChunkSignatures::ChunkSignatures(const SignatureClaim& claim, std::string_view secret_access_key)
    : key_{signing_key({.date = claim.date, .region = claim.region, .service = claim.service},
                       secret_access_key)},
      time_and_scope_{fmt::format("{}\n{}/{}/{}/{}", iso_time(claim.signed_at), claim.date,
                                  claim.region, claim.service, scope_end)},
      previous_{claim.signature} {}

std::string ChunkSignatures::next_chunk(std::string_view hash) {
  return next(fmt::format("AWS4-HMAC-SHA256-PAYLOAD\n{}\n{}\n{}\n{}", time_and_scope_, previous_,
                          sha256_hex(""), hash));
}

std::string ChunkSignatures::trailer(std::string_view hash) {
  return next(
      fmt::format("AWS4-HMAC-SHA256-TRAILER\n{}\n{}\n{}", time_and_scope_, previous_, hash));
}

std::string ChunkSignatures::next(std::string to_sign) {
  previous_ = hex(hmac_sha256(key_, to_sign));
  return previous_;
}

}  // namespace toolgate::crypto
