#include "credentials/provider.h"

#include <algorithm>

#include <fmt/format.h>

#include "store/envelope.h"

namespace toolgate::credentials {
namespace {

std::string context_of(const store::Key& key, std::string_view member) {
  return fmt::format("{}/{}/{}/{}/{}", key.kind, key.account, key.region, key.id, member);
}

}  // namespace

std::string seal_member(const store::Secrets& secrets, const store::Key& key,
                        std::string_view member, std::string_view secret) {
  return secrets.seal(secret, context_of(key, member));
}

Result<std::string> unseal_member(const store::Secrets& secrets, const store::Document& document,
                                  const Json& body, std::string_view member) {
  TRY_DO(store::check_open(body));  // the token vault's KMS key
  const auto sealed = json::find_string(body, member);
  if (!sealed) {
    return fail(Code::internal,
                fmt::format("credential provider '{}' has no secret", document.key.id));
  }
  auto secret = secrets.unseal(*sealed, context_of(document.key, member));
  if (!secret) {
    return fail(Code::internal,
                fmt::format("the secret of credential provider '{}' cannot be unsealed; was the "
                            "master key replaced?",
                            document.key.id),
                secret.error().message);
  }
  return secret;
}

bool fits_header(std::string_view text) {
  return std::ranges::none_of(text, [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
}

}  // namespace toolgate::credentials
