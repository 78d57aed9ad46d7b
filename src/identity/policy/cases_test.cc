// Requests and policies of one account, with the decision that AWS documents: what an action, a
// resource and an effect mean. "allow", "deny" (a statement denies) or "none" (nothing allows).
#include "identity/policy/testing.h"

namespace toolgate::identity::policy {
namespace {

struct Case {
  std::string statements;
  std::string_view action;
  std::string_view resource;
  std::string_view expected;
};

// `action` and `resource` as they stand in JSON.
std::string statement(std::string_view effect, std::string_view action, std::string_view resource) {
  return fmt::format(R"({{"Effect":"{}","Action":{},"Resource":{}}})", effect, action, resource);
}
std::string allow(std::string_view action, std::string_view resource) {
  return statement("Allow", action, resource);
}
std::string deny(std::string_view action, std::string_view resource) {
  return statement("Deny", action, resource);
}

constexpr std::string_view bucket = "arn:aws:s3:::reports";
constexpr std::string_view object = "arn:aws:s3:::reports/2026/november.csv";
constexpr std::string_view gateway =
    "arn:aws:bedrock-agentcore:us-east-1:111122223333:gateway/orders-abc123";
constexpr std::string_view function = "arn:aws:lambda:us-east-1:111122223333:function:convert";

const Case actions[] = {
    {allow(R"("*")", R"("*")"), "s3:GetObject", object, "allow"},
    {allow(R"("s3:*")", R"("*")"), "s3:GetObject", object, "allow"},
    {allow(R"("s3:*")", R"("*")"), "iam:GetUser", "*", "none"},
    {allow(R"("s3:GetObject")", R"("*")"), "s3:GetObject", object, "allow"},
    {allow(R"("s3:GetObject")", R"("*")"), "s3:GetObjectAcl", object, "none"},
    {allow(R"("s3:GetObject")", R"("*")"), "s3:PutObject", object, "none"},
    {allow(R"("s3:Get*")", R"("*")"), "s3:GetObjectAcl", object, "allow"},
    {allow(R"("s3:Get*")", R"("*")"), "s3:ListBucket", bucket, "none"},
    {allow(R"("s3:*Object")", R"("*")"), "s3:DeleteObject", object, "allow"},
    {allow(R"("s3:*Object")", R"("*")"), "s3:DeleteObjects", object, "none"},
    {allow(R"("s3:*Ob*Acl")", R"("*")"), "s3:PutObjectAcl", object, "allow"},
    {allow(R"("s3:?etObject")", R"("*")"), "s3:GetObject", object, "allow"},
    {allow(R"("s3:?etObject")", R"("*")"), "s3:etObject", object, "none"},
    {allow(R"("s3:G??Object")", R"("*")"), "s3:GetObject", object, "allow"},
    {allow(R"("S3:getobject")", R"("*")"), "s3:GetObject", object, "allow"},
    {allow(R"("s3:GETOBJECT*")", R"("*")"), "s3:GetObjectTagging", object, "allow"},
    {allow(R"(["s3:PutObject","s3:GetObject"])", R"("*")"), "s3:GetObject", object, "allow"},
    {allow(R"(["s3:PutObject","s3:GetObject"])", R"("*")"), "s3:DeleteObject", object, "none"},
    {allow(R"("iam:*AccessKey*")", R"("*")"), "iam:UpdateAccessKey", "*", "allow"},
    {allow(R"("bedrock-agentcore:*Gateway")", R"("*")"), "bedrock-agentcore:InvokeGateway", gateway,
     "allow"},
    {allow(R"("bedrock:*")", R"("*")"), "bedrock-agentcore:InvokeGateway", gateway, "none"},
    {allow(R"("bedrock*:*")", R"("*")"), "bedrock-agentcore:InvokeGateway", gateway, "allow"},
    {R"({"Effect":"Allow","NotAction":"iam:*","Resource":"*"})", "s3:GetObject", object, "allow"},
    {R"({"Effect":"Allow","NotAction":"iam:*","Resource":"*"})", "iam:GetUser", "*", "none"},
    {R"({"Effect":"Allow","NotAction":["iam:*","s3:Delete*"],"Resource":"*"})", "s3:DeleteObject",
     object, "none"},
    {R"({"Effect":"Allow","NotAction":["iam:*","s3:Delete*"],"Resource":"*"})", "s3:GetObject",
     object, "allow"},
    {R"({"Effect":"Deny","NotAction":"s3:*","Resource":"*"})", "iam:GetUser", "*", "deny"},
    {R"({"Effect":"Deny","NotAction":"s3:*","Resource":"*"})", "s3:GetObject", object, "none"},
};

const Case resources[] = {
    {allow(R"("s3:GetObject")", R"("arn:aws:s3:::reports/*")"), "s3:GetObject", object, "allow"},
    {allow(R"("s3:GetObject")", R"("arn:aws:s3:::reports/*")"), "s3:GetObject",
     "arn:aws:s3:::other/2026", "none"},
    {allow(R"("s3:ListBucket")", R"("arn:aws:s3:::reports/*")"), "s3:ListBucket", bucket, "none"},
    {allow(R"("s3:ListBucket")", R"("arn:aws:s3:::reports")"), "s3:ListBucket", bucket, "allow"},
    {allow(R"("s3:*")", R"("arn:aws:s3:::reports")"), "s3:GetObject", object, "none"},
    {allow(R"("s3:*")", R"(["arn:aws:s3:::reports","arn:aws:s3:::reports/*"])"), "s3:GetObject",
     object, "allow"},
    {allow(R"("s3:*")", R"("arn:aws:s3:::rep*")"), "s3:GetObject", object, "allow"},
    {allow(R"("s3:*")", R"("arn:aws:s3:::*/november.csv")"), "s3:GetObject", object, "allow"},
    {allow(R"("s3:*")", R"("arn:aws:s3:::reports/202?/*")"), "s3:GetObject", object, "allow"},
    {allow(R"("s3:*")", R"("arn:aws:s3:::reports/202?/*")"), "s3:GetObject",
     "arn:aws:s3:::reports/20266/x", "none"},
    {allow(R"("s3:*")", R"("arn:aws:s3:::Reports/*")"), "s3:GetObject", object, "none"},
    {allow(R"("s3:*")", R"("arn:aws:s3:::reports/NOVEMBER*")"), "s3:GetObject",
     "arn:aws:s3:::reports/november", "none"},
    {allow(R"("bedrock-agentcore:GetGateway")",
           R"("arn:aws:bedrock-agentcore:us-east-1:111122223333:gateway/orders-*")"),
     "bedrock-agentcore:GetGateway", gateway, "allow"},
    {allow(R"("bedrock-agentcore:GetGateway")",
           R"("arn:aws:bedrock-agentcore:eu-west-1:111122223333:gateway/orders-*")"),
     "bedrock-agentcore:GetGateway", gateway, "none"},
    {allow(R"("bedrock-agentcore:GetGateway")", R"("arn:aws:bedrock-agentcore:*:*:gateway/*")"),
     "bedrock-agentcore:GetGateway", gateway, "allow"},
    {allow(R"("bedrock-agentcore:GetGateway")",
           R"("arn:aws:bedrock-agentcore:*:444455556666:gateway/*")"),
     "bedrock-agentcore:GetGateway", gateway, "none"},
    {allow(R"("bedrock-agentcore:*")", R"("arn:aws:bedrock-agentcore:*:*:*")"),
     "bedrock-agentcore:GetGateway", gateway, "allow"},
    {allow(R"("bedrock-agentcore:*")", R"("arn:aws:bedrock-agentcore:*:*:*")"),
     "bedrock-agentcore:ListGateways", "*", "none"},
    {allow(R"("bedrock-agentcore:*")", R"("*")"), "bedrock-agentcore:ListGateways", "*", "allow"},
    {allow(R"("lambda:InvokeFunction")", R"("arn:aws:lambda:*:*:function:*")"),
     "lambda:InvokeFunction", function, "allow"},
    {allow(R"("lambda:InvokeFunction")", R"("arn:aws:lambda:*")"), "lambda:InvokeFunction",
     function, "allow"},
    {allow(R"("lambda:InvokeFunction")",
           R"("arn:aws:lambda:us-east-1:111122223333:function:convert")"),
     "lambda:InvokeFunction", "arn:aws:lambda:us-east-1:111122223333:function:convert:7", "none"},
    {allow(R"("lambda:InvokeFunction")",
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

const Case effects[] = {
    {allow(R"("s3:*")", R"("*")") + "," + deny(R"("s3:DeleteObject")", R"("*")"), "s3:DeleteObject",
     object, "deny"},
    {deny(R"("s3:DeleteObject")", R"("*")") + "," + allow(R"("s3:*")", R"("*")"), "s3:DeleteObject",
     object, "deny"},
    {allow(R"("s3:*")", R"("*")") + "," + deny(R"("s3:DeleteObject")", R"("*")"), "s3:GetObject",
     object, "allow"},
    {allow(R"("*")", R"("*")") + "," + deny(R"("*")", R"("arn:aws:s3:::reports/*")"),
     "s3:GetObject", object, "deny"},
    {allow(R"("*")", R"("*")") + "," + deny(R"("*")", R"("arn:aws:s3:::reports/*")"),
     "s3:ListBucket", bucket, "allow"},
    {deny(R"("*")", R"("*")"), "s3:GetObject", object, "deny"},
    {deny(R"("iam:*")", R"("*")"), "s3:GetObject", object, "none"},
    {allow(R"("s3:GetObject")", R"("*")") + "," + allow(R"("s3:PutObject")", R"("*")"),
     "s3:PutObject", object, "allow"},
    {allow(R"("s3:*")", R"("arn:aws:s3:::reports/*")") + "," + deny(R"("S3:get*")", R"("*")"),
     "s3:GetObject", object, "deny"},
    {allow(R"("iam:PassRole")", R"("arn:aws:iam::111122223333:role/*BedrockAgentCore*")"),
     "iam:PassRole", "arn:aws:iam::111122223333:role/MyBedrockAgentCoreRole", "allow"},
    {allow(R"("iam:PassRole")", R"("arn:aws:iam::111122223333:role/*BedrockAgentCore*")"),
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
