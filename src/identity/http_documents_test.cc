// The fetching of documents, and a whole sign-in, over real sockets on loopback.
#include <atomic>
#include <cstdint>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/offload.h"
#include "crypto/jwt.h"
#include "identity/documents.h"
#include "identity/jwt_authorizer.h"
#include "net/address_guard.h"
#include "net/server.h"
#include "net/test_loop.h"

namespace toolgate::identity {
namespace {

// An identity provider with one key.
class Provider final : public net::Handler {
 public:
  net::BodyPlan plan(const net::Request&) const override { return {}; }
  Task<net::Response> handle(net::Request& request, net::Worker&) override {
    ++requests;
    if (request.path == "/.well-known/openid-configuration") {
      co_return answer(JsonObject{{"issuer", base}, {"jwks_uri", base + "/keys"}});
    }
    if (request.path == "/keys") {
      co_return answer(JsonObject{{"keys", JsonArray{key.public_jwk()}}});
    }
    if (request.path == "/list") co_return answer(JsonArray{1});
    if (request.path == "/text") co_return net::Response::text(200, "application/json", "{");
    if (request.path == "/huge") {
      co_return net::Response::text(200, "application/json",
                                    std::string(limits::discovery_bytes_max + 1, ' '));
    }
    if (request.path == "/moved") {
      auto moved = net::Response::text(302, "text/plain", "");
      moved.headers.push_back({.name = "location", .value = base + "/keys"});
      co_return moved;
    }
    co_return net::Response::text(404, "text/plain", "");
  }

  crypto::PrivateKey key = crypto::PrivateKey::generate_p256();
  std::string base;
  std::atomic<int> requests = 0;

 private:
  static net::Response answer(const Json& document) {
    return net::Response::text(200, "application/json", json::print(document));
  }
};

class HttpDocumentsTest : public ::testing::Test {
 protected:
  HttpDocumentsTest() {
    const auto address = server.listen({.host = "127.0.0.1", .port = 0}, provider).value();
    provider.base = fmt::format("http://127.0.0.1:{}", address.port);
    server.run();
  }
  ~HttpDocumentsTest() override { server.stop(within(std::chrono::seconds{1})); }

  Result<Json> fetch(const std::string& target) {
    return loop.run(http_documents().fetch(provider.base + target, loop.worker));
  }

  Provider provider;
  net::Server server{{.threads = 1}};
  net::AddressGuard guard = net::AddressGuard::make({.allow_loopback = true}).value();
  Offload offload{1};
  net::testing::TestLoop loop{{.guard = &guard, .offload = &offload}};
};

TEST_F(HttpDocumentsTest, FetchesAnObject) {
  EXPECT_EQ(json::find_string(fetch("/.well-known/openid-configuration").value(), "issuer"),
            provider.base);
}

TEST_F(HttpDocumentsTest, RefusesAnythingElse) {
  EXPECT_EQ(fetch("/missing").error().code, Code::upstream);
  EXPECT_EQ(fetch("/list").error().code, Code::upstream);
  EXPECT_EQ(fetch("/text").error().code, Code::upstream);
  EXPECT_EQ(fetch("/huge").error().code, Code::too_large);
  const int before = provider.requests;
  EXPECT_EQ(fetch("/moved").error().code, Code::upstream);
  EXPECT_EQ(provider.requests, before + 1) << "redirects are not followed";
  EXPECT_EQ(loop.run(http_documents().fetch("file:///etc/passwd", loop.worker)).error().code,
            Code::invalid);
}

TEST_F(HttpDocumentsTest, GoesThroughTheAddressGuard) {
  const auto strict = net::AddressGuard::make({}).value();
  net::testing::TestLoop guarded{{.guard = &strict, .offload = &offload}};
  const int before = provider.requests;
  const auto got = guarded.run(http_documents().fetch(provider.base + "/keys", guarded.worker));
  EXPECT_EQ(got.error().code, Code::denied);
  EXPECT_EQ(provider.requests, before);
}

TEST_F(HttpDocumentsTest, SignsInATokenOfARealProvider) {
  const auto authorizer =
      JwtAuthorizer::compile(
          JsonObject{{"discoveryUrl", provider.base + "/.well-known/openid-configuration"},
                     {"allowedClients", JsonArray{"agent"}}},
          nullptr)
          .value();
  const Json claims{{"iss", provider.base},
                    {"client_id", "agent"},
                    {"exp", seconds_of(SystemClock{}.now()) + 60}};
  const std::string token = provider.key.sign_jwt(claims);
  const auto who = loop.run(authorizer->authenticate(token, loop.worker)).value();
  EXPECT_EQ(who->client_id, "agent");
  EXPECT_EQ(authorizer->cached(token, loop.worker), who);
  EXPECT_EQ(provider.requests, 2);
  EXPECT_FALSE(loop.run(authorizer->authenticate(token + "A", loop.worker)));
}

}  // namespace
}  // namespace toolgate::identity
