// What Cognito's unit tests work on: a store in memory, a clock that stands, operations run through
// the table as the door would, and requests to the OAuth endpoints.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "aws/test_calls.h"
#include "services/cognito/oauth.h"
#include "services/cognito/service.h"
#include "store/memory/memory_store.h"

namespace toolgate::services::cognito {

using aws::testing::at;
using aws::testing::outcome;

// Makes the real thing, but a few only: one takes a second on a busy machine.
inline crypto::PrivateKey next_test_key() {
  static const std::vector<crypto::PrivateKey> keys = [] {
    std::vector<crypto::PrivateKey> made;
    for (int number = 0; number < 5; ++number) made.push_back(crypto::PrivateKey::generate_rsa());
    return made;
  }();
  static std::atomic<std::size_t> next = 0;
  return keys[next++ % keys.size()];
}

class Bench {
 public:
  Bench()
      : store_{store::make_memory_store(calls_.clock())},
        secrets_{*calls_.run(store::Secrets::open(*store_, crypto::SealKey::random()))},
        cognito_{*store_,
                 secrets_,
                 calls_.clock(),
                 offload_,
                 "123456789012",
                 [] { return std::string{"http://127.0.0.1:7878"}; },
                 Quotas{.pools = 8, .clients_per_pool = 4, .resource_servers_per_pool = 3},
                 SigningKeys::Options{.generate = next_test_key}},
        oauth_{cognito_},
        table_{table(cognito_)} {}

  Result<Json> call(std::string_view operation, JsonObject input) {
    return calls_.answer(table_.operations,
                         calls_.call_of(table_.name, operation, std::move(input)));
  }
  std::string make_pool(std::string_view name = "pool") {
    const auto made = call("CreateUserPool", {{"PoolName", name}});
    EXPECT_EQ(outcome(made), "fine");
    return at(*made, "/UserPool/Id");
  }

  // A POST of a form to the token endpoint.
  net::Response token(std::string_view host, std::string_view form,
                      std::optional<std::string_view> authorization = std::nullopt) {
    net::Request request = to(host, "POST", "/oauth2/token");
    request.body = form;
    request.headers.add({"content-type", "application/x-www-form-urlencoded"});
    if (authorization) request.headers.add({"authorization", *authorization});
    return calls_.run(oauth_.token(request, calls_.worker()));
  }
  net::Response get(std::string_view host, std::string_view path) {
    net::Request request = to(host, "GET", path);
    return calls_.run(oauth_.document(request, calls_.worker()));
  }
  static net::Request to(std::string_view host, std::string_view method, std::string_view path) {
    net::Request request;
    request.method = method;
    request.target = path;
    request.path = path;
    request.host = host;
    return request;
  }

  boost::asio::io_context& io() { return calls_.io(); }
  ManualClock& clock() { return calls_.clock(); }
  store::Store& store() { return *store_; }
  const store::Secrets& secrets() { return secrets_; }
  Offload& offload() { return offload_; }
  Cognito& cognito() { return cognito_; }
  OAuth& oauth() { return oauth_; }
  net::Worker& worker() { return calls_.worker(); }

 private:
  aws::testing::Calls calls_;
  std::unique_ptr<store::Store> store_;
  store::Secrets secrets_;
  Offload offload_{1};
  Cognito cognito_;
  OAuth oauth_;
  aws::Service table_;
};

inline Json body_of(const net::Response& response) {
  const auto body = json::parse(net::buffered(response));
  return body ? *body : Json{};
}

}  // namespace toolgate::services::cognito
