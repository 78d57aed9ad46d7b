#include "net/tls.h"

#include <gtest/gtest.h>

#include "base/test_folder.h"
#include "net/server.h"
#include "net/test_certificate.h"
#include "net/test_loop.h"

namespace toolgate::net {
namespace {

using namespace std::chrono_literals;
using testing::make_certificate;
using testing::TestLoop;

class Echo final : public Handler {
 public:
  BodyPlan plan(const Request&) const override {
    return {BodyPlan::Take::buffered, limits::http_body_bytes_max};
  }
  Task<Response> handle(Request& request, Worker&) override {
    EXPECT_TRUE(request.peer.tls);
    co_return Response::text(200, "text/plain", std::string{request.body});
  }
};

class Tls : public ::testing::Test {
 protected:
  Tls() {
    const auto certificate = make_certificate("DNS:localhost,IP:127.0.0.1");
    chain_file = files.write("chain.pem", certificate.chain);
    key_file = files.write("key.pem", certificate.key);
    contexts = *TlsFiles::load(chain_file, key_file);
    port = server.listen({"127.0.0.1", 0}, echo, contexts)->port;
    server.run();
  }
  Result<ClientResponse> ask(TestLoop& loop, std::string_view host, std::string_view body = {}) {
    const auto url = *Url::parse("https://" + std::string{host} + ":" + std::to_string(port) + "/");
    return loop.send({.method = "POST", .url = &url, .body = body, .deadline = within(10s)});
  }

  TestFolder files;
  std::string chain_file;
  std::string key_file;
  std::shared_ptr<TlsFiles> contexts;
  Echo echo;
  Server server{{.threads = 1}};
  std::uint16_t port = 0;
};

TEST_F(Tls, CarriesBodiesOfAllSizes) {
  TestLoop loop{{.ca_file = chain_file}};
  for (const std::size_t size : {0UL, 1UL, 16'384UL, 100'000UL, 5'000'000UL}) {
    const std::string body(size, 't');
    const auto answer = ask(loop, "localhost", body);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_TRUE(answer->body == body) << size;
  }
}

TEST_F(Tls, VerifiesNamesAndAddresses) {
  TestLoop loop{{.ca_file = chain_file}};
  EXPECT_TRUE(ask(loop, "127.0.0.1"));
  const auto other = ask(loop, "other.localhost");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Code::upstream);
  EXPECT_EQ(other.error().name, "TLS");
  EXPECT_NE(other.error().message.find("ostname mismatch"), std::string::npos)
      << other.error().message;
}

TEST_F(Tls, RefusesAnAuthorityItDoesNotKnow) {
  TestLoop system;
  const auto unknown = ask(system, "localhost");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().name, "TLS");
  const auto other_file = files.write("other.pem", make_certificate("DNS:localhost").chain);
  TestLoop other{{.ca_file = other_file}};
  EXPECT_FALSE(ask(other, "localhost"));
}

TEST_F(Tls, NamesARootsFileThatHoldsNone) {
  TestLoop loop{{.ca_file = files.write("empty.pem", "")}};
  const auto answer = ask(loop, "localhost");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::invalid);
  EXPECT_NE(answer.error().message.find("empty.pem"), std::string::npos);
}

TEST_F(Tls, ShowsNewFilesAfterAReloadAndKeepsTheOldOnFailure) {
  files.write("key.pem", "nonsense");
  const auto failed = contexts->reload();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::invalid);
  TestLoop before{{.ca_file = chain_file}};
  EXPECT_TRUE(ask(before, "localhost"));

  const auto fresh = make_certificate("DNS:localhost");
  files.write("chain.pem", fresh.chain);
  files.write("key.pem", fresh.key);
  ASSERT_TRUE(contexts->reload());
  TestLoop after{{.ca_file = chain_file}};
  EXPECT_TRUE(ask(after, "localhost"));
  TestLoop stale{{.ca_file = files.write("old.pem", make_certificate("DNS:localhost").chain)}};
  EXPECT_FALSE(ask(stale, "localhost"));
}

TEST_F(Tls, RefusesAKeyThatIsNotTheCertificates) {
  const auto one = make_certificate("DNS:a");
  const auto two = make_certificate("DNS:a");
  EXPECT_TRUE(make_server_context(one.chain, one.key));
  EXPECT_FALSE(make_server_context(one.chain, two.key));
  EXPECT_FALSE(make_server_context("", one.key));
  EXPECT_FALSE(TlsFiles::load("/nonexistent", "/nonexistent"));
}

TEST_F(Tls, LivesWithClientsThatSpeakPlainOrResetOrLeave) {
  for (int i = 0; i < 20; ++i) {
    testing::RawSocket socket{port};
    socket.send(i % 2 == 0 ? "GET / HTTP/1.1\r\nHost: x\r\n\r\n" : "\x16\x03\x01");
    const linger reset{1, 0};
    if (i % 4 < 2) ::setsockopt(socket.fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  }
  TestLoop loop{{.ca_file = chain_file}};
  EXPECT_TRUE(ask(loop, "localhost"));
}

// A context for one name only.
class OnlyInside final : public TlsContexts {
 public:
  explicit OnlyInside(std::shared_ptr<SSL_CTX> context) : context_{std::move(context)} {}
  std::shared_ptr<SSL_CTX> context_for(std::string_view name) override {
    return name == "localhost" ? context_ : nullptr;
  }

 private:
  std::shared_ptr<SSL_CTX> context_;
};

TEST_F(Tls, AsksForTheContextByServerName) {
  const auto certificate = make_certificate("DNS:localhost,IP:127.0.0.1");
  const auto file = files.write("inside.pem", certificate.chain);
  Server by_name{{.threads = 1}};
  port = by_name
             .listen({"127.0.0.1", 0}, echo,
                     std::make_shared<OnlyInside>(
                         *make_server_context(certificate.chain, certificate.key)))
             ->port;
  by_name.run();
  TestLoop loop{{.ca_file = file}};
  EXPECT_TRUE(ask(loop, "localhost"));
  EXPECT_FALSE(ask(loop, "127.0.0.1"));  // names no server
}

}  // namespace
}  // namespace toolgate::net
