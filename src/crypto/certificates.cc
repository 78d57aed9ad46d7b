#include "crypto/certificates.h"

#include <algorithm>
#include <array>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/text.h"
#include "crypto/hash.h"
#include "crypto/openssl.h"

namespace toolgate::crypto {
namespace {

using OwnedCertificate = Owned<X509, X509_free>;
using OwnedExtension = Owned<X509_EXTENSION, X509_EXTENSION_free>;
using OwnedNames = Owned<GENERAL_NAMES, GENERAL_NAMES_free>;

constexpr auto authority_for = std::chrono::days{3650};
constexpr auto leaf_for = std::chrono::days{30};
constexpr auto clock_skew = std::chrono::hours{1};
constexpr std::size_t serial_bytes = 16;
constexpr std::size_t names_count_max = 16;

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio, &data);
  ASSERT(length >= 0);
  return {data, static_cast<std::size_t>(length)};
}

OwnedBio read_only(std::string_view text) {
  return OwnedBio{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

OwnedBio memory() { return OwnedBio{BIO_new(BIO_s_mem())}; }

// An encrypted key fails instead of asking on the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

std::string print(X509* certificate) {
  const auto bio = memory();
  ASSERT(PEM_write_bio_X509(bio.get(), certificate) == 1);
  return text_of(bio.get());
}

std::string print(EVP_PKEY* key) {
  const auto bio = memory();
  ASSERT(PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return text_of(bio.get());
}

OwnedKey new_key() {
  OwnedKey key{EVP_EC_gen("P-256")};
  ASSERT(key != nullptr);
  return key;
}

Time time_of(const ASN1_TIME* time) {
  tm parts{};
  ASSERT(ASN1_TIME_to_tm(time, &parts) == 1);
  return Time{std::chrono::seconds{timegm(&parts)}};
}

void set_validity(X509* certificate, Time from, Time until) {
  ASN1_TIME_set(X509_getm_notBefore(certificate), static_cast<time_t>(seconds_of(from)));
  ASN1_TIME_set(X509_getm_notAfter(certificate), static_cast<time_t>(seconds_of(until)));
}

void add(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const OwnedExtension extension{X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str())};
  ASSERT(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

// Version 3, a random serial number (RFC 5280 §4.1.2.2: positive, at most 20 bytes), a name.
OwnedCertificate new_certificate(EVP_PKEY* key, std::string_view common_name) {
  OwnedCertificate certificate{X509_new()};
  ASSERT(certificate != nullptr && X509_set_version(certificate.get(), X509_VERSION_3) == 1);
  std::string serial = random_bytes(serial_bytes);
  serial[0] = static_cast<char>((serial[0] & 0x7f) | 0x40);
  const OwnedNumber number{BN_bin2bn(bytes_of(serial), static_cast<int>(serial.size()), nullptr)};
  ASSERT(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get())) != nullptr);
  ASSERT(X509_set_pubkey(certificate.get(), key) == 1);
  ASSERT(X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate.get()), NID_commonName,
                                    MBSTRING_UTF8, bytes_of(common_name),
                                    static_cast<int>(common_name.size()), -1, 0) == 1);
  return certificate;
}

// 4 or 16 bytes of an address, or nothing.
std::string address_bytes(const std::string& text) {
  std::array<char, 16> bytes{};
  if (::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) return {bytes.data(), 4};
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return {bytes.data(), 16};
  return {};
}

// Not by OpenSSL's text form: the names come from outside.
Result<OwnedNames> general_names(const std::vector<std::string>& names) {
  OwnedNames all{sk_GENERAL_NAME_new_null()};
  for (const auto& name : names) {
    const auto address = address_bytes(name);
    if (address.empty() && !is_host_name(name)) {
      return fail(Code::invalid, "A certificate's name must be a host name or an address.");
    }
    ASN1_STRING* value =
        ASN1_STRING_type_new(address.empty() ? V_ASN1_IA5STRING : V_ASN1_OCTET_STRING);
    const std::string& bytes = address.empty() ? name : address;
    ASSERT(ASN1_STRING_set(value, bytes.data(), static_cast<int>(bytes.size())) == 1);
    GENERAL_NAME* one = GENERAL_NAME_new();
    GENERAL_NAME_set0_value(one, address.empty() ? GEN_DNS : GEN_IPADD, value);
    ASSERT(sk_GENERAL_NAME_push(all.get(), one) > 0);
  }
  return all;
}

}  // namespace

struct CertificateAuthority::Impl {
  OwnedCertificate certificate;
  OwnedKey key;
  std::string pem;
};

CertificateAuthority CertificateAuthority::make(std::string_view common_name,
                                                const NameConstraints& names, Time now) {
  auto key = new_key();
  auto certificate = new_certificate(key.get(), common_name);
  X509* const made = certificate.get();
  X509_set_issuer_name(made, X509_get_subject_name(made));
  set_validity(made, now - clock_skew, now + authority_for);
  std::string permitted = "critical";
  for (const auto& domain : names.domains) permitted += ",permitted;DNS:" + domain;
  for (const auto& network : names.networks) permitted += ",permitted;IP:" + network;
  add(made, made, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add(made, made, NID_key_usage, "critical,keyCertSign,cRLSign");
  add(made, made, NID_name_constraints, permitted);
  // Strict clients (Python 3.13) ask for both identifiers.
  add(made, made, NID_subject_key_identifier, "hash");
  add(made, made, NID_authority_key_identifier, "keyid:always");
  ASSERT(X509_sign(made, key.get(), fetched(Digest::sha256)) > 0);
  auto pem = print(made);
  return CertificateAuthority{
      std::make_shared<const Impl>(std::move(certificate), std::move(key), std::move(pem))};
}

Result<CertificateAuthority> CertificateAuthority::from_pem(std::string_view certificate_pem,
                                                            std::string_view key_pem) {
  const ClearErrors clear;
  const auto certificate_bio = read_only(certificate_pem);
  OwnedCertificate certificate{
      PEM_read_bio_X509(certificate_bio.get(), nullptr, no_passphrase, nullptr)};
  if (!certificate || X509_check_ca(certificate.get()) != 1) {
    return fail(Code::invalid, "The authority's certificate is no PEM of an authority.");
  }
  const auto key_bio = read_only(key_pem);
  OwnedKey key{PEM_read_bio_PrivateKey(key_bio.get(), nullptr, no_passphrase, nullptr)};
  if (!key || X509_check_private_key(certificate.get(), key.get()) != 1) {
    return fail(Code::invalid, "The authority's key is not the one of its certificate.");
  }
  auto pem = print(certificate.get());
  return CertificateAuthority{
      std::make_shared<const Impl>(std::move(certificate), std::move(key), std::move(pem))};
}

const std::string& CertificateAuthority::certificate_pem() const { return impl_->pem; }

std::string CertificateAuthority::key_pem() const { return print(impl_->key.get()); }

Time CertificateAuthority::begins() const {
  return time_of(X509_get0_notBefore(impl_->certificate.get()));
}

Time CertificateAuthority::expires() const {
  return time_of(X509_get0_notAfter(impl_->certificate.get()));
}

std::string CertificateAuthority::constraints() const {
  const int at = X509_get_ext_by_NID(impl_->certificate.get(), NID_name_constraints, -1);
  if (at < 0) return {};
  X509_EXTENSION* extension = X509_get_ext(impl_->certificate.get(), at);
  if (X509_EXTENSION_get_critical(extension) != 1) return {};
  const auto bio = memory();
  X509V3_EXT_print(bio.get(), extension, 0, 0);
  return text_of(bio.get());
}

Result<Certificate> CertificateAuthority::issue(const std::vector<std::string>& names,
                                                Time now) const {
  const ClearErrors clear;
  if (names.empty() || names.size() > names_count_max) {
    return fail(Code::invalid, "A certificate has 1 to 16 names.");
  }
  TRY(const auto alternatives, general_names(names));
  X509* const authority = impl_->certificate.get();
  const auto key = new_key();
  // Without a dot: some readers hold a common name that looks like a host name against the
  // authority's constraints, and it is at most 64 characters long.
  const auto certificate = new_certificate(key.get(), "toolgate");
  X509* const made = certificate.get();
  X509_set_issuer_name(made, X509_get_subject_name(authority));
  const Time until = std::min<Time>(now + leaf_for, expires());
  set_validity(made, now - clock_skew, until);
  ASSERT(X509_add1_ext_i2d(made, NID_subject_alt_name, alternatives.get(), 0, 0) == 1);
  add(made, authority, NID_basic_constraints, "critical,CA:FALSE");
  add(made, authority, NID_key_usage, "critical,digitalSignature");
  add(made, authority, NID_ext_key_usage, "serverAuth");
  add(made, authority, NID_subject_key_identifier, "hash");
  add(made, authority, NID_authority_key_identifier, "keyid:always");
  ASSERT(X509_sign(made, impl_->key.get(), fetched(Digest::sha256)) > 0);
  return Certificate{.chain_pem = print(made),
                     .key_pem = print(key.get()),
                     .expires = time_of(X509_get0_notAfter(made))};
}

bool is_host_name(std::string_view text) {
  constexpr std::size_t name_bytes_max = 253;
  constexpr std::size_t label_bytes_max = 63;
  if (text.empty() || text.size() > name_bytes_max) return false;
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  };
  return std::ranges::all_of(split(text, '.'), [&](std::string_view label) {
    return !label.empty() && label.size() <= label_bytes_max && label.front() != '-' &&
           label.back() != '-' && std::ranges::all_of(label, good);
  });
}

}  // namespace toolgate::crypto
