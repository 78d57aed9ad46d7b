// X.509 certificates that we make: an authority of our own, and server certificates under it
// (RFC 5280). ECDSA P-256 throughout.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace toolgate::crypto {

// A server's certificate and its key.
struct Certificate {
  std::string chain_pem;  // leaf first
  std::string key_pem;    // PKCS#8, not encrypted
  Time expires;
};

// What an authority may vouch for: names and what is below them, and blocks of addresses. It is
// written into the authority's certificate, critical (RFC 5280 §4.2.1.10), so that who trusts the
// authority trusts it for nothing else.
struct NameConstraints {
  std::vector<std::string> domains;   // "amazonaws.com"
  std::vector<std::string> networks;  // "127.0.0.0/255.0.0.0"
};

// Immutable, any thread.
class CertificateAuthority {
 public:
  // Valid for ten years from an hour before `now`, so that a clock that is a little slow takes it.
  static CertificateAuthority make(std::string_view common_name, const NameConstraints& names,
                                   Time now);
  // Fails with Code::invalid when either is no PEM, the certificate is no authority's, or the key
  // is not its own.
  static Result<CertificateAuthority> from_pem(std::string_view certificate_pem,
                                               std::string_view key_pem);

  [[nodiscard]] const std::string& certificate_pem() const;
  [[nodiscard]] std::string key_pem() const;  // seal it before it is stored
  [[nodiscard]] Time begins() const;
  [[nodiscard]] Time expires() const;
  // What the certificate's critical name constraints say, as OpenSSL prints them.
  [[nodiscard]] std::string constraints() const;

  // A certificate with a new key for host names ("sts.us-east-1.amazonaws.com") and addresses
  // ("127.0.0.1", "::1"), 30 days from an hour before `now`, never longer than the authority's own.
  // Fails with Code::invalid when the list is empty or holds what is neither (wildcards are not).
  [[nodiscard]] Result<Certificate> issue(const std::vector<std::string>& names, Time now) const;

 private:
  struct Impl;
  explicit CertificateAuthority(std::shared_ptr<const Impl> impl) : impl_{std::move(impl)} {}
  std::shared_ptr<const Impl> impl_;
};

// True for a host name as DNS writes it (RFC 1123, and the underscore that exists in practice):
// labels of 1 to 63 letters, digits, '-' and '_', 253 characters in all, no dot at the end.
[[nodiscard]] bool is_host_name(std::string_view text);

}  // namespace toolgate::crypto
