// Public keys, as JWK and as PEM: what they verify.
#include <algorithm>
#include <atomic>
#include <optional>

#include <openssl/rsa.h>

#include "crypto/hash.h"
#include "crypto/jwt.h"
#include "crypto/jwt_algorithms.h"

namespace toolgate::crypto {

struct PublicKey::Impl {
  OwnedKey key;
  KeyKind kind = KeyKind::rsa;
  std::string id;
  std::string algorithm;     // of the JWK, or empty
  std::uint64_t serial = 0;  // unlike an address, never used again
};

namespace {

std::unexpected<Error> bad_key(std::string why) {
  return fail(Code::invalid, "key: " + std::move(why));
}

Result<std::string> member_bytes(const Json& jwk, std::string_view name) {
  const auto text = json::find_string(jwk, name);
  if (!text) return bad_key("no member \"" + std::string{name} + "\" that is a string");
  auto bytes = from_base64url(*text);
  if (!bytes || bytes->empty()) {
    return bad_key("\"" + std::string{name} + "\" is not base64url");
  }
  return *std::move(bytes);
}

OwnedKey key_of(const char* type, OSSL_PARAM_BLD* builder) {
  const OwnedParams params{OSSL_PARAM_BLD_to_param(builder)};
  const OwnedKeyContext context{EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr)};
  ASSERT(params != nullptr && context != nullptr);
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1) return nullptr;
  if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  return OwnedKey{key};
}

Result<OwnedKey> rsa_key(const Json& jwk) {
  TRY(const std::string modulus, member_bytes(jwk, "n"));
  TRY(const std::string exponent, member_bytes(jwk, "e"));
  if (modulus.size() > rsa_bits_max / 8 || exponent.size() > 8) return bad_key("too long");
  const OwnedNumber n{BN_bin2bn(bytes_of(modulus), static_cast<int>(modulus.size()), nullptr)};
  const OwnedNumber e{BN_bin2bn(bytes_of(exponent), static_cast<int>(exponent.size()), nullptr)};
  const OwnedParamBuilder builder{OSSL_PARAM_BLD_new()};
  ASSERT(n != nullptr && e != nullptr && builder != nullptr);
  if (BN_num_bits(n.get()) < rsa_bits_min) return bad_key("RSA needs at least 2048 bits");
  // An even number is no RSA modulus, and exponent 1 lets everyone sign.
  if (!BN_is_odd(n.get()) || !BN_is_odd(e.get()) || BN_is_one(e.get())) {
    return bad_key("no RSA key");
  }
  ASSERT(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1);
  ASSERT(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1);
  OwnedKey key = key_of("RSA", builder.get());
  if (key == nullptr) return bad_key("no RSA key");
  return key;
}

Result<OwnedKey> ec_key(const Json& jwk, const Curve& curve) {
  TRY(const std::string x, member_bytes(jwk, "x"));
  TRY(const std::string y, member_bytes(jwk, "y"));
  // RFC 7518 §6.2.1.2: the full length, leading zeros included.
  if (x.size() != curve.coordinate_bytes || y.size() != curve.coordinate_bytes) {
    return bad_key("a coordinate has the wrong length");
  }
  const std::string point = '\x04' + x + y;
  const OwnedParamBuilder builder{OSSL_PARAM_BLD_new()};
  ASSERT(builder != nullptr);
  ASSERT(OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.group,
                                         0) == 1);
  ASSERT(OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                          point.size()) == 1);
  OwnedKey key = key_of("EC", builder.get());
  if (key == nullptr) return bad_key("the point is not on the curve");
  return key;
}

Result<OwnedKey> ed25519_key(const Json& jwk) {
  TRY(const std::string x, member_bytes(jwk, "x"));
  OwnedKey key{EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, bytes_of(x), x.size())};
  if (key == nullptr) return bad_key("no Ed25519 key");
  return key;
}

// The members that say what the key may be used for (RFC 7517 §4.2 to §4.4).
Result<void> check_purpose(const Json& jwk) {
  if (const Json* use = json::find(jwk, "use"); use != nullptr && *use != Json("sig")) {
    return bad_key("\"use\" is not \"sig\"");
  }
  const Json* operations = json::find(jwk, "key_ops");
  if (operations == nullptr) return {};
  const JsonArray* list = operations->if_array();
  if (list == nullptr || std::ranges::find(*list, Json("verify")) == list->end()) {
    return bad_key("\"key_ops\" does not hold \"verify\"");
  }
  return {};
}

// Contexts that are ready to verify, of this thread's latest keys: setting one up anew would cost a
// fifth of an RSA verification. A context keeps its key alive, so there are few.
class ReadyContexts {
 public:
  EVP_PKEY_CTX* get(std::uint64_t serial, EVP_PKEY* key, const Algorithm& algorithm) {
    for (auto& ready : ready_) {
      if (ready.serial == serial && ready.algorithm == &algorithm) return ready.context.get();
    }
    OwnedKeyContext context{EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr)};
    ASSERT(context != nullptr);
    if (EVP_PKEY_verify_init(context.get()) != 1 || !configure(context.get(), algorithm)) {
      return nullptr;
    }
    Ready& slot = ready_[next_++ % ready_.size()];
    slot = {.serial = serial, .algorithm = &algorithm, .context = std::move(context)};
    return slot.context.get();
  }

 private:
  struct Ready {
    std::uint64_t serial = 0;
    const Algorithm* algorithm = nullptr;
    OwnedKeyContext context;
  };
  std::array<Ready, 16> ready_;
  std::size_t next_ = 0;
};

// JWS carries r ‖ s (RFC 7518 §3.4); OpenSSL wants DER.
std::optional<std::string> der_of(std::string_view signature, const Curve& curve) {
  const std::size_t half = curve.coordinate_bytes;
  if (signature.size() != 2 * half) return std::nullopt;
  const OwnedEcdsaSignature parts{ECDSA_SIG_new()};
  BIGNUM* r = BN_bin2bn(bytes_of(signature), static_cast<int>(half), nullptr);
  BIGNUM* s = BN_bin2bn(bytes_of(signature.substr(half)), static_cast<int>(half), nullptr);
  ASSERT(parts != nullptr && r != nullptr && s != nullptr);
  ASSERT(ECDSA_SIG_set0(parts.get(), r, s) == 1);  // owns r and s from here on
  const int length = i2d_ECDSA_SIG(parts.get(), nullptr);
  ASSERT(length > 0);
  std::string der(static_cast<std::size_t>(length), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_ECDSA_SIG(parts.get(), &out);
  return der;
}

bool verify_ed25519(EVP_PKEY* key, std::string_view signing_input, std::string_view signature) {
  thread_local const OwnedDigestContext context{EVP_MD_CTX_new()};
  ASSERT(context != nullptr);
  EVP_MD_CTX_reset(context.get());
  return EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key, nullptr) ==
             1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(),
                          bytes_of(signing_input), signing_input.size()) == 1;
}

}  // namespace

bool configure(EVP_PKEY_CTX* context, const Algorithm& algorithm) {
  if (EVP_PKEY_CTX_set_signature_md(context, fetched(algorithm.digest)) != 1) return false;
  if (algorithm.padding == Padding::none) return true;
  if (algorithm.padding == Padding::pkcs1) {
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
  }
  // RFC 7518 §3.5: MGF1 with the same hash, a salt as long as the hash.
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, fetched(algorithm.digest)) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

Result<PublicKey> PublicKey::from_jwk(const Json& jwk) {
  static std::atomic<std::uint64_t> last_serial{0};
  const ClearErrors clear;
  const auto type = json::find_string(jwk, "kty");
  if (!type) return bad_key("no member \"kty\" that is a string");
  TRY_DO(check_purpose(jwk));
  auto impl = std::make_shared<Impl>();
  const std::string_view curve_name = json::find_string(jwk, "crv").value_or("");
  const auto curve = std::ranges::find(curves, curve_name, &Curve::name);
  if (*type == "RSA") {
    TRY(impl->key, rsa_key(jwk));
  } else if (*type == "EC" && curve != curves.end()) {
    TRY(impl->key, ec_key(jwk, *curve));
    impl->kind = curve->kind;
  } else if (*type == "OKP" && curve_name == "Ed25519") {
    TRY(impl->key, ed25519_key(jwk));
    impl->kind = KeyKind::ed25519;
  } else {
    return bad_key("neither RSA, EC (P-256, P-384, P-521) nor OKP (Ed25519)");
  }
  for (const auto& [name, member] :
       {std::pair{"kid", &impl->id}, std::pair{"alg", &impl->algorithm}}) {
    if (json::find(jwk, name) == nullptr) continue;
    const auto text = json::find_string(jwk, name);
    if (!text) return bad_key("\"" + std::string{name} + "\" is no string");
    *member = *text;
  }
  impl->serial = ++last_serial;
  PublicKey key;
  key.impl_ = std::move(impl);
  return key;
}

const std::string& PublicKey::id() const { return impl_->id; }

bool PublicKey::fits(std::string_view algorithm) const {
  const Algorithm* row = find_algorithm(algorithm);
  return row != nullptr && row->kind == impl_->kind &&
         (impl_->algorithm.empty() || impl_->algorithm == algorithm);
}

bool PublicKey::verify(std::string_view algorithm, std::string_view signing_input,
                       std::string_view signature) const {
  if (!fits(algorithm)) return false;
  const ClearErrors clear;
  if (impl_->kind == KeyKind::ed25519) {
    return verify_ed25519(impl_->key.get(), signing_input, signature);
  }
  const Algorithm& row = *find_algorithm(algorithm);
  std::optional<std::string> der;
  if (const Curve* curve = find_curve(row.kind); curve != nullptr) {
    der = der_of(signature, *curve);
    if (!der) return false;
    signature = *der;
  }
  thread_local ReadyContexts contexts;
  EVP_PKEY_CTX* context = contexts.get(impl_->serial, impl_->key.get(), row);
  if (context == nullptr) return false;
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash;
  const std::size_t length = digest_to(row.digest, signing_input, hash.data());
  return EVP_PKEY_verify(context, bytes_of(signature), signature.size(), hash.data(), length) == 1;
}

}  // namespace toolgate::crypto
