// What Cognito's unit tests work on: a store in memory, a clock that stands, operations run through
// the table as the door would, and requests to the OAuth endpoints.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "services/cognito/oauth.h"
#include "services/cognito/service.h"
#include "store/memory/memory_store.h"

namespace toolgate::services::cognito {

template <class T>
Task<void> keep(Task<T> task, std::optional<T>& value) {
  value.emplace(co_await std::move(task));
}

// Runs one task to its end.
template <class T>
T run(boost::asio::io_context& io, Task<T> task) {
  std::optional<T> value;
  if (io.stopped()) io.restart();
  const auto work = boost::asio::make_work_guard(io);  // the offload pool may have it meanwhile
  boost::asio::co_spawn(io, keep(std::move(task), value), [](const std::exception_ptr& error) {
    if (error) std::rethrow_exception(error);
  });
  while (!value) io.run_one();
  return *std::move(value);
}

// "NAME: message" of a failure; "fine" otherwise.
inline std::string outcome(const Result<Json>& result) {
  return result ? "fine" : result.error().name + ": " + result.error().message;
}
inline std::string at(const Json& value, std::string_view pointer) {
  boost::json::error_code error;
  const Json* found = value.find_pointer(pointer, error);
  if (found == nullptr) return "(absent)";
  return found->is_string() ? std::string{text_of(*found)} : json::print(*found);
}

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
      : store_{store::make_memory_store(clock_)},
        secrets_{*run(io_, store::Secrets::open(*store_, crypto::SealKey::random()))},
        cognito_{*store_,
                 secrets_,
                 clock_,
                 offload_,
                 "123456789012",
                 [] { return std::string{"http://127.0.0.1:7878"}; },
                 Quotas{.pools = 8, .clients_per_pool = 4, .resource_servers_per_pool = 3},
                 SigningKeys::Options{.generate = next_test_key}},
        oauth_{cognito_},
        table_{table(cognito_)} {}

  Result<Json> call(std::string_view operation, JsonObject input) {
    aws::Call call;
    call.service = table_.name;
    call.operation = operation;
    call.input = std::move(input);
    call.account = "123456789012";
    call.region = "us-east-1";
    call.now = clock_.now();
    for (const aws::Operation& row : table_.operations) {
      if (row.name != operation) continue;
      Result<aws::Answer> answer = run(io_, row.run(call, worker_));
      if (!answer) return std::unexpected(std::move(answer).error());
      return std::move(answer->output);
    }
    ADD_FAILURE() << "no such operation: " << operation;
    return fail(Code::internal, "no such operation");
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
    return run(io_, oauth_.token(request, worker_));
  }
  net::Response get(std::string_view host, std::string_view path) {
    net::Request request = to(host, "GET", path);
    return run(io_, oauth_.document(request, worker_));
  }
  static net::Request to(std::string_view host, std::string_view method, std::string_view path) {
    net::Request request;
    request.method = method;
    request.target = path;
    request.path = path;
    request.host = host;
    return request;
  }

  boost::asio::io_context& io() { return io_; }
  ManualClock& clock() { return clock_; }
  store::Store& store() { return *store_; }
  const store::Secrets& secrets() { return secrets_; }
  Offload& offload() { return offload_; }
  Cognito& cognito() { return cognito_; }
  OAuth& oauth() { return oauth_; }
  net::Worker& worker() { return worker_; }

 private:
  boost::asio::io_context io_{1};
  net::Worker worker_{0, io_};
  ManualClock clock_;
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
