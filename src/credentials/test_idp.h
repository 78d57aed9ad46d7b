// For this room's tests: an authorization server on a real socket whose answers a test decides, a
// thread with an HTTP client, and a store with one provider of each kind.
#pragma once

#include <atomic>
#include <functional>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include "base/test_wait.h"
#include "credentials/credentials.h"
#include "credentials/provider.h"
#include "net/address_guard.h"
#include "net/client.h"
#include "net/server.h"
#include "store/memory/memory_store.h"

namespace toolgate::credentials::testing {

struct Reply {
  int status = 200;
  std::string body;
  std::chrono::milliseconds after{0};
};
struct Seen {
  std::string path;
  std::string body;
  std::string authorization;
};

class Idp final : public net::Handler {
 public:
  using Answer = std::function<Reply(const Seen&)>;

  void answer_with(Answer answer) {
    const std::scoped_lock lock{mutex_};
    answer_ = std::move(answer);
  }
  [[nodiscard]] std::vector<Seen> seen() const {
    const std::scoped_lock lock{mutex_};
    return seen_;
  }
  [[nodiscard]] std::size_t count(std::string_view path) const {
    const std::scoped_lock lock{mutex_};
    return static_cast<std::size_t>(std::ranges::count(seen_, path, &Seen::path));
  }

  [[nodiscard]] net::BodyPlan plan(const net::Request&) const override {
    return {.bytes_max = 64 * 1024};
  }
  Task<net::Response> handle(net::Request& request, net::Worker& worker) override {
    Reply reply = take(request);
    if (reply.after.count() > 0) co_await pause(worker, reply.after);
    while (holds_tokens && request.path == "/token") {
      co_await pause(worker, std::chrono::milliseconds{5});
    }
    co_return net::Response::text(reply.status, "application/json", std::move(reply.body));
  }
  std::atomic<bool> holds_tokens = false;  // no answer of the token endpoint until it is set back

 private:
  static Task<void> pause(net::Worker& worker, std::chrono::milliseconds time) {
    boost::asio::steady_timer timer{worker.io(), time};
    co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }
  Reply take(const net::Request& request) {
    const std::scoped_lock lock{mutex_};
    seen_.push_back(
        {.path = std::string{request.path},
         .body = std::string{request.body},
         .authorization = std::string{request.headers.find("authorization").value_or("")}});
    return answer_(seen_.back());
  }

  mutable std::mutex mutex_;
  Answer answer_;
  std::vector<Seen> seen_;
};

class CredentialsTest : public ::testing::Test {
 protected:
  static constexpr std::string_view client_secret = "s3cret";

  explicit CredentialsTest(std::size_t threads = 1) : server_{{.threads = threads}} {}

  void SetUp() override {
    auto guard = net::AddressGuard::make({.allow_loopback = true});
    ASSERT_TRUE(guard);
    guard_ = *std::move(guard);
    auto address = server_.listen({.host = "127.0.0.1", .port = 0}, idp_);
    ASSERT_TRUE(address) << address.error().message;
    base_ = fmt::format("http://127.0.0.1:{}", address->port);
    for (net::Worker* worker : server_.workers()) {
      clients_.push_back(std::make_unique<net::Client>(
          *worker, net::Client::Options{.guard = &*guard_, .offload = &offload_}));
      worker->set_client(*clients_.back());
    }
    worker_ = server_.workers().at(0);
    serve_tokens(3'600);
    server_.run();
    auto secrets = wait_for(store::Secrets::open(*store_, crypto::SealKey::random()));
    ASSERT_TRUE(secrets) << secrets.error().message;
    secrets_ = std::make_unique<store::Secrets>(*std::move(secrets));
    credentials_ = std::make_unique<Credentials>(*store_, *secrets_, clock_);
    store_->on_change([this](store::Version, const std::vector<store::Change>& changes) {
      for (const auto& change : changes) {
        const bool provider = change.key.kind == model::kind::oauth2_provider ||
                              change.key.kind == model::kind::api_key_provider;
        if (provider && credentials_) credentials_->provider_changed();
      }
    });
  }
  void TearDown() override {
    // A client's connections belong to its thread: they end on it.
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      std::promise<void> gone;
      boost::asio::post(server_.workers()[i]->io(), [&] {
        clients_[i].reset();
        gone.set_value();
      });
      gone.get_future().wait();
    }
    server_.stop(within(std::chrono::seconds{1}));
  }

  // Runs a task on a thread that has a client.
  template <class T>
  std::future<T> begin(Task<T> task) {
    return begin_on(*worker_, std::move(task));
  }
  template <class T>
  static std::future<T> begin_on(net::Worker& worker, Task<T> task) {
    auto promise = std::make_shared<std::promise<T>>();
    auto answer = promise->get_future();
    boost::asio::co_spawn(worker.io(), keep(std::move(task), std::move(promise)),
                          boost::asio::detached);
    return answer;
  }
  template <class T>
  T wait_for(Task<T> task) {
    return begin(std::move(task)).get();
  }
  template <class T>
  static Task<void> keep(Task<T> task, std::shared_ptr<std::promise<T>> promise) {
    promise->set_value(co_await std::move(task));
  }

  // A discovery document, and tokens t1, t2, … that live so long.
  void serve_tokens(int seconds, std::chrono::milliseconds after = {}) {
    idp_.answer_with([this, seconds, after](const Seen& seen) -> Reply {
      if (seen.path != "/token") return discovery_reply();
      return {
          .status = 200,
          .body = fmt::format(R"({{"access_token":"t{}","expires_in":{}}})", ++tokens_, seconds),
          .after = after};
    });
  }
  void refuse_tokens(int status, std::string body, std::chrono::milliseconds after = {}) {
    idp_.answer_with([this, status, body, after](const Seen& seen) -> Reply {
      if (seen.path != "/token") return discovery_reply();
      return {.status = status, .body = body, .after = after};
    });
  }
  [[nodiscard]] Reply discovery_reply() const {
    return {.status = 200, .body = fmt::format(R"({{"token_endpoint":"{}/token"}})", base_)};
  }
  [[nodiscard]] std::string discovery_url() const {
    return base_ + "/.well-known/openid-configuration";
  }

  static store::Key key(std::string_view kind, std::string name) {
    return {.account = "123456789012",
            .region = "us-east-1",
            .kind = std::string{kind},
            .id = std::move(name)};
  }
  void put(const store::Key& at, JsonObject document, std::string_view member,
           std::string_view secret) {
    document[member] = seal_member(*secrets_, at, member, secret);
    store::Batch batch;
    batch.puts.push_back({.key = at, .body = json::print(document)});
    ASSERT_TRUE(wait_for(store_->commit(std::move(batch))));
  }
  void put_oauth(Json discovery, JsonObject more = {}) {
    more["oauthDiscovery"] = std::move(discovery);
    more["clientId"] = "me";
    put(key(model::kind::oauth2_provider, "crm"),
        {{"oauth2ProviderConfigOutput", {{"customOauth2ProviderConfig", std::move(more)}}}},
        sealed_client_secret, client_secret);
  }
  void put_oauth() { put_oauth({{"discoveryUrl", discovery_url()}}); }
  void remove(const store::Key& at) {
    store::Batch batch;
    batch.deletes.push_back(at);
    ASSERT_TRUE(wait_for(store_->commit(std::move(batch))));
  }

  static Need need_of(std::string_view type, std::string_view member, std::string_view part,
                      JsonObject configuration) {
    configuration["providerArn"] = fmt::format(
        "arn:aws:bedrock-agentcore:us-east-1:123456789012:token-vault/default/{}/crm", part);
    const Json list = JsonArray{{{"credentialProviderType", type},
                                 {"credentialProvider", {{member, std::move(configuration)}}}}};
    return Credentials::compile({.place = {.account = "123456789012", .region = "us-east-1"}},
                                &list)
        .value();
  }
  static Need oauth_need(JsonObject configuration = {}) {
    return need_of("OAUTH", "oauthCredentialProvider", "oauth2credentialprovider",
                   std::move(configuration));
  }
  // Of a user whose token lives an hour.
  std::shared_ptr<const User> user(std::string token, std::string subject = "ann") const {
    return std::make_shared<User>(User{.workload = "gate-1234567890",
                                       .name = user_of_token("https://idp", subject),
                                       .token = std::move(token),
                                       .token_ends = clock_.now() + std::chrono::hours{1}});
  }
  static Need key_need(JsonObject configuration = {}) {
    return need_of("API_KEY", "apiKeyCredentialProvider", "apikeycredentialprovider",
                   std::move(configuration));
  }

  using Shared = std::shared_ptr<const net::Credential>;
  std::future<Result<Shared>> begin_fetch(const Need& need, std::chrono::milliseconds time) {
    return begin(credentials_->fetch(need, *worker_, within(time)));
  }
  Result<Shared> fetch(const Need& need, std::chrono::milliseconds time = std::chrono::seconds{5}) {
    return begin_fetch(need, time).get();
  }
  // One more request on the same thread: the answers to those before it have been looked at.
  void look_at_answers() {
    const auto url = *net::Url::parse(discovery_url());
    ASSERT_TRUE(wait_for(
        clients_.front()->send({.url = &url, .deadline = within(std::chrono::seconds{30})})));
  }
  // Only on the thread may its cache be looked into.
  Shared cached(const Need& need) { return wait_for(cached_task(need)); }
  void refused(const Need& need, const Shared& credential) {
    wait_for(refused_task(need, credential));
  }
  static std::string header_of(const Shared& credential) {
    const auto* header = std::get_if<net::HeaderCredential>(&credential->show);
    return header != nullptr ? header->name + ": " + header->value : "";
  }

  ManualClock clock_;
  std::unique_ptr<store::Store> store_ = store::make_memory_store(clock_);
  std::optional<net::AddressGuard> guard_;
  Offload offload_{1};
  Idp idp_;
  std::atomic<int> tokens_ = 0;
  std::string base_;
  net::Server server_;
  net::Worker* worker_ = nullptr;  // the first
  std::vector<std::unique_ptr<net::Client>> clients_;
  std::unique_ptr<store::Secrets> secrets_;
  std::unique_ptr<Credentials> credentials_;

 private:
  Task<Shared> cached_task(const Need& need) { co_return credentials_->cached(need, *worker_); }
  Task<bool> refused_task(const Need& need, Shared credential) {
    credentials_->refused(need, *credential, *worker_);
    co_return true;
  }
};

}  // namespace toolgate::credentials::testing
