// Who is named by a resource's or a role's policy, what crosses accounts, and what a session's own
// policies narrow: with the decision that AWS documents.
#include "identity/policy/testing.h"

namespace toolgate::identity::policy {
namespace {

constexpr std::string_view action = "bedrock-agentcore:InvokeGateway";
constexpr std::string_view resource = "arn:aws:bedrock-agentcore:us-east-1:111122223333:gateway/g";

struct Case {
  Caller caller;
  bool identity_allows;
  std::string_view statement;  // of the resource's policy, without Action; empty: it has none
  std::string_view expected;
};

std::string principal(std::string_view element, std::string_view effect = "Allow") {
  return fmt::format(R"("Effect":"{}","Principal":{})", effect, element);
}

std::string_view decided(const Caller& caller, bool identity_allows, std::string_view statement,
                         Use use, std::string_view session = {}) {
  const Context context{{"aws:SourceAccount", own_account}, {"sts:ExternalId", "77"}};
  std::vector<PolicyRef> identity;
  if (identity_allows) {
    identity.push_back(compiled(document_of(R"({"Effect":"Allow","Action":"*","Resource":"*"})")));
  }
  std::vector<PolicyRef> narrowed;
  if (!session.empty()) narrowed.push_back(compiled(document_of(session), Use::session));
  PolicyRef policy;
  if (!statement.empty()) {
    policy = compiled(document_of(fmt::format(R"({{{},"Action":"*"}})", statement)), use);
  }
  return word_of(decide({.caller = caller,
                         .action = action,
                         .resource = resource,
                         .resource_account = own_account,
                         .context = context},
                        {.identity = identity, .session = narrowed, .resource = policy.get()})
                     .outcome);
}

const std::string everyone = principal(R"("*")");
const std::string everyone_of_aws = principal(R"({"AWS":"*"})");
const std::string own = principal(R"({"AWS":"111122223333"})");
const std::string own_root = principal(R"({"AWS":"arn:aws:iam::111122223333:root"})");
const std::string others = principal(R"({"AWS":["444455556666"]})");
const std::string ann = principal(R"({"AWS":"arn:aws:iam::111122223333:user/ann"})");
const std::string worker = principal(R"({"AWS":"arn:aws:iam::111122223333:role/Worker"})");
const std::string one_session =
    principal(R"({"AWS":"arn:aws:sts::111122223333:assumed-role/Worker/s"})");
const std::string agentcore = principal(R"({"Service":"bedrock-agentcore.amazonaws.com"})");
const std::string deny_own = principal(R"({"AWS":"111122223333"})", "Deny");
const std::string deny_everyone = principal(R"("*")", "Deny");

TEST(CallerCases, PolicyOfAResource) {
  const Case cases[] = {
      // In one account either side is enough.
      {user_named("ann"), false, "", "none"},
      {user_named("ann"), true, "", "allow"},
      {user_named("ann"), false, ann, "allow"},
      {user_named("bob"), false, ann, "none"},
      {user_named("bob"), true, ann, "allow"},
      {user_named("ann"), false, everyone, "allow"},
      {user_named("ann"), false, everyone_of_aws, "allow"},
      // An account is named so that its own policies decide.
      {user_named("ann"), false, own, "none"},
      {user_named("ann"), true, own, "allow"},
      {user_named("ann"), false, own_root, "none"},
      {root_of(), false, "", "allow"},
      {root_of(), false, own_root, "allow"},
      {root_of(), false, deny_everyone, "deny"},
      {root_of(), false, deny_own, "deny"},
      {session_of("Worker"), false, worker, "allow"},
      {session_of("Worker"), false, one_session, "allow"},
      {session_of("Other"), false, worker, "none"},
      {session_of("Other"), true, worker, "allow"},
      {session_of("Worker"), true, deny_own, "deny"},
      {user_named("ann"), true, deny_everyone, "deny"},
      // Another account's caller needs both sides.
      {user_named("eve", other_account), true, "", "none"},
      {user_named("eve", other_account), true, ann, "none"},
      {user_named("eve", other_account), false, others, "none"},
      {user_named("eve", other_account), true, others, "allow"},
      {user_named("eve", other_account), false, everyone, "none"},
      {user_named("eve", other_account), true, everyone, "allow"},
      {root_of(other_account), false, "", "none"},
      {root_of(other_account), true, others, "allow"},
      {session_of("Worker", other_account), true, worker, "none"},
      // A service and a caller without an account are known to the resource alone.
      {service_named("bedrock-agentcore.amazonaws.com"), false, agentcore, "allow"},
      {service_named("lambda.amazonaws.com"), false, agentcore, "none"},
      {service_named("lambda.amazonaws.com"), true, agentcore, "none"},
      {anonymous(), false, everyone, "allow"},
      {anonymous(), false, everyone_of_aws, "allow"},
      {anonymous(), false, own, "none"},
      {anonymous(), false, "", "none"},
      {anonymous(), false, deny_everyone, "deny"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(decided(one.caller, one.identity_allows, one.statement, Use::resource), one.expected)
        << one.caller.arn << one.caller.service << " " << one.statement;
  }
}

TEST(CallerCases, NotPrincipalExceptsWhoIsNamed) {
  const auto all_but = [](std::string_view who) {
    return fmt::format(R"("Effect":"Deny","NotPrincipal":{{"AWS":{}}})", who);
  };
  const std::string but_ann = all_but(R"("arn:aws:iam::111122223333:user/ann")");
  const std::string but_worker = all_but(R"(["arn:aws:iam::111122223333:role/Worker"])");
  EXPECT_EQ(decided(user_named("ann"), true, but_ann, Use::resource), "allow");
  EXPECT_EQ(decided(user_named("bob"), true, but_ann, Use::resource), "deny");
  EXPECT_EQ(decided(session_of("Worker"), true, but_worker, Use::resource), "allow");
  EXPECT_EQ(decided(session_of("Other"), true, but_worker, Use::resource), "deny");
  // An account that is excepted does not except its users.
  EXPECT_EQ(decided(user_named("ann"), true, all_but(R"("111122223333")"), Use::resource), "deny");
}

TEST(CallerCases, TrustPolicyOfARole) {
  const std::string guarded =
      agentcore + R"(,"Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}})";
  const std::string foreign =
      agentcore + R"(,"Condition":{"StringEquals":{"aws:SourceAccount":"444455556666"}})";
  const std::string with_id = others + R"(,"Condition":{"StringEquals":{"sts:ExternalId":"77"}})";
  const std::string with_other_id =
      others + R"(,"Condition":{"StringEquals":{"sts:ExternalId":"78"}})";
  const Case cases[] = {
      // A user's own policies never suffice: the role must trust.
      {user_named("ann"), true, agentcore, "none"},
      {user_named("ann"), false, ann, "allow"},
      {user_named("ann"), false, own, "none"},
      {user_named("ann"), true, own, "allow"},
      {user_named("bob"), true, ann, "none"},
      {session_of("Worker"), false, worker, "allow"},
      {service_named("bedrock-agentcore.amazonaws.com"), false, agentcore, "allow"},
      {service_named("lambda.amazonaws.com"), false, agentcore, "none"},
      {service_named("bedrock-agentcore.amazonaws.com"), false, guarded, "allow"},
      {service_named("bedrock-agentcore.amazonaws.com"), false, foreign, "none"},
      {user_named("eve", other_account), true, with_id, "allow"},
      {user_named("eve", other_account), false, with_id, "none"},
      {user_named("eve", other_account), true, with_other_id, "none"},
      {user_named("ann"), true, deny_own, "deny"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(decided(one.caller, one.identity_allows, one.statement, Use::trust), one.expected)
        << one.caller.arn << one.caller.service << " " << one.statement;
  }
}

TEST(CallerCases, SessionPoliciesNarrow) {
  const std::string_view invoke =
      R"({"Effect":"Allow","Action":"bedrock-agentcore:*","Resource":"*"})";
  const std::string_view read = R"({"Effect":"Allow","Action":"s3:Get*","Resource":"*"})";
  const std::string_view refuse =
      R"({"Effect":"Deny","Action":"bedrock-agentcore:*","Resource":"*"})";
  const Caller caller = session_of("Worker");
  EXPECT_EQ(decided(caller, true, "", Use::resource, invoke), "allow");
  EXPECT_EQ(decided(caller, true, "", Use::resource, read), "none");
  EXPECT_EQ(decided(caller, false, "", Use::resource, invoke), "none");
  EXPECT_EQ(decided(caller, true, "", Use::resource, refuse), "deny");
  // What names the session itself is beside its policies; what names the role is not.
  EXPECT_EQ(decided(caller, false, one_session, Use::resource, read), "allow");
  EXPECT_EQ(decided(caller, false, worker, Use::resource, read), "none");
  EXPECT_EQ(decided(caller, false, worker, Use::resource, invoke), "allow");
}

}  // namespace
}  // namespace toolgate::identity::policy
