// What IAM's and STS's unit tests work on: a store in memory, a clock that stands, one account, and
// operations run through the table as the door would.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "services/iam/documents.h"
#include "services/iam/service.h"
#include "store/memory/memory_store.h"

namespace toolgate::services::iam {

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

inline constexpr std::string_view test_account = "123456789012";

class Bench {
 public:
  Bench()
      : store_{store::make_memory_store(clock_)},
        secrets_{*run(io_, store::Secrets::open(*store_, crypto::SealKey::random()))},
        directory_{*store_, secrets_, std::string{test_account}},
        iam_{*store_, secrets_, directory_},
        table_{table(iam_)} {}

  // Runs an operation of the table; as root unless a caller is given.
  Result<Json> call(std::string_view operation, JsonObject input,
                    std::optional<identity::Principal> caller = std::nullopt) {
    return call_in(table_, operation, std::move(input), std::move(caller));
  }
  Result<Json> call_in(const aws::Service& service, std::string_view operation, JsonObject input,
                       std::optional<identity::Principal> caller = std::nullopt) {
    aws::Call call;
    call.service = service.name;
    call.operation = operation;
    call.input = std::move(input);
    call.caller = caller ? *std::move(caller) : root();
    call.account = test_account;
    call.region = "us-east-1";
    call.now = clock_.now();
    for (const aws::Operation& row : service.operations) {
      if (row.name != operation) continue;
      Result<aws::Answer> answer = run(io_, row.run(call, worker_));
      if (!answer) return std::unexpected(std::move(answer).error());
      return std::move(answer->output);
    }
    ADD_FAILURE() << "no such operation: " << operation;
    return fail(Code::internal, "no such operation");
  }

  static identity::Principal root() {
    identity::Principal root;
    root.kind = identity::Principal::Kind::root;
    root.account = test_account;
    root.arn = "arn:aws:iam::123456789012:root";
    root.id = test_account;
    root.access_key_id = "AKIAROOTROOTROOTROOT";
    return root;
  }

  boost::asio::io_context& io() { return io_; }
  ManualClock& clock() { return clock_; }
  store::Store& store() { return *store_; }
  const store::Secrets& secrets() { return secrets_; }
  AccessKeyDirectory& directory() { return directory_; }
  net::Worker& worker() { return worker_; }

 private:
  boost::asio::io_context io_{1};
  net::Worker worker_{0, io_};
  ManualClock clock_;
  std::unique_ptr<store::Store> store_;
  store::Secrets secrets_;
  AccessKeyDirectory directory_;
  Iam iam_;
  aws::Service table_;
};

inline constexpr std::string_view trust_policy =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
    R"("Principal":{"Service":"bedrock-agentcore.amazonaws.com"},"Action":"sts:AssumeRole"}]})";
inline constexpr std::string_view identity_policy =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}})";

// "CODE: message" of a failure; "fine" otherwise.
inline std::string outcome(const Result<Json>& result) {
  return result ? "fine" : result.error().name + ": " + result.error().message;
}
inline std::string at(const Json& value, std::string_view pointer) {
  boost::json::error_code error;
  const Json* found = value.find_pointer(pointer, error);
  if (found == nullptr) return "(absent)";
  return found->is_string() ? std::string{std::string_view{found->get_string()}}
                            : json::print(*found);
}

}  // namespace toolgate::services::iam
