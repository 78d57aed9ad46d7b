// Pools, domains, resource servers and clients, through the table of operations.
#include <algorithm>

#include "base/text.h"
#include "services/cognito/test_bench.h"

namespace toolgate::services::cognito {
namespace {

class Pools : public testing::Test {
 protected:
  std::string try_call(std::string_view operation, JsonObject input) {
    return outcome(bench.call(operation, std::move(input)));
  }
  JsonObject in_pool(JsonObject more = {}) {
    more["UserPoolId"] = pool;
    return more;
  }
  Bench bench;
  std::string pool = bench.make_pool();
};

JsonObject server(std::string_view identifier) {
  return {{"Identifier", identifier},
          {"Name", "name"},
          {"Scopes", JsonArray{JsonObject{{"ScopeName", "invoke"}, {"ScopeDescription", "x"}}}}};
}

JsonObject machine(JsonArray scopes) {
  return {{"ClientName", "client"},
          {"GenerateSecret", true},
          {"AllowedOAuthFlows", JsonArray{"client_credentials"}},
          {"AllowedOAuthScopes", std::move(scopes)},
          {"AllowedOAuthFlowsUserPoolClient", true},
          {"SupportedIdentityProviders", JsonArray{"COGNITO"}}};
}

TEST_F(Pools, KeepWhatTheyWereGivenAndFillInDefaults) {
  const auto made =
      bench.call("CreateUserPool", {{"PoolName", "gateway pool"},
                                    {"AdminCreateUserConfig", {{"AllowAdminCreateUserOnly", true}}},
                                    {"Schema", JsonArray{JsonObject{{"Name", "team"}}}},
                                    {"UserPoolTags", {{"a", "b"}}}});
  ASSERT_EQ(outcome(made), "fine");
  const std::string id = at(*made, "/UserPool/Id");
  EXPECT_EQ(id.substr(0, 10), "us-east-1_");
  EXPECT_EQ(id.size(), 19u);
  const auto described = bench.call("DescribeUserPool", {{"UserPoolId", id}});
  EXPECT_EQ(*described, *made);
  EXPECT_EQ(at(*described, "/UserPool/Name"), "gateway pool");
  EXPECT_EQ(at(*described, "/UserPool/Arn"),
            "arn:aws:cognito-idp:us-east-1:123456789012:userpool/" + id);
  EXPECT_EQ(at(*described, "/UserPool/AdminCreateUserConfig/AllowAdminCreateUserOnly"), "true");
  EXPECT_EQ(at(*described, "/UserPool/SchemaAttributes/0/Name"), "team");
  EXPECT_EQ(at(*described, "/UserPool/MfaConfiguration"), "OFF");
  EXPECT_EQ(at(*described, "/UserPool/UserPoolTags/a"), "b");
  EXPECT_EQ(at(*described, "/UserPool/Domain"), "(absent)");
}

TEST_F(Pools, AnUpdateResetsWhatItLeavesOut) {
  ASSERT_EQ(try_call("UpdateUserPool", in_pool({{"DeletionProtection", "ACTIVE"}})), "fine");
  EXPECT_EQ(
      try_call("DeleteUserPool", in_pool()),
      "InvalidParameterException: The user pool cannot be deleted because deletion protection "
      "is activated. Deletion protection must be inactivated first.");
  ASSERT_EQ(try_call("UpdateUserPool", in_pool({{"MfaConfiguration", "OPTIONAL"}})), "fine");
  const auto described = bench.call("DescribeUserPool", in_pool());
  EXPECT_EQ(at(*described, "/UserPool/DeletionProtection"), "INACTIVE");
  EXPECT_EQ(at(*described, "/UserPool/MfaConfiguration"), "OPTIONAL");
  EXPECT_EQ(at(*bench.call("GetUserPoolMfaConfig", in_pool()), "/MfaConfiguration"), "OPTIONAL");
  EXPECT_EQ(at(*described, "/UserPool/Name"), "pool");
}

TEST_F(Pools, AreListedInPages) {
  for (int number = 0; number < 4; ++number) bench.make_pool();
  std::size_t seen = 0;
  JsonObject input{{"MaxResults", 2}};
  for (int page = 0; page < 3; ++page) {
    const auto listed = bench.call("ListUserPools", input);
    ASSERT_EQ(outcome(listed), "fine");
    seen += json::find_array(*listed, "UserPools")->size();
    EXPECT_EQ(at(*listed, "/UserPools/0/Name"), "pool");
    if (at(*listed, "/NextToken") == "(absent)") break;
    input["NextToken"] = at(*listed, "/NextToken");
  }
  EXPECT_EQ(seen, 5u);
  EXPECT_EQ(try_call("ListUserPools", {{"MaxResults", 2}, {"NextToken", "bogus"}}),
            "InvalidParameterException: Invalid pagination token given.");
}

TEST_F(Pools, ADomainIsServedAtOnceAndHoldsItsPool) {
  ASSERT_EQ(try_call("CreateUserPoolDomain", in_pool({{"Domain", "agentcore-1"}})), "fine");
  const auto described = bench.call("DescribeUserPoolDomain", {{"Domain", "agentcore-1"}});
  EXPECT_EQ(at(*described, "/DomainDescription/Status"), "ACTIVE");
  EXPECT_EQ(at(*described, "/DomainDescription/UserPoolId"), pool);
  EXPECT_EQ(at(*bench.call("DescribeUserPool", in_pool()), "/UserPool/Domain"), "agentcore-1");
  EXPECT_EQ(at(*bench.call("DescribeUserPoolDomain", {{"Domain", "other"}}), "/DomainDescription"),
            "{}");
  EXPECT_EQ(try_call("DeleteUserPool", in_pool()),
            "InvalidParameterException: User pool cannot be deleted. It has a domain configured "
            "that should be deleted first. (aws cognito-idp delete-user-pool-domain "
            "--user-pool-id " +
                pool + " --domain agentcore-1 --region us-east-1)");
  EXPECT_EQ(try_call("CreateUserPoolDomain", in_pool({{"Domain", "second"}})),
            "InvalidParameterException: User pool already has a domain configured.");
  const std::string other = bench.make_pool();
  EXPECT_EQ(try_call("CreateUserPoolDomain", {{"UserPoolId", other}, {"Domain", "agentcore-1"}}),
            "InvalidParameterException: Domain already associated with another user pool.");
  EXPECT_EQ(try_call("DeleteUserPoolDomain", {{"UserPoolId", other}, {"Domain", "agentcore-1"}}),
            "InvalidParameterException: No such domain or user pool exists.");
  EXPECT_EQ(try_call("CreateUserPoolDomain", {{"UserPoolId", other}, {"Domain", "my-aws-one"}}),
            "InvalidParameterException: Domain cannot contain reserved word: aws");

  ASSERT_EQ(try_call("DeleteUserPoolDomain", in_pool({{"Domain", "agentcore-1"}})), "fine");
  EXPECT_EQ(try_call("CreateUserPoolDomain", {{"UserPoolId", other}, {"Domain", "agentcore-1"}}),
            "fine");
  EXPECT_EQ(try_call("DeleteUserPool", in_pool()), "fine");
  EXPECT_EQ(try_call("DescribeUserPool", in_pool()),
            "ResourceNotFoundException: User pool " + pool + " does not exist.");
}

TEST_F(Pools, TheDomainOfTheTutorialsIsTaken) {
  std::string domain = lower(pool);
  std::erase(domain, '_');
  EXPECT_EQ(try_call("CreateUserPoolDomain", in_pool({{"Domain", domain}})), "fine");
}

TEST_F(Pools, ResourceServersAreKeptByIdentifier) {
  ASSERT_EQ(try_call("CreateResourceServer", in_pool(server("https://orders"))), "fine");
  const auto got =
      bench.call("DescribeResourceServer", in_pool({{"Identifier", "https://orders"}}));
  EXPECT_EQ(at(*got, "/ResourceServer/Scopes/0/ScopeName"), "invoke");
  EXPECT_EQ(at(*got, "/ResourceServer/UserPoolId"), pool);
  EXPECT_EQ(try_call("CreateResourceServer", in_pool(server("https://orders"))),
            "InvalidParameterException: https://orders already exists in user pool " + pool + ".");
  EXPECT_EQ(try_call("DescribeResourceServer", in_pool({{"Identifier", "absent"}})),
            "ResourceNotFoundException: Resource server absent does not exist.");
  JsonObject changed = server("https://orders");
  changed["Name"] = "new";
  changed.erase("Scopes");
  ASSERT_EQ(try_call("UpdateResourceServer", in_pool(changed)), "fine");
  const auto listed = bench.call("ListResourceServers", in_pool({{"MaxResults", 50}}));
  EXPECT_EQ(at(*listed, "/ResourceServers/0/Name"), "new");
  EXPECT_EQ(at(*listed, "/ResourceServers/0/Scopes"), "[]");
  ASSERT_EQ(try_call("DeleteResourceServer", in_pool({{"Identifier", "https://orders"}})), "fine");
  EXPECT_EQ(at(*bench.call("ListResourceServers", in_pool()), "/ResourceServers"), "[]");
}

TEST_F(Pools, AClientComesBackWithItsSecretWhichIsSealedInTheStore) {
  ASSERT_EQ(try_call("CreateResourceServer", in_pool(server("orders"))), "fine");
  const auto made =
      bench.call("CreateUserPoolClient", in_pool(machine(JsonArray{"orders/invoke"})));
  ASSERT_EQ(outcome(made), "fine");
  const std::string id = at(*made, "/UserPoolClient/ClientId");
  const std::string secret = at(*made, "/UserPoolClient/ClientSecret");
  EXPECT_EQ(id.size(), 26u);
  EXPECT_EQ(secret.size(), 51u);
  EXPECT_EQ(at(*made, "/UserPoolClient/SealedSecret"), "(absent)");
  const auto got = bench.call("DescribeUserPoolClient", in_pool({{"ClientId", id}}));
  EXPECT_EQ(*got, *made);
  const auto listed = bench.call("ListUserPoolClients", in_pool({{"MaxResults", 60}}));
  EXPECT_EQ(at(*listed, "/UserPoolClients/0/ClientId"), id);
  EXPECT_EQ(at(*listed, "/UserPoolClients/0/ClientName"), "client");
  EXPECT_EQ(at(*listed, "/UserPoolClients/0/ClientSecret"), "(absent)");
  const auto stored = run_task(
      bench.io(),
      bench.store().get(key_of(PoolPlace{"123456789012", "us-east-1", pool}, kind::client, id)));
  ASSERT_TRUE(stored.has_value() && stored->has_value());
  EXPECT_FALSE((*stored)->body.contains(secret));

  JsonObject changed = machine(JsonArray{"orders/invoke"});
  changed["ClientId"] = id;
  changed["ClientName"] = "renamed";
  changed["AccessTokenValidity"] = 30;
  changed["TokenValidityUnits"] = {{"AccessToken", "minutes"}};
  const auto updated = bench.call("UpdateUserPoolClient", in_pool(changed));
  ASSERT_EQ(outcome(updated), "fine");
  EXPECT_EQ(at(*updated, "/UserPoolClient/ClientSecret"), secret);
  EXPECT_EQ(at(*updated, "/UserPoolClient/ClientName"), "renamed");

  ASSERT_EQ(try_call("DeleteUserPoolClient", in_pool({{"ClientId", id}})), "fine");
  EXPECT_EQ(try_call("DescribeUserPoolClient", in_pool({{"ClientId", id}})),
            "ResourceNotFoundException: User pool client " + id + " does not exist.");
}

TEST_F(Pools, ClientsThatContradictThemselvesAreRefused) {
  ASSERT_EQ(try_call("CreateResourceServer", in_pool(server("orders"))), "fine");
  const auto with = [&](std::string_view name, Json value) {
    JsonObject input = machine(JsonArray{"orders/invoke"});
    input[name] = std::move(value);
    return try_call("CreateUserPoolClient", in_pool(std::move(input)));
  };
  EXPECT_EQ(with("AllowedOAuthScopes", JsonArray{"orders/absent"}),
            "ScopeDoesNotExistException: Invalid scope requested: orders/absent");
  EXPECT_EQ(with("AllowedOAuthScopes", JsonArray{"nonsense"}),
            "ScopeDoesNotExistException: Invalid scope requested: nonsense");
  EXPECT_EQ(with("GenerateSecret", false),
            "InvalidOAuthFlowException: client_credentials flow can not be selected if client does "
            "not have a client secret.");
  EXPECT_EQ(with("AllowedOAuthFlows", JsonArray{"client_credentials", "code"}),
            "InvalidOAuthFlowException: client_credentials flow can not be selected along with "
            "code flow or implicit flow.");
  EXPECT_EQ(with("AllowedOAuthFlows", JsonArray{}),
            "InvalidParameterException: AllowedOAuthFlows and AllowedOAuthScopes are required if "
            "user pool client is allowed to use OAuth flows.");
  EXPECT_EQ(
      with("SupportedIdentityProviders", JsonArray{"Google"}),
      "InvalidParameterException: The provider Google does not exist for User Pool " + pool + ".");
  EXPECT_EQ(with("AccessTokenValidity", 25),
            "InvalidParameterException: Invalid range for token validity: an access token lives "
            "from 5 minutes to 1 day.");
  EXPECT_EQ(with("ClientSecret", "abcdefghijklmnopqrstuvwxyz"),
            "InvalidParameterException: GenerateSecret and ClientSecret exclude each other.");
  EXPECT_EQ(try_call("CreateUserPoolClient",
                     {{"UserPoolId", "us-east-1_absent123"}, {"ClientName", "c"}}),
            "ResourceNotFoundException: User pool us-east-1_absent123 does not exist.");
}

TEST_F(Pools, HaveStandingLimits) {
  for (int number = 0; number < 4; ++number) {
    ASSERT_EQ(try_call("CreateUserPoolClient", in_pool({{"ClientName", "c"}})), "fine");
  }
  EXPECT_EQ(try_call("CreateUserPoolClient", in_pool({{"ClientName", "c"}})),
            "LimitExceededException: User pool client limit of 4 exceeded.");
  for (const std::string_view name : {"a", "b", "c"}) {
    ASSERT_EQ(try_call("CreateResourceServer", in_pool(server(name))), "fine");
  }
  EXPECT_EQ(try_call("CreateResourceServer", in_pool(server("d"))),
            "LimitExceededException: Resource server limit of 3 exceeded.");
  for (int number = 0; number < 7; ++number) bench.make_pool();
  EXPECT_EQ(try_call("CreateUserPool", {{"PoolName", "one more"}}),
            "LimitExceededException: User pool limit of 8 exceeded in this region.");
}

TEST_F(Pools, AreDeletedWithEverythingBelowThem) {
  ASSERT_EQ(try_call("CreateResourceServer", in_pool(server("orders"))), "fine");
  ASSERT_EQ(try_call("CreateUserPoolClient", in_pool(machine(JsonArray{"orders/invoke"}))), "fine");
  const std::string other = bench.make_pool();
  ASSERT_EQ(try_call("DeleteUserPool", in_pool()), "fine");
  for (const std::string_view left : {kind::client, kind::client_index, kind::resource_server}) {
    const auto keys = run_task(bench.io(), bench.store().keys_of(std::string{left}));
    EXPECT_TRUE(keys.has_value() && keys->empty()) << left;
  }
  for (const std::string_view others : {kind::pool, kind::keys}) {
    const auto keys = run_task(bench.io(), bench.store().keys_of(std::string{others}));
    ASSERT_TRUE(keys.has_value() && keys->size() == 1) << others;
    EXPECT_EQ(keys->front().id, other);
  }
}

TEST_F(Pools, AreTaggedByArn) {
  const std::string arn = "arn:aws:cognito-idp:us-east-1:123456789012:userpool/" + pool;
  ASSERT_EQ(try_call("TagResource", {{"ResourceArn", arn}, {"Tags", {{"a", "1"}, {"b", "2"}}}}),
            "fine");
  ASSERT_EQ(try_call("UntagResource", {{"ResourceArn", arn}, {"TagKeys", JsonArray{"a"}}}), "fine");
  EXPECT_EQ(at(*bench.call("ListTagsForResource", {{"ResourceArn", arn}}), "/Tags"),
            R"({"b":"2"})");
  EXPECT_EQ(
      try_call("TagResource", {{"ResourceArn", "arn:aws:s3:::bucket-name"}, {"Tags", JsonObject{}}})
          .substr(0, 26),
      "InvalidParameterException:");
}

}  // namespace
}  // namespace toolgate::services::cognito
