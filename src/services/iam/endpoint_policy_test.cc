#include "services/iam/endpoint_policy.h"

#include <gtest/gtest.h>

#include "base/test_folder.h"

namespace toolgate::services::iam {
namespace {

using identity::policy::Caller;

constexpr std::string_view action = "bedrock-agentcore:InvokeGateway";
constexpr std::string_view one = "arn:aws:bedrock-agentcore:us-east-1:123456789012:gateway/one";
constexpr std::string_view two = "arn:aws:bedrock-agentcore:us-east-1:123456789012:gateway/two";

class EndpointPolicy : public ::testing::Test {
 protected:
  Result<identity::policy::PolicyRef> read(std::string_view text) {
    const TestFolder folder;
    return read_endpoint_policy(folder.write("policy.json", std::string{text}));
  }
  static bool may(const identity::policy::PolicyRef& policy, Caller::Kind kind,
                  std::string_view resource) {
    Caller caller;
    caller.kind = kind;
    caller.account = kind == Caller::Kind::federated ? "" : "123456789012";
    if (kind == Caller::Kind::user) caller.arn = "arn:aws:iam::123456789012:user/ann";
    return passes(*policy, caller, action, resource, {}).has_value();
  }
};

TEST_F(EndpointPolicy, LetsEveryoneToWhatItNamesWithAndWithoutTheAccount) {
  const auto policy = read(R"({"Statement":[{"Principal":"*","Effect":"Allow","Action":"*",)"
                           R"("Resource":"arn:aws:bedrock-agentcore:us-east-1::gateway/one"}]})");
  ASSERT_TRUE(policy) << policy.error().message;
  for (const auto kind :
       {Caller::Kind::federated, Caller::Kind::anonymous, Caller::Kind::user, Caller::Kind::root}) {
    EXPECT_TRUE(may(*policy, kind, one));
    EXPECT_FALSE(may(*policy, kind, two));
  }
}

TEST_F(EndpointPolicy, AllowsNothingThatItDenies) {
  const auto policy =
      read(R"({"Version":"2012-10-17","Statement":[{"Principal":"*","Effect":"Allow","Action":"*",)"
           R"("Resource":"*"},{"Principal":"*","Effect":"Deny","Action":)"
           R"("bedrock-agentcore:InvokeGateway","Resource":")" +
           std::string{two} + R"("}]})");
  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_TRUE(may(*policy, Caller::Kind::root, one));
  EXPECT_FALSE(may(*policy, Caller::Kind::root, two));
  EXPECT_FALSE(may(*policy, Caller::Kind::federated, two));
}

TEST_F(EndpointPolicy, LetsAnAccountsUsersInWhereItNamesTheAccount) {
  const auto policy = read(R"({"Version":"2012-10-17","Statement":[{"Principal":)"
                           R"({"AWS":"arn:aws:iam::123456789012:root"},"Effect":"Allow",)"
                           R"("Action":"*","Resource":"*"}]})");
  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_TRUE(may(*policy, Caller::Kind::user, one));
  EXPECT_FALSE(may(*policy, Caller::Kind::federated, one));
}

TEST_F(EndpointPolicy, SaysWhatIsWrongWithTheFile) {
  EXPECT_FALSE(read("{"));
  EXPECT_FALSE(read(R"({"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})"));
  EXPECT_FALSE(read_endpoint_policy("/nowhere/policy.json"));
}

}  // namespace
}  // namespace toolgate::services::iam
