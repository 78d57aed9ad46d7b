#include "services/iam/policy_document.h"

#include <gtest/gtest.h>

#include "services/iam/test_bench.h"

namespace toolgate::services::iam {
namespace {

struct Case {
  std::string_view document;
  PolicyUse use;
  std::string_view expected;  // begins the message; empty: accepted
};

TEST(CheckPolicy, AcceptsPoliciesAndSaysWhatIsWrongWithOthers) {
  constexpr auto own = PolicyUse::identity;
  constexpr auto trust = PolicyUse::trust;
  const Case cases[] = {
      {identity_policy, own, ""},
      {trust_policy, trust, ""},
      {R"({"Statement":[{"Effect":"Deny","NotAction":["a:b"],"NotResource":"*"}]})", own, ""},
      {R"({"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*"}})", trust, ""},
      {"{", own, "This policy contains invalid Json"},
      {"not json", trust, "This policy contains invalid Json"},
      {"[]", own, "Syntax errors in policy: it is no JSON object"},
      {R"({"Version":"2012-10-17"})", own, "Syntax errors in policy: Statement is missing"},
      {R"({"Statement":[]})", own, "Syntax errors in policy: Statement is empty"},
      {R"({"Statement":["x"]})", own, "Syntax errors in policy: a statement is no object"},
      {R"({"Version":"2020-01-01","Statement":[]})", own,
       "The policy must contain a valid version"},
      {R"({"Statment":[]})", own, "Syntax errors in policy: unknown element Statment"},
      {R"({"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*","Foo":1}})", own,
       "Syntax errors in policy: unknown element Foo"},
      {R"({"Statement":{"Effect":"allow","Action":"a:b","Resource":"*"}})", own,
       "Syntax errors in policy: Effect"},
      {R"({"Statement":{"Effect":"Allow","Resource":"*"}})", own,
       "Policy statement must contain actions."},
      {R"({"Statement":{"Effect":"Allow","Action":[],"Resource":"*"}})", own,
       "Syntax errors in policy: Action must be"},
      {R"({"Statement":{"Effect":"Allow","Action":"a:b","NotAction":"c:d","Resource":"*"}})", own,
       "Syntax errors in policy: Action and NotAction exclude"},
      {R"({"Statement":{"Effect":"Allow","Action":"a:b"}})", own,
       "Policy statement must contain resources."},
      {R"({"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":[]}})", own,
       "Syntax errors in policy: Condition"},
      {trust_policy, own, "Policy document should not specify a principal."},
      {identity_policy, trust, "Missing required field Principal"},
      {R"({"Statement":{"Effect":"Allow","Action":"a:b","Principal":"me"}})", trust,
       "Invalid principal in policy"},
      {R"({"Statement":{"Effect":"Allow","Action":"a:b","Principal":"*","Resource":"*"}})", trust,
       "Has prohibited field Resource"},
  };
  for (const Case& one : cases) {
    const Result<void> checked = check_policy(one.document, one.use);
    if (one.expected.empty()) {
      EXPECT_TRUE(checked.has_value()) << one.document;
      continue;
    }
    ASSERT_FALSE(checked.has_value()) << one.document;
    EXPECT_EQ(checked.error().name, "MalformedPolicyDocument");
    EXPECT_EQ(checked.error().message.substr(0, one.expected.size()), one.expected) << one.document;
  }
}

TEST(PolicyCharacters, DoNotCountWhiteSpace) {
  EXPECT_EQ(policy_characters("{ \"a\" :\n\t1 }\r"), 7u);
}

}  // namespace
}  // namespace toolgate::services::iam
