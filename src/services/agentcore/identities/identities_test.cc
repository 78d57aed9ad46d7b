#include "services/agentcore/identities/test_service.h"
#include "services/agentcore/identities/workload_identities.h"

namespace toolgate::services::agentcore {
namespace {

using namespace std::chrono_literals;

class WorkloadIdentities : public testing::IdentitiesTest {};

TEST_F(WorkloadIdentities, AreMadeUpdatedShownAndDeleted) {
  const Json created =
      must("CreateWorkloadIdentity",
           {{"name", "agent"}, {"allowedResourceOauth2ReturnUrls", JsonArray{"https://a/b"}}});
  expect_members(created, {"name", "workloadIdentityArn", "allowedResourceOauth2ReturnUrls"});
  EXPECT_EQ(json::find_string(created, "workloadIdentityArn"),
            "arn:aws:bedrock-agentcore:us-east-1:123456789012:"
            "workload-identity-directory/default/workload-identity/agent");
  clock_.move(5s);
  const Json updated = must("UpdateWorkloadIdentity", {{"name", "agent"}});
  EXPECT_TRUE(json::find_array(updated, "allowedResourceOauth2ReturnUrls")->empty());
  EXPECT_EQ(updated, must("GetWorkloadIdentity", {{"name", "agent"}}));
  EXPECT_EQ(json::find(updated, "lastUpdatedTime")->to_number<double>(), 1'700'000'005.0);
  const Json list = must("ListWorkloadIdentities", {});
  ASSERT_EQ(json::find_array(list, "workloadIdentities")->size(), 1u);
  expect_members(json::find_array(list, "workloadIdentities")->at(0),
                 {"name", "workloadIdentityArn"});
  EXPECT_EQ(refused("CreateWorkloadIdentity", {{"name", "agent"}}).code, Code::conflict);
  must("DeleteWorkloadIdentity", {{"name", "agent"}});
  EXPECT_EQ(refused("GetWorkloadIdentity", {{"name", "agent"}}).code, Code::not_found);
}

TEST_F(WorkloadIdentities, OfAGatewayAreShownAndNotDeleted) {
  const auto put_one = gateway_workload_identity({.account = "123456789012", .region = "us-east-1"},
                                                 "orders-0123456789", clock_.now());
  EXPECT_EQ(put_one.key, key(model::kind::workload_identity, "orders-0123456789"));
  put(model::kind::workload_identity, put_one.key.id, *json::parse(put_one.body));
  const Json got = must("GetWorkloadIdentity", {{"name", "orders-0123456789"}});
  expect_members(got, {"name", "workloadIdentityArn", "allowedResourceOauth2ReturnUrls",
                       "createdTime", "lastUpdatedTime"});
  put(model::kind::gateway, "orders-0123456789", JsonObject{});
  const Error error = refused("DeleteWorkloadIdentity", {{"name", "orders-0123456789"}});
  EXPECT_EQ(error.code, Code::invalid);
  EXPECT_TRUE(stored(model::kind::workload_identity, "orders-0123456789"));
}

class TokenVault : public testing::IdentitiesTest {};

TEST_F(TokenVault, IsThereFromTheBeginningAndKeepsItsDate) {
  const Json first = must("GetTokenVault", {});
  EXPECT_EQ(json::find_string(first, "tokenVaultId"), "default");
  EXPECT_EQ(json::find_string(first, "kmsConfiguration", "keyType"), "ServiceManagedKey");
  clock_.move(5s);
  EXPECT_EQ(must("GetTokenVault", {{"tokenVaultId", "default"}}), first);
  EXPECT_EQ(refused("GetTokenVault", {{"tokenVaultId", "other"}}).code, Code::not_found);
}

TEST_F(TokenVault, TakesAKeyOnlyWhereThereIsAKmsToWrapWith) {
  const JsonObject kms{{"keyType", "CustomerManagedKey"},
                       {"kmsKeyArn",
                        "arn:aws:kms:us-east-1:123456789012:key/"
                        "00000000-0000-0000-0000-000000000000"}};
  const JsonObject ours{{"keyType", "ServiceManagedKey"}};
  const Json set = must("SetTokenVaultCMK", {{"kmsConfiguration", ours}});
  expect_members(set, {"tokenVaultId", "kmsConfiguration", "lastModifiedDate"});
  JsonObject both = kms;
  both["keyType"] = "ServiceManagedKey";
  for (const JsonObject& wrong : {kms, both, JsonObject{{"keyType", "CustomerManagedKey"}}}) {
    const auto error = refused("SetTokenVaultCMK", {{"kmsConfiguration", wrong}});
    EXPECT_EQ(error.code, Code::invalid);
    EXPECT_EQ(error.fields.at(0).path, "kmsConfiguration.kmsKeyArn");
  }
  EXPECT_EQ(must("GetTokenVault", {}), set);
}

class Tags : public testing::IdentitiesTest {
 protected:
  void SetUp() override {
    IdentitiesTest::SetUp();
    put(model::kind::gateway, "orders-0123456789", JsonObject{});
  }
  Json tags() { return *json::find(must("ListTagsForResource", {{"resourceArn", arn}}), "tags"); }

  const std::string arn =
      "arn:aws:bedrock-agentcore:us-east-1:123456789012:gateway/orders-0123456789";
};

TEST_F(Tags, AreAddedReplacedAndTakenAway) {
  EXPECT_EQ(tags(), Json(JsonObject{}));
  must("TagResource", {{"resourceArn", arn}, {"tags", {{"a", "1"}, {"b", "2"}}}});
  must("TagResource", {{"resourceArn", arn}, {"tags", {{"b", "3"}, {"c", ""}}}});
  EXPECT_EQ(tags(), Json(JsonObject{{"a", "1"}, {"b", "3"}, {"c", ""}}));
  must("UntagResource", {{"resourceArn", arn}, {"tagKeys", JsonArray{"a", "b", "x"}}});
  EXPECT_EQ(tags(), Json(JsonObject{{"c", ""}}));
}

TEST_F(Tags, OfACreationAreListed) {
  const Json created = must("CreateWorkloadIdentity", {{"name", "agent"}, {"tags", {{"k", "v"}}}});
  const std::string_view of{*json::find_string(created, "workloadIdentityArn")};
  const Json listed = must("ListTagsForResource", {{"resourceArn", of}});
  EXPECT_EQ(*json::find(listed, "tags"), Json(JsonObject{{"k", "v"}}));
}

TEST_F(Tags, AreAtMostFifty) {
  JsonObject many;
  for (int i = 0; i < 50; ++i) many[fmt::format("k{}", i)] = "v";
  must("TagResource", {{"resourceArn", arn}, {"tags", many}});
  must("TagResource", {{"resourceArn", arn}, {"tags", {{"k0", "again"}}}});
  const Error error = refused("TagResource", {{"resourceArn", arn}, {"tags", {{"x", "v"}}}});
  EXPECT_EQ(error.code, Code::quota);
  EXPECT_EQ(tags().as_object().size(), 50u);
}

TEST_F(Tags, MayNotUseTheReservedPrefix) {
  const Error error = refused("TagResource", {{"resourceArn", arn}, {"tags", {{"AWS:x", "v"}}}});
  EXPECT_EQ(error.code, Code::invalid);
}

TEST_F(Tags, NeedAResourceThatExists) {
  for (const std::string_view other :
       {"arn:aws:bedrock-agentcore:us-east-1:123456789012:gateway/other-0123456789",
        "arn:aws:bedrock-agentcore:us-east-1:123456789012:gateway/",
        "arn:aws:bedrock-agentcore:us-east-1:123456789012:gateway/orders-0123456789/target/x",
        "arn:aws:bedrock-agentcore:eu-west-1:123456789012:gateway/orders-0123456789",
        "arn:aws:bedrock-agentcore:us-east-1:999999999999:gateway/orders-0123456789",
        "arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/orders-0123456789"}) {
    for (const std::string_view operation : {"TagResource", "UntagResource", "ListTagsForResource",
                                             "GetResourcePolicy", "DeleteResourcePolicy"}) {
      EXPECT_EQ(refused(operation, {{"resourceArn", other}, {"tags", {{"x", "v"}}}}).code,
                Code::not_found);
    }
  }
}

class ResourcePolicies : public Tags {
 protected:
  static std::string policy_of(std::string_view action, std::string_view resource) {
    return fmt::format(
        R"({{ "Version":"2012-10-17",  "Statement":[{{"Effect":"Allow","Principal":"*",)"
        R"("Action":"{}","Resource":"{}"}}]}})",
        action, resource);
  }
};

TEST_F(ResourcePolicies, ComeBackAsTheyWere) {
  EXPECT_EQ(must("GetResourcePolicy", {{"resourceArn", arn}}), Json(JsonObject{}));
  const std::string policy = policy_of("bedrock-agentcore:InvokeGateway", arn);
  const Json put_answer = must("PutResourcePolicy", {{"resourceArn", arn}, {"policy", policy}});
  EXPECT_EQ(json::find_string(put_answer, "policy"), policy);
  EXPECT_EQ(must("GetResourcePolicy", {{"resourceArn", arn}}), put_answer);
  must("DeleteResourcePolicy", {{"resourceArn", arn}});
  EXPECT_EQ(must("GetResourcePolicy", {{"resourceArn", arn}}), Json(JsonObject{}));
}

TEST_F(ResourcePolicies, MustBePoliciesOfThisResourceAndOfBoundedSize) {
  const std::string big = R"({"a":")" + std::string(20 * 1024, 'x') + R"("})";
  for (const std::string& policy :
       {std::string{"{"}, std::string{"[]"}, big, policy_of("bedrock-agentcore:GetGateway", arn),
        policy_of("*", arn), policy_of("bedrock-agentcore:InvokeGateway", "*"),
        policy_of("bedrock-agentcore:InvokeGateway", arn + "x"),
        std::string{R"({"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*"}})"}}) {
    const Error error = refused("PutResourcePolicy", {{"resourceArn", arn}, {"policy", policy}});
    EXPECT_EQ(error.code, Code::invalid);
    EXPECT_EQ(error.fields.at(0).path, "policy");
  }
}

}  // namespace
}  // namespace toolgate::services::agentcore
