// What the tests of token sign-in share: a thread, a provider in memory, a clock that stands still.
#pragma once

#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "crypto/hash.h"
#include "crypto/jwt.h"
#include "identity/documents.h"
#include "identity/jwt_authorizer.h"
#include "identity/verified_tokens.h"
#include "net/worker.h"

namespace toolgate::identity::testing {

inline const std::string issuer = "https://idp.example/pool";
inline const std::string discovery_url = issuer + "/.well-known/openid-configuration";
inline const std::string jwks_url = "https://idp.example/keys";

struct Thread {
  boost::asio::io_context io;
  net::Worker worker{0, io};

  template <class T>
  T run(Task<T> task) {
    std::optional<T> value;
    boost::asio::co_spawn(io, std::move(task),
                          [&](std::exception_ptr, T result) { value.emplace(std::move(result)); });
    io.restart();
    io.run();
    return std::move(value).value();
  }
};

class MemoryDocuments final : public Documents {
 public:
  Task<Result<Json>> fetch(std::string url, net::Worker& worker) override {
    ++counts_[url];
    // As over the network: others run meanwhile, and time passes.
    for (int i = 0; i < 3; ++i) {
      co_await boost::asio::post(worker.io(), boost::asio::use_awaitable);
    }
    if (clock_ != nullptr) clock_->move(takes_);
    const auto found = documents_.find(url);
    if (found == documents_.end()) co_return fail(Code::unavailable, "connection refused");
    co_return found->second;
  }
  void put(const std::string& url, Json document) { documents_[url] = std::move(document); }
  void remove(const std::string& url) { documents_.erase(url); }
  [[nodiscard]] int count(const std::string& url) const {
    const auto found = counts_.find(url);
    return found != counts_.end() ? found->second : 0;
  }
  void take_time(ManualClock& clock, std::chrono::milliseconds takes) {
    clock_ = &clock;
    takes_ = takes;
  }

 private:
  std::map<std::string, Json> documents_;
  std::map<std::string, int> counts_;
  ManualClock* clock_ = nullptr;
  std::chrono::milliseconds takes_{0};
};

inline AuthorizerId fingerprint_of(const Json& configuration) {
  const std::string hash = crypto::sha256(json::print(configuration));
  AuthorizerId id{};
  std::memcpy(id.data(), hash.data(), sizeof id);
  return id;
}

class AuthorizerTest : public ::testing::Test {
 protected:
  AuthorizerTest() {
    publish(key);
    compile({{"allowedAudience", JsonArray{"gw"}}});
  }
  void publish(const crypto::PrivateKey& published) {
    documents.put(discovery_url, JsonObject{{"issuer", issuer}, {"jwks_uri", jwks_url}});
    documents.put(jwks_url, JsonObject{{"keys", JsonArray{published.public_jwk()}}});
  }
  void compile(JsonObject members, const IssuerAliases* aliases = nullptr) {
    members["discoveryUrl"] = discovery_url;
    configuration = std::move(members);
    authorizer = JwtAuthorizer::compile(configuration, JwtAuthorizer::Parts{.aliases = aliases,
                                                                            .documents = &documents,
                                                                            .clock = &clock})
                     .value();
  }
  // Good claims, but for the changes; null takes a claim away.
  [[nodiscard]] Json claims(const JsonObject& changes = {}) const {
    JsonObject out{
        {"iss", issuer}, {"aud", "gw"}, {"sub", "ann"}, {"exp", seconds_of(clock.now()) + 3600}};
    for (const auto& [name, value] : changes) {
      if (value.is_null()) {
        out.erase(name);
      } else {
        out[name] = value;
      }
    }
    return out;
  }
  [[nodiscard]] std::string good_token() const { return key.sign_jwt(claims()); }
  Result<std::shared_ptr<const Principal>> sign_in(const std::string& token) {
    return thread.run(authorizer->authenticate(token, thread.worker));
  }

  ManualClock clock;
  MemoryDocuments documents;
  Thread thread;
  crypto::PrivateKey key = crypto::PrivateKey::generate_p256();
  Json configuration;
  std::shared_ptr<const JwtAuthorizer> authorizer;
};

}  // namespace toolgate::identity::testing
