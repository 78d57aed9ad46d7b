// What policies that are kept decide for calls: through the operations that keep them.
#include "services/iam/authorizer.h"

#include <fmt/format.h>

#include "model/kinds.h"
#include "services/iam/permissions.h"
#include "services/iam/session_facts.h"
#include "services/iam/test_policies.h"

namespace toolgate::services::iam {
namespace {

using identity::Principal;

constexpr std::string_view gateway_arn =
    "arn:aws:bedrock-agentcore:us-east-1:123456789012:gateway/g-1";

std::string document_of(std::string_view effect, std::string_view action,
                        std::string_view resource) {
  return fmt::format(
      R"({{"Version":"2012-10-17","Statement":[{{"Effect":"{}","Action":"{}","Resource":"{}"}}]}})",
      effect, action, resource);
}

class AuthorizerTest : public PoliciesDecide {
 protected:
  Principal make_session(std::string_view role) {
    const Json made =
        must("CreateRole", {{"RoleName", role}, {"AssumeRolePolicyDocument", trust_policy}});
    Principal session;
    session.kind = Principal::Kind::role_session;
    session.account = test_account;
    session.arn = fmt::format("arn:aws:sts::{}:assumed-role/{}/s", test_account, role);
    session.id = at(made, "/Role/RoleId") + ":s";
    return session;
  }
  void put(std::string_view user, std::string_view document) {
    must("PutUserPolicy",
         {{"UserName", user}, {"PolicyName", "own"}, {"PolicyDocument", document}});
  }
  std::string get_gateway(const Principal& caller, std::string_view id = "g-1") {
    return ask(caller, "bedrock-agentcore-control", "GetGateway", {{"gatewayIdentifier", id}});
  }
};

TEST_F(AuthorizerTest, AUserMayWhatTheirPolicySays) {
  const Principal ann = make_user("ann");
  const std::string refused =
      "AccessDenied: User: arn:aws:iam::123456789012:user/ann is not authorized to perform: "
      "bedrock-agentcore:GetGateway on resource: "
      "arn:aws:bedrock-agentcore:us-east-1:123456789012:gateway/g-1 ";
  const std::string unheard =
      refused + "because no identity-based policy allows the bedrock-agentcore:GetGateway action";
  EXPECT_EQ(get_gateway(ann), unheard);
  // Each change counts in the next decision.
  put("ann", document_of("Allow", "bedrock-agentcore:*", "*"));
  EXPECT_EQ(get_gateway(ann), "fine");
  put("ann",
      document_of("Allow", "bedrock-agentcore:*", "arn:aws:bedrock-agentcore:*:*:gateway/h*"));
  EXPECT_EQ(get_gateway(ann), unheard);
  EXPECT_EQ(get_gateway(ann, "h-1"), "fine");
  put("ann", document_of("Deny", "*", "*"));
  EXPECT_EQ(get_gateway(ann), refused + "with an explicit deny in an identity-based policy");
  must("DeleteUserPolicy", {{"UserName", "ann"}, {"PolicyName", "own"}});
  EXPECT_EQ(get_gateway(ann), unheard);
}

TEST_F(AuthorizerTest, RootMayEverythingAndAnyoneMayAskWhoTheyAre) {
  EXPECT_EQ(get_gateway(Bench::root()), "fine");
  EXPECT_EQ(ask(make_user("ann"), "sts", "GetCallerIdentity"), "fine");
}

TEST_F(AuthorizerTest, ManagedPoliciesCountWhileTheyAreAttached) {
  const Principal ann = make_user("ann");
  const Json made =
      must("CreatePolicy",
           {{"PolicyName", "read"}, {"PolicyDocument", document_of("Allow", "iam:Get*", "*")}});
  const std::string arn = at(made, "/Policy/Arn");
  const auto get_user = [&] { return ask(ann, "iam", "GetUser", {{"UserName", "bob"}}); };
  EXPECT_NE(get_user(), "fine");
  must("AttachUserPolicy", {{"UserName", "ann"}, {"PolicyArn", arn}});
  EXPECT_EQ(get_user(), "fine");
  must("CreatePolicyVersion", {{"PolicyArn", arn},
                               {"PolicyDocument", document_of("Deny", "iam:Get*", "*")},
                               {"SetAsDefault", true}});
  EXPECT_TRUE(get_user().contains("explicit deny"));
  must("SetDefaultPolicyVersion", {{"PolicyArn", arn}, {"VersionId", "v1"}});
  EXPECT_EQ(get_user(), "fine");
  must("DetachUserPolicy", {{"UserName", "ann"}, {"PolicyArn", arn}});
  EXPECT_NE(get_user(), "fine");
}

TEST_F(AuthorizerTest, AwsPoliciesHaveTheirEffectWhereTheyAreKnown) {
  const Principal ann = make_user("ann");
  const auto attach = [&](std::string_view name) {
    must("AttachUserPolicy",
         {{"UserName", "ann"}, {"PolicyArn", fmt::format("arn:aws:iam::aws:policy/{}", name)}});
  };
  const auto read = [&] { return ask(ann, "s3", "GetObject", {{"Bucket", "b"}, {"Key", "k"}}); };
  attach("SecurityAudit");
  EXPECT_NE(read(), "fine");
  attach("AmazonS3ReadOnlyAccess");
  EXPECT_EQ(read(), "fine");
  EXPECT_NE(ask(ann, "s3", "PutObject", {{"Bucket", "b"}, {"Key", "k"}}), "fine");
  attach("AdministratorAccess");
  EXPECT_EQ(ask(ann, "s3", "PutObject", {{"Bucket", "b"}, {"Key", "k"}}), "fine");
}

TEST_F(AuthorizerTest, ASessionMayWhatItsRoleMayAndItsOwnPolicyLeaves) {
  Principal session = make_session("Worker");
  must("PutRolePolicy", {{"RoleName", "Worker"},
                         {"PolicyName", "own"},
                         {"PolicyDocument", document_of("Allow", "bedrock-agentcore:*", "*")}});
  EXPECT_EQ(get_gateway(session), "fine");
  SessionFacts narrow;
  narrow.policy = document_of("Allow", "s3:*", "*");
  session.claims = claims_of(narrow);
  EXPECT_TRUE(get_gateway(session).contains("no session policy allows"));
  narrow.policy = document_of("Allow", "bedrock-agentcore:Get*", "*");
  session.claims = claims_of(narrow);
  EXPECT_EQ(get_gateway(session), "fine");
  EXPECT_TRUE(ask(session, "bedrock-agentcore-control", "ListGateways")
                  .contains("no session policy allows"));
}

TEST_F(AuthorizerTest, ASessionOfTheAccountMayWhatItsPolicyLeaves) {
  Principal account = Bench::root();
  account.claims =
      claims_of({.policy = document_of("Allow", "bedrock-agentcore:GetGateway", gateway_arn)});
  EXPECT_EQ(get_gateway(account), "fine");
  EXPECT_NE(get_gateway(account, "g-2").find("no session policy allows"), std::string::npos);
  EXPECT_NE(ask(account, "iam", "ListUsers").find("no session policy allows"), std::string::npos);
}

TEST_F(AuthorizerTest, WhoWasMadeAnewUnderAnOldNameIsSomebodyElse) {
  const Principal session = make_session("Worker");
  const Principal ann = make_user("ann");
  must("DeleteRole", {{"RoleName", "Worker"}});
  must("DeleteUser", {{"UserName", "ann"}});
  make_session("Worker");
  make_user("ann");
  must("PutRolePolicy", {{"RoleName", "Worker"},
                         {"PolicyName", "own"},
                         {"PolicyDocument", document_of("Allow", "*", "*")}});
  put("ann", document_of("Allow", "*", "*"));
  EXPECT_NE(get_gateway(session), "fine");
  EXPECT_NE(get_gateway(ann), "fine");
}

TEST_F(AuthorizerTest, HandingOverARoleTakesPassRole) {
  const Principal ann = make_user("ann");
  put("ann", document_of("Allow", "bedrock-agentcore:*", "*"));
  const JsonObject input{{"name", "g"}, {"roleArn", "arn:aws:iam::123456789012:role/R"}};
  EXPECT_EQ(ask(ann, "bedrock-agentcore-control", "CreateGateway", input),
            "AccessDenied: User: arn:aws:iam::123456789012:user/ann is not authorized to perform: "
            "iam:PassRole on resource: arn:aws:iam::123456789012:role/R because no identity-based "
            "policy allows the iam:PassRole action");
  put("ann", R"({"Version":"2012-10-17","Statement":[)"
             R"({"Effect":"Allow","Action":"bedrock-agentcore:*","Resource":"*"},)"
             R"({"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::*:role/R",)"
             R"("Condition":{"StringEquals":{"iam:PassedToService":)"
             R"("bedrock-agentcore.amazonaws.com"}}}]})");
  EXPECT_EQ(ask(ann, "bedrock-agentcore-control", "CreateGateway", input), "fine");
}

TEST_F(AuthorizerTest, TagsOfTheCallerAndOfTheRequestAreConditionKeys) {
  const Principal ann = make_user("ann");
  put("ann", R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*",)"
             R"("Resource":"*","Condition":{"StringEquals":{)"
             R"("aws:RequestTag/team":"${aws:PrincipalTag/team}"}}}]})");
  const JsonObject input{{"gatewayIdentifier", "g"}, {"tags", JsonObject{{"team", "blue"}}}};
  EXPECT_NE(ask(ann, "bedrock-agentcore-control", "UpdateGateway", input), "fine");
  JsonArray tags;
  tags.push_back(JsonObject{{"Key", "team"}, {"Value", "blue"}});
  must("TagUser", {{"UserName", "ann"}, {"Tags", std::move(tags)}});
  EXPECT_EQ(ask(ann, "bedrock-agentcore-control", "UpdateGateway", input), "fine");
}

TEST_F(AuthorizerTest, AResourcesPolicyIsAskedToo) {
  const Principal ann = make_user("ann");
  put("ann", document_of("Allow", "bedrock-agentcore:InvokeGateway", "*"));
  Principal stranger;
  stranger.kind = Principal::Kind::federated;
  const auto invoke = [&](const Principal& caller) {
    EXPECT_TRUE(run_task(bench.io(), authorizer.settle()).has_value());
    const auto answer = authorizer.may({.caller = caller,
                                        .action = "bedrock-agentcore:InvokeGateway",
                                        .resource = gateway_arn,
                                        .region = "us-east-1"});
    return answer ? "fine" : answer.error().message;
  };
  const auto put_policy = [&](std::string_view statement) {
    store::Batch batch;
    batch.puts.push_back(
        {{std::string{test_account}, "us-east-1", std::string{model::kind::resource_policy},
          std::string{gateway_arn}},
         json::print(
             JsonObject{{"policy", fmt::format(R"({{"Version":"2012-10-17","Statement":[{}]}})",
                                               statement)}})});
    EXPECT_TRUE(run_task(bench.io(), bench.store().commit(std::move(batch))).has_value());
  };
  EXPECT_EQ(invoke(ann), "fine");
  EXPECT_EQ(invoke(Bench::root()), "fine");
  put_policy(R"({"Effect":"Deny","Principal":"*","Action":"bedrock-agentcore:InvokeGateway"})");
  EXPECT_TRUE(std::string_view{invoke(ann)}.contains("explicit deny in a resource-based policy"));
  EXPECT_TRUE(std::string_view{invoke(Bench::root())}.contains("explicit deny"));
  put_policy(R"({"Effect":"Allow","Principal":"*","Action":"bedrock-agentcore:InvokeGateway"})");
  EXPECT_EQ(invoke(stranger), "fine");
  put_policy(R"({"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/bob"},)"
             R"("Action":"bedrock-agentcore:InvokeGateway"})");
  EXPECT_EQ(invoke(make_user("bob")), "fine");
  EXPECT_NE(std::string_view{invoke(stranger)}, "fine");
}

TEST_F(AuthorizerTest, AServiceActsByTheRolesPoliciesAndTrust) {
  make_session("Worker");
  const std::string role = "arn:aws:iam::123456789012:role/Worker";
  const auto may = [&] {
    EXPECT_TRUE(run_task(bench.io(), authorizer.settle()).has_value());
    const auto answer =
        authorizer.role_may({.role_arn = role,
                             .action = "lambda:InvokeFunction",
                             .resource = "arn:aws:lambda:us-east-1:123456789012:function:f",
                             .region = "us-east-1"});
    return answer ? "fine" : answer.error().message;
  };
  EXPECT_EQ(may(),
            "User: arn:aws:sts::123456789012:assumed-role/Worker/toolgate is not authorized "
            "to perform: lambda:InvokeFunction on resource: "
            "arn:aws:lambda:us-east-1:123456789012:function:f because no identity-based "
            "policy allows the lambda:InvokeFunction action");
  must("PutRolePolicy", {{"RoleName", "Worker"},
                         {"PolicyName", "own"},
                         {"PolicyDocument", document_of("Allow", "lambda:InvokeFunction", "*")}});
  EXPECT_EQ(may(), "fine");
  EXPECT_TRUE(authorizer
                  .service_may_assume({.service = "bedrock-agentcore.amazonaws.com",
                                       .role_arn = role,
                                       .source_arn = gateway_arn})
                  .has_value());
  const auto refused = authorizer.service_may_assume(
      {.service = "lambda.amazonaws.com", .role_arn = role, .source_arn = {}});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().message,
            "lambda.amazonaws.com may not assume the role " + role +
                ": its trust policy does not allow sts:AssumeRole to this service");
}

TEST_F(AuthorizerTest, AKeptPolicyThatCannotBeReadDeniesWhateverElseAllows) {
  const Principal ann = make_user("ann");
  must("AttachUserPolicy",
       {{"UserName", "ann"}, {"PolicyArn", "arn:aws:iam::aws:policy/AdministratorAccess"}});
  EXPECT_EQ(get_gateway(ann), "fine");
  const auto loaded =
      run_task(bench.io(), load(bench.store(), key_of(test_account, kind::user, "ann")));
  ASSERT_TRUE(loaded.has_value() && loaded->has_value());
  Loaded user = **loaded;
  object_in(user.body, "InlinePolicies")["own"] = "{";
  store::Batch batch;
  write_back(batch, user);
  ASSERT_TRUE(run_task(bench.io(), bench.store().commit(std::move(batch))).has_value());
  EXPECT_TRUE(get_gateway(ann).contains("explicit deny"));
}

TEST_F(AuthorizerTest, OffAsksNoPolicy) {
  Authorizer off{directory, bench.clock(), Authorizer::Mode::everyone_may};
  aws::Call call;
  call.service = "iam";
  call.operation = "ListUsers";
  call.caller = make_user("ann");
  EXPECT_TRUE(run_task(bench.io(), off.allow(call)).has_value());
}

TEST(PermissionsOf, NameActionsAndResourcesAsIamDoes) {
  struct Case {
    std::string_view service;
    std::string_view operation;
    std::string_view input;
    std::string_view expected;  // "action resource", apart by |
  };
  const Case cases[] = {
      {"bedrock-agentcore-control", "ListGateways", "{}",
       "bedrock-agentcore:ListGateways arn:aws:bedrock-agentcore:eu-west-1:1:gateway/*"},
      {"cognito-idp", "ListUserPools", "{}", "cognito-idp:ListUserPools *"},
      {"s3", "ListObjectsV2", R"({"Bucket":"b"})", "s3:ListBucket arn:aws:s3:::b"},
      {"s3", "HeadObject", R"({"Bucket":"b","Key":"k"})", "s3:GetObject arn:aws:s3:::b/k"},
      {"s3", "GetObject", R"({"Bucket":"b","Key":"k","VersionId":"v"})",
       "s3:GetObjectVersion arn:aws:s3:::b/k"},
      // A key that looks like an ARN is still a key of that bucket.
      {"s3", "GetObject", R"({"Bucket":"b","Key":"arn:aws:s3:::c/k"})",
       "s3:GetObject arn:aws:s3:::b/arn:aws:s3:::c/k"},
      {"s3", "DeleteObjects", R"({"Bucket":"b","Delete":{"Objects":[{"Key":"x"},{"Key":"y"}]}})",
       "s3:DeleteObject arn:aws:s3:::b/x|s3:DeleteObject arn:aws:s3:::b/y"},
      {"s3", "CopyObject", R"({"Bucket":"b","Key":"k","CopySource":"/c/a%20b?versionId=1"})",
       "s3:PutObject arn:aws:s3:::b/k|s3:GetObject arn:aws:s3:::c/a b"},
      {"lambda", "Invoke", R"({"FunctionName":"f"})",
       "lambda:InvokeFunction arn:aws:lambda:eu-west-1:1:function:f"},
      {"lambda", "Invoke", R"({"FunctionName":"f","Qualifier":"live"})",
       "lambda:InvokeFunction arn:aws:lambda:eu-west-1:1:function:f:live"},
      {"lambda", "Invoke", R"({"FunctionName":"1:function:f:live"})",
       "lambda:InvokeFunction arn:aws:lambda:eu-west-1:1:function:f:live"},
      {"lambda", "GetFunction", R"({"FunctionName":"f:7","Qualifier":"7"})",
       "lambda:GetFunction arn:aws:lambda:eu-west-1:1:function:f:7"},
      {"lambda", "Invoke", R"({"FunctionName":"arn:aws:lambda:r:2:function:g","Qualifier":"7"})",
       "lambda:InvokeFunction arn:aws:lambda:r:2:function:g:7"},
      {"logs", "PutLogEvents", R"({"logGroupName":"/a","logStreamName":"s"})",
       "logs:PutLogEvents arn:aws:logs:eu-west-1:1:log-group:/a:log-stream:s"},
      {"logs", "PutDeliverySource", R"({"name":"n","resourceArn":"arn:aws:x:r:2:gateway/g"})",
       "logs:PutDeliverySource arn:aws:logs:eu-west-1:1:delivery-source:n|"
       "bedrock-agentcore:AllowVendedLogDeliveryForResource arn:aws:x:r:2:gateway/g"},
      {"codebuild", "BatchGetBuilds", R"({"ids":["p:1","q:2"]})",
       "codebuild:BatchGetBuilds arn:aws:codebuild:eu-west-1:1:project/p|"
       "codebuild:BatchGetBuilds arn:aws:codebuild:eu-west-1:1:project/q"},
      {"ecr", "DescribeRepositories", "{}",
       "ecr:DescribeRepositories arn:aws:ecr:eu-west-1:1:repository/*"},
      {"iam", "CreateRole", R"({"RoleName":"r","Path":"/team/"})",
       "iam:CreateRole arn:aws:iam::1:role/team/r"},
      {"iam", "GetRole", R"({"RoleName":"r"})", "iam:GetRole arn:aws:iam::1:role/r"},
      {"bedrock-runtime", "Converse", R"({"modelId":"m.v1:0"})",
       "bedrock:InvokeModel arn:aws:bedrock:eu-west-1::foundation-model/m.v1:0"},
      {"lambda", "CreateFunction", R"({"FunctionName":"f","Role":"arn:aws:iam::1:role/r"})",
       "lambda:CreateFunction arn:aws:lambda:eu-west-1:1:function:f|"
       "iam:PassRole arn:aws:iam::1:role/r"},
  };
  for (const Case& one : cases) {
    aws::Call call;
    call.service = one.service;
    call.operation = one.operation;
    call.input = json::parse(one.input).value();
    call.account = "1";
    call.region = "eu-west-1";
    std::string text;
    for (const Permission& permission : permissions_of(call, PolicyView{})) {
      if (!text.empty()) text += '|';
      text += permission.action + ' ' + permission.resource;
    }
    EXPECT_EQ(text, one.expected) << one.service << " " << one.operation;
  }
}

}  // namespace
}  // namespace toolgate::services::iam
