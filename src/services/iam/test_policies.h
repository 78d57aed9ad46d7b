// For tests of what policies decide: a bench whose kept policies are asked, and what they answer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "services/iam/authorizer.h"
#include "services/iam/test_bench.h"

namespace toolgate::services::iam {

class PoliciesDecide : public ::testing::Test {
 protected:
  PoliciesDecide() {
    bench.store().on_change([this](store::Version, const std::vector<store::Change>& changes) {
      directory.concerns(changes);
    });
  }
  // An operation of IAM that must succeed, as root; its output.
  JsonObject must(std::string_view operation, JsonObject input) {
    auto result = bench.call(operation, std::move(input));
    EXPECT_EQ(outcome(result), "fine") << operation;
    return result && result->is_object() ? result->get_object() : JsonObject{};
  }
  identity::Principal make_user(std::string_view name) {
    const Json made = must("CreateUser", {{"UserName", name}});
    identity::Principal user;
    user.kind = identity::Principal::Kind::user;
    user.account = test_account;
    user.arn = at(made, "/User/Arn");
    user.id = at(made, "/User/UserId");
    return user;
  }
  // "fine", or the refusal: "AccessDenied: User: …".
  std::string ask(const identity::Principal& caller, std::string_view service,
                  std::string_view operation, JsonObject input = {}) {
    aws::Call call = bench.call_of(service, operation, std::move(input));
    call.caller = caller;
    const auto allowed = bench.run(authorizer.allow(call));
    return allowed ? "fine" : allowed.error().name + ": " + allowed.error().message;
  }

  Bench bench;
  PolicyDirectory directory{bench.store(), std::string{test_account}};
  Authorizer authorizer{directory, bench.clock(), Authorizer::Mode::policies_decide};
};

}  // namespace toolgate::services::iam
