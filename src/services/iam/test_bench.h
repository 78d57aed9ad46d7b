// What IAM's and STS's unit tests work on: a store in memory, a clock that stands, one account, and
// operations run through the table as the door would.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "aws/test_calls.h"
#include "services/iam/documents.h"
#include "services/iam/service.h"
#include "store/memory/memory_store.h"

namespace toolgate::services::iam {

using aws::testing::at;
using aws::testing::outcome;
using aws::testing::test_account;

class Bench {
 public:
  Bench()
      : store_{store::make_memory_store(calls_.clock())},
        secrets_{*calls_.run(store::Secrets::open(*store_, crypto::SealKey::random()))},
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
    aws::Call call = call_of(service.name, operation, std::move(input));
    call.caller = caller ? *std::move(caller) : root();
    return calls_.answer(service.operations, std::move(call));
  }

  [[nodiscard]] aws::Call call_of(std::string_view service, std::string_view operation,
                                  Json input) const {
    return calls_.call_of(service, operation, std::move(input));
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

  template <class T>
  T run(Task<T> task) {
    return calls_.run(std::move(task));
  }
  boost::asio::io_context& io() { return calls_.io(); }
  ManualClock& clock() { return calls_.clock(); }
  store::Store& store() { return *store_; }
  const store::Secrets& secrets() { return secrets_; }
  AccessKeyDirectory& directory() { return directory_; }
  net::Worker& worker() { return calls_.worker(); }

 private:
  aws::testing::Calls calls_;
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

}  // namespace toolgate::services::iam
