#include "store/page_token.h"

#include "crypto/hash.h"

namespace toolgate::store {
namespace {

constexpr std::size_t signature_bytes = 16;

}  // namespace

// Key parts hold no NUL (store/rules.h), so it separates them without doubt.
std::string PageTokens::signature(const Key& prefix, std::string_view last_id) const {
  std::string text = "page token 1";
  for (const std::string_view part :
       {std::string_view{prefix.account}, std::string_view{prefix.region},
        std::string_view{prefix.kind}, std::string_view{prefix.id}, last_id}) {
    text += '\0';
    text += part;
  }
  return crypto::hmac_sha256(key_, text).substr(0, signature_bytes);
}

std::string PageTokens::make(const Key& prefix, std::string_view last_id) const {
  return crypto::base64url(signature(prefix, last_id).append(last_id));
}

Result<std::string> PageTokens::read(const Key& prefix, std::string_view token) const {
  const auto bytes = crypto::from_base64url(token);
  if (!bytes || bytes->size() < signature_bytes) {
    return fail(Code::invalid, "the page token is malformed");
  }
  auto last_id = bytes->substr(signature_bytes);
  const auto wanted = signature(prefix, last_id);
  if (!crypto::equal_in_constant_time(bytes->substr(0, signature_bytes), wanted)) {
    return fail(Code::invalid, "the page token does not belong to this list");
  }
  return last_id;
}

}  // namespace toolgate::store
