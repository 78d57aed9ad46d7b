#include "crypto/certificates.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "crypto/openssl.h"

namespace toolgate::crypto {
namespace {

using OwnedCertificate = Owned<X509, X509_free>;
using OwnedStore = Owned<X509_STORE, X509_STORE_free>;
using OwnedStoreContext = Owned<X509_STORE_CTX, X509_STORE_CTX_free>;

const Time today{std::chrono::seconds{1'700'000'000}};
const NameConstraints rules{.domains = {"amazonaws.com", "localhost"},
                            .networks = {"127.0.0.0/255.0.0.0"}};

OwnedCertificate read(const std::string& pem) {
  const OwnedBio bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  return OwnedCertificate{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)};
}

// What a client that trusts the authority alone says of a server's certificate: X509_V_OK or why
// not.
int verdict(const CertificateAuthority& authority, const std::string& leaf_pem,
            const std::string& host, Time at) {
  const auto root = read(authority.certificate_pem());
  const auto leaf = read(leaf_pem);
  const OwnedStore store{X509_STORE_new()};
  X509_STORE_add_cert(store.get(), root.get());
  const OwnedStoreContext context{X509_STORE_CTX_new()};
  X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), nullptr);
  auto* parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_X509_STRICT);
  X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM_set_time(parameters, static_cast<time_t>(seconds_of(at)));
  if (X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) != 1) {
    X509_VERIFY_PARAM_set1_host(parameters, host.c_str(), 0);
  }
  X509_verify_cert(context.get());
  return X509_STORE_CTX_get_error(context.get());
}

int verdict_for(const std::string& name, const std::string& asked, Time at = today) {
  const auto authority = CertificateAuthority::make("test authority", rules, today);
  const auto leaf = authority.issue({name}, today);
  EXPECT_TRUE(leaf);
  return verdict(authority, leaf->chain_pem, asked, at);
}

TEST(CertificateAuthority, IssuesWhatAStrictClientTakes) {
  for (const auto* name : {"sts.us-east-1.amazonaws.com", "localhost", "127.0.0.1",
                           "a_b.s3.eu-west-1.amazonaws.com"}) {
    EXPECT_EQ(verdict_for(name, name), X509_V_OK) << name;
  }
}

TEST(CertificateAuthority, MakesACertificateForOneNameAlone) {
  EXPECT_EQ(verdict_for("sts.us-east-1.amazonaws.com", "iam.amazonaws.com"),
            X509_V_ERR_HOSTNAME_MISMATCH);
}

TEST(CertificateAuthority, IsNotTrustedBeyondItsConstraints) {
  for (const auto* name : {"example.com", "notamazonaws.com", "10.0.0.1"}) {
    EXPECT_EQ(verdict_for(name, name), X509_V_ERR_PERMITTED_VIOLATION) << name;
  }
  const auto authority = CertificateAuthority::make("test authority", rules, today);
  EXPECT_NE(authority.constraints().find("DNS:amazonaws.com"), std::string::npos);
}

TEST(CertificateAuthority, CertificatesExpireAfterThirtyDaysAndWithTheAuthority) {
  const std::string name = "sts.amazonaws.com";
  EXPECT_EQ(verdict_for(name, name, today + std::chrono::days{29}), X509_V_OK);
  EXPECT_EQ(verdict_for(name, name, today + std::chrono::days{31}), X509_V_ERR_CERT_HAS_EXPIRED);
  EXPECT_EQ(verdict_for(name, name, today - std::chrono::minutes{30}), X509_V_OK);
  const auto authority = CertificateAuthority::make("test authority", rules, today);
  const Time late = authority.expires() - std::chrono::days{1};
  EXPECT_EQ(authority.issue({name}, late)->expires, authority.expires());
}

TEST(CertificateAuthority, RefusesNamesThatAreNone) {
  const auto authority = CertificateAuthority::make("test authority", rules, today);
  const std::vector<std::vector<std::string>> bad{{},
                                                  {""},
                                                  {"*.amazonaws.com"},
                                                  {"a b.amazonaws.com"},
                                                  {"a..amazonaws.com"},
                                                  {std::string{"a\0.amazonaws.com", 16}},
                                                  {std::string(300, 'a')},
                                                  {"-a.amazonaws.com"},
                                                  {"a,DNS:example.com"}};
  for (const auto& names : bad) {
    const auto made = authority.issue(names, today);
    ASSERT_FALSE(made) << (names.empty() ? "" : names.front());
    EXPECT_EQ(made.error().code, Code::invalid);
  }
}

TEST(CertificateAuthority, IsTheSameWhenReadAgain) {
  const auto authority = CertificateAuthority::make("test authority", rules, today);
  const auto again =
      CertificateAuthority::from_pem(authority.certificate_pem(), authority.key_pem());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->expires(), authority.expires());
  const auto leaf = again->issue({"localhost"}, today);
  ASSERT_TRUE(leaf);
  EXPECT_EQ(verdict(authority, leaf->chain_pem, "localhost", today), X509_V_OK);
}

TEST(CertificateAuthority, RefusesAForeignKeyAndALeaf) {
  const auto one = CertificateAuthority::make("one", rules, today);
  const auto other = CertificateAuthority::make("other", rules, today);
  EXPECT_FALSE(CertificateAuthority::from_pem(one.certificate_pem(), other.key_pem()));
  const auto leaf = one.issue({"localhost"}, today);
  EXPECT_FALSE(CertificateAuthority::from_pem(leaf->chain_pem, leaf->key_pem));
  EXPECT_FALSE(CertificateAuthority::from_pem("", ""));
}

}  // namespace
}  // namespace toolgate::crypto
