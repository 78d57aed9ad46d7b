#include "net/issued_contexts.h"

#include <gtest/gtest.h>
#include <openssl/x509v3.h>

namespace toolgate::net {
namespace {

class Issued : public ::testing::Test {
 protected:
  static crypto::CertificateAuthority authority(Time now) {
    return crypto::CertificateAuthority::make("test", {.domains = {"aws.test", "localhost"}}, now);
  }
  IssuedContexts make(std::size_t count_max = 512) {
    return IssuedContexts{authority(clock.now()),
                          {.clock = &clock,
                           .domains = {"aws.test"},
                           .own_names = {"localhost", "127.0.0.1"},
                           .contexts_count_max = count_max}};
  }
  static bool shows(SSL_CTX* context, const char* name) {
    return X509_check_host(SSL_CTX_get0_certificate(context), name, 0, 0, nullptr) == 1;
  }
  ManualClock clock;
};

TEST_F(Issued, OneContextANameWhateverItsCase) {
  auto issued = make();
  const auto first = issued.context_for("sts.aws.test");
  ASSERT_NE(first, nullptr);
  EXPECT_TRUE(shows(first.get(), "sts.aws.test"));
  EXPECT_FALSE(shows(first.get(), "iam.aws.test"));
  EXPECT_EQ(issued.context_for("STS.aws.TEST"), first);
  EXPECT_EQ(issued.context_for("sts.aws.test."), first);
  EXPECT_NE(issued.context_for("iam.aws.test"), first);
}

TEST_F(Issued, ThisMachinesNamesShareOneCertificateThatANamelessClientGets) {
  auto issued = make();
  const auto nameless = issued.context_for("");
  ASSERT_NE(nameless, nullptr);
  EXPECT_TRUE(shows(nameless.get(), "localhost"));
  EXPECT_EQ(X509_check_ip_asc(SSL_CTX_get0_certificate(nameless.get()), "127.0.0.1", 0), 1);
  EXPECT_TRUE(shows(issued.context_for("localhost").get(), "localhost"));
}

TEST_F(Issued, RefusesAllOtherNames) {
  auto issued = make();
  for (const auto* name : {"example.com", "aws.test", "xaws.test", "aws.test.com", ".aws.test",
                           "*.aws.test", "a b.aws.test", "127.0.0.2", "."}) {
    EXPECT_EQ(issued.context_for(name), nullptr) << name;
  }
}

TEST_F(Issued, RenewsBeforeACertificateExpires) {
  auto issued = make();
  const auto first = issued.context_for("sts.aws.test");
  clock.move(std::chrono::days{26});
  EXPECT_EQ(issued.context_for("sts.aws.test"), first);
  clock.move(std::chrono::days{2});
  const auto second = issued.context_for("sts.aws.test");
  EXPECT_NE(second, first);
  const auto* end = X509_get0_notAfter(SSL_CTX_get0_certificate(second.get()));
  tm parts{};
  ASSERT_EQ(ASN1_TIME_to_tm(end, &parts), 1);
  EXPECT_GT(timegm(&parts), seconds_of(clock.now()) + 29 * 86'400);
}

TEST_F(Issued, RenewsWhenTheClockIsSetBack) {
  auto issued = make();
  clock.move(std::chrono::days{10});
  const auto ahead = issued.context_for("sts.aws.test");
  clock.move(-std::chrono::days{9});
  const auto context = issued.context_for("sts.aws.test");
  EXPECT_NE(context, ahead);
  const auto* start = X509_get0_notBefore(SSL_CTX_get0_certificate(context.get()));
  tm parts{};
  ASSERT_EQ(ASN1_TIME_to_tm(start, &parts), 1);
  EXPECT_LE(timegm(&parts), seconds_of(clock.now()));
}

TEST_F(Issued, ForgetsTheLeastRecentlyUsed) {
  auto issued = make(3);
  const auto a = issued.context_for("a.aws.test");
  const auto b = issued.context_for("b.aws.test");
  issued.context_for("c.aws.test");
  EXPECT_EQ(issued.context_for("a.aws.test"), a);
  issued.context_for("d.aws.test");  // b goes
  EXPECT_EQ(issued.context_for("a.aws.test"), a);
  EXPECT_NE(issued.context_for("b.aws.test"), b);
}

}  // namespace
}  // namespace toolgate::net
