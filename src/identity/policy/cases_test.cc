// Requests and policies of one account, with the decision that AWS documents: what an action, a
// resource and an effect mean. "allow", "deny" (a statement denies) or "none" (nothing allows).
#include "identity/policy/testing.h"

namespace toolgate::identity::policy {
namespace {

struct Case {
  std::string_view statements;
  std::string_view action;
  std::string_view resource;
  std::string_view expected;
};

// An Allow or a Deny of everything but what the case is about.
#define ALLOW(action, resource) \
  R"({"Effect":"Allow","Action":)" action R"(,"Resource":)" resource "}"
#define DENY(action, resource) R"({"Effect":"Deny","Action":)" action R"(,"Resource":)" resource "}"

constexpr std::string_view bucket = "arn:aws:s3:::reports";
constexpr std::string_view object = "arn:aws:s3:::reports/2026/november.csv";
constexpr std::string_view gateway =
    "arn:aws:bedrock-agentcore:us-east-1:111122223333:gateway/orders-abc123";
constexpr std::string_view function = "arn:aws:lambda:us-east-1:111122223333:function:convert";

constexpr Case actions[] = {
    {ALLOW(R"("*")", R"("*")"), "s3:GetObject", object, "allow"},
    {ALLOW(R"("s3:*")", R"("*")"), "s3:GetObject", object, "allow"},
    {ALLOW(R"("s3:*")", R"("*")"), "iam:GetUser", "*", "none"},
    {ALLOW(R"("s3:GetObject")", R"("*")"), "s3:GetObject", object, "allow"},
    {ALLOW(R"("s3:GetObject")", R"("*")"), "s3:GetObjectAcl", object, "none"},
    {ALLOW(R"("s3:GetObject")", R"("*")"), "s3:PutObject", object, "none"},
    {ALLOW(R"("s3:Get*")", R"("*")"), "s3:GetObjectAcl", object, "allow"},
    {ALLOW(R"("s3:Get*")", R"("*")"), "s3:ListBucket", bucket, "none"},
    {ALLOW(R"("s3:*Object")", R"("*")"), "s3:DeleteObject", object, "allow"},
    {ALLOW(R"("s3:*Object")", R"("*")"), "s3:DeleteObjects", object, "none"},
    {ALLOW(R"("s3:*Ob*Acl")", R"("*")"), "s3:PutObjectAcl", object, "allow"},
    {ALLOW(R"("s3:?etObject")", R"("*")"), "s3:GetObject", object, "allow"},
    {ALLOW(R"("s3:?etObject")", R"("*")"), "s3:etObject", object, "none"},
    {ALLOW(R"("s3:G??Object")", R"("*")"), "s3:GetObject", object, "allow"},
    {ALLOW(R"("S3:getobject")", R"("*")"), "s3:GetObject", object, "allow"},
    {ALLOW(R"("s3:GETOBJECT*")", R"("*")"), "s3:GetObjectTagging", object, "allow"},
    {ALLOW(R"(["s3:PutObject","s3:GetObject"])", R"("*")"), "s3:GetObject", object, "allow"},
    {ALLOW(R"(["s3:PutObject","s3:GetObject"])", R"("*")"), "s3:DeleteObject", object, "none"},
    {ALLOW(R"("iam:*AccessKey*")", R"("*")"), "iam:UpdateAccessKey", "*", "allow"},
    {ALLOW(R"("bedrock-agentcore:*Gateway")", R"("*")"), "bedrock-agentcore:InvokeGateway", gateway,
     "allow"},
    {ALLOW(R"("bedrock:*")", R"("*")"), "bedrock-agentcore:InvokeGateway", gateway, "none"},
    {ALLOW(R"("bedrock*:*")", R"("*")"), "bedrock-agentcore:InvokeGateway", gateway, "allow"},
    {R"({"Effect":"Allow","NotAction":"iam:*","Resource":"*"})", "s3:GetObject", object, "allow"},
    {R"({"Effect":"Allow","NotAction":"iam:*","Resource":"*"})", "iam:GetUser", "*", "none"},
    {R"({"Effect":"Allow","NotAction":["iam:*","s3:Delete*"],"Resource":"*"})", "s3:DeleteObject",
     object, "none"},
    {R"({"Effect":"Allow","NotAction":["iam:*","s3:Delete*"],"Resource":"*"})", "s3:GetObject",
     object, "allow"},
    {R"({"Effect":"Deny","NotAction":"s3:*","Resource":"*"})", "iam:GetUser", "*", "deny"},
    {R"({"Effect":"Deny","NotAction":"s3:*","Resource":"*"})", "s3:GetObject", object, "none"},
};

constexpr Case resources[] = {
    {ALLOW(R"("s3:GetObject")", R"("arn:aws:s3:::reports/*")"), "s3:GetObject", object, "allow"},
    {ALLOW(R"("s3:GetObject")", R"("arn:aws:s3:::reports/*")"), "s3:GetObject",
     "arn:aws:s3:::other/2026", "none"},
    {ALLOW(R"("s3:ListBucket")", R"("arn:aws:s3:::reports/*")"), "s3:ListBucket", bucket, "none"},
    {ALLOW(R"("s3:ListBucket")", R"("arn:aws:s3:::reports")"), "s3:ListBucket", bucket, "allow"},
    {ALLOW(R"("s3:*")", R"("arn:aws:s3:::reports")"), "s3:GetObject", object, "none"},
    {ALLOW(R"("s3:*")", R"(["arn:aws:s3:::reports","arn:aws:s3:::reports/*"])"), "s3:GetObject",
     object, "allow"},
    {ALLOW(R"("s3:*")", R"("arn:aws:s3:::rep*")"), "s3:GetObject", object, "allow"},
    {ALLOW(R"("s3:*")", R"("arn:aws:s3:::*/november.csv")"), "s3:GetObject", object, "allow"},
    {ALLOW(R"("s3:*")", R"("arn:aws:s3:::reports/202?/*")"), "s3:GetObject", object, "allow"},
    {ALLOW(R"("s3:*")", R"("arn:aws:s3:::reports/202?/*")"), "s3:GetObject",
     "arn:aws:s3:::reports/20266/x", "none"},
    {ALLOW(R"("s3:*")", R"("arn:aws:s3:::Reports/*")"), "s3:GetObject", object, "none"},
    {ALLOW(R"("s3:*")", R"("arn:aws:s3:::reports/NOVEMBER*")"), "s3:GetObject",
     "arn:aws:s3:::reports/november", "none"},
    {ALLOW(R"("bedrock-agentcore:GetGateway")",
           R"("arn:aws:bedrock-agentcore:us-east-1:111122223333:gateway/orders-*")"),
     "bedrock-agentcore:GetGateway", gateway, "allow"},
    {ALLOW(R"("bedrock-agentcore:GetGateway")",
           R"("arn:aws:bedrock-agentcore:eu-west-1:111122223333:gateway/orders-*")"),
     "bedrock-agentcore:GetGateway", gateway, "none"},
    {ALLOW(R"("bedrock-agentcore:GetGateway")", R"("arn:aws:bedrock-agentcore:*:*:gateway/*")"),
     "bedrock-agentcore:GetGateway", gateway, "allow"},
    {ALLOW(R"("bedrock-agentcore:GetGateway")",
           R"("arn:aws:bedrock-agentcore:*:444455556666:gateway/*")"),
     "bedrock-agentcore:GetGateway", gateway, "none"},
    {ALLOW(R"("bedrock-agentcore:*")", R"("arn:aws:bedrock-agentcore:*:*:*")"),
     "bedrock-agentcore:GetGateway", gateway, "allow"},
    {ALLOW(R"("bedrock-agentcore:*")", R"("arn:aws:bedrock-agentcore:*:*:*")"),
     "bedrock-agentcore:ListGateways", "*", "none"},
    {ALLOW(R"("bedrock-agentcore:*")", R"("*")"), "bedrock-agentcore:ListGateways", "*", "allow"},
    {ALLOW(R"("lambda:InvokeFunction")", R"("arn:aws:lambda:*:*:function:*")"),
     "lambda:InvokeFunction", function, "allow"},
    {ALLOW(R"("lambda:InvokeFunction")", R"("arn:aws:lambda:*")"), "lambda:InvokeFunction",
     function, "allow"},
    {ALLOW(R"("lambda:InvokeFunction")",
           R"("arn:aws:lambda:us-east-1:111122223333:function:convert")"),
     "lambda:InvokeFunction", "arn:aws:lambda:us-east-1:111122223333:function:convert:7", "none"},
    {ALLOW(R"("lambda:InvokeFunction")",
           R"("arn:aws:lambda:us-east-1:111122223333:function:convert:*")"),
     "lambda:InvokeFunction", "arn:aws:lambda:us-east-1:111122223333:function:convert:7", "allow"},
    {R"({"Effect":"Allow","Action":"s3:*","NotResource":"arn:aws:s3:::secret/*"})", "s3:GetObject",
     object, "allow"},
    {R"({"Effect":"Allow","Action":"s3:*","NotResource":"arn:aws:s3:::secret/*"})", "s3:GetObject",
     "arn:aws:s3:::secret/key", "none"},
    {R"({"Effect":"Deny","Action":"s3:*","NotResource":["arn:aws:s3:::reports/*"]})",
     "s3:GetObject", "arn:aws:s3:::other/x", "deny"},
    {R"({"Effect":"Deny","Action":"s3:*","NotResource":["arn:aws:s3:::reports/*"]})",
     "s3:GetObject", object, "none"},
};

constexpr Case effects[] = {
    {ALLOW(R"("s3:*")", R"("*")") "," DENY(R"("s3:DeleteObject")", R"("*")"), "s3:DeleteObject",
     object, "deny"},
    {DENY(R"("s3:DeleteObject")", R"("*")") "," ALLOW(R"("s3:*")", R"("*")"), "s3:DeleteObject",
     object, "deny"},
    {ALLOW(R"("s3:*")", R"("*")") "," DENY(R"("s3:DeleteObject")", R"("*")"), "s3:GetObject",
     object, "allow"},
    {ALLOW(R"("*")", R"("*")") "," DENY(R"("*")", R"("arn:aws:s3:::reports/*")"), "s3:GetObject",
     object, "deny"},
    {ALLOW(R"("*")", R"("*")") "," DENY(R"("*")", R"("arn:aws:s3:::reports/*")"), "s3:ListBucket",
     bucket, "allow"},
    {DENY(R"("*")", R"("*")"), "s3:GetObject", object, "deny"},
    {DENY(R"("iam:*")", R"("*")"), "s3:GetObject", object, "none"},
    {ALLOW(R"("s3:GetObject")", R"("*")") "," ALLOW(R"("s3:PutObject")", R"("*")"), "s3:PutObject",
     object, "allow"},
    {ALLOW(R"("s3:*")", R"("arn:aws:s3:::reports/*")") "," DENY(R"("S3:get*")", R"("*")"),
     "s3:GetObject", object, "deny"},
    {ALLOW(R"("iam:PassRole")", R"("arn:aws:iam::111122223333:role/*BedrockAgentCore*")"),
     "iam:PassRole", "arn:aws:iam::111122223333:role/MyBedrockAgentCoreRole", "allow"},
    {ALLOW(R"("iam:PassRole")", R"("arn:aws:iam::111122223333:role/*BedrockAgentCore*")"),
     "iam:PassRole", "arn:aws:iam::111122223333:role/Admin", "none"},
};

template <std::size_t count>
void check(const Case (&cases)[count]) {
  const Caller caller = user_named("ann");
  const Context context;
  for (const Case& one : cases) {
    const PolicyRef policy[] = {compiled(document_of(one.statements))};
    const auto decision = decide({.caller = caller,
                                  .action = one.action,
                                  .resource = one.resource,
                                  .resource_account = own_account,
                                  .context = context},
                                 {.identity = policy, .session = {}});
    EXPECT_EQ(word_of(decision.outcome), one.expected) << one.statements << "\n"
                                                       << one.action << " on " << one.resource;
  }
}

TEST(DecisionCases, Actions) { check(actions); }
TEST(DecisionCases, Resources) { check(resources); }
TEST(DecisionCases, Effects) { check(effects); }

}  // namespace
}  // namespace toolgate::identity::policy
