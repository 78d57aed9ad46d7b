// Conditions, with what AWS documents for them. Each row is decided twice: as the condition of the
// one statement that allows, and as that of a statement that denies beside one that allows.
#include "identity/policy/testing.h"

namespace toolgate::identity::policy {
namespace {

struct Case {
  std::string_view condition;  // {"OPERATOR":{"KEY":VALUES}}
  std::string_view values;     // of the key aws:K in the request, apart by |; "-": it is absent
  bool holds;
};

constexpr Case texts[] = {
    {R"({"StringEquals":{"aws:K":"red"}})", "red", true},
    {R"({"StringEquals":{"aws:K":"red"}})", "Red", false},
    {R"({"StringEquals":{"aws:K":"red"}})", "-", false},
    {R"({"StringEquals":{"AWS:k":"red"}})", "red", true},
    {R"({"StringEquals":{"aws:K":["red","blue"]}})", "blue", true},
    {R"({"StringEquals":{"aws:K":["red","blue"]}})", "green", false},
    {R"({"StringEquals":{"aws:K":"r*"}})", "red", false},
    {R"({"StringEquals":{"aws:K":"r*"}})", "r*", true},
    {R"({"StringEquals":{"aws:K":""}})", "", true},
    {R"({"StringNotEquals":{"aws:K":"red"}})", "blue", true},
    {R"({"StringNotEquals":{"aws:K":"red"}})", "red", false},
    {R"({"StringNotEquals":{"aws:K":"red"}})", "-", true},
    {R"({"StringNotEquals":{"aws:K":["red","blue"]}})", "blue", false},
    {R"({"StringNotEquals":{"aws:K":["red","blue"]}})", "green", true},
    {R"({"StringEqualsIgnoreCase":{"aws:K":"RED"}})", "reD", true},
    {R"({"StringEqualsIgnoreCase":{"aws:K":"RED"}})", "read", false},
    {R"({"StringNotEqualsIgnoreCase":{"aws:K":"RED"}})", "red", false},
    {R"({"StringNotEqualsIgnoreCase":{"aws:K":"RED"}})", "blue", true},
    {R"({"StringLike":{"aws:K":"r*d"}})", "read", true},
    {R"({"StringLike":{"aws:K":"r?d"}})", "read", false},
    {R"({"StringLike":{"aws:K":"r?d"}})", "red", true},
    {R"({"StringLike":{"aws:K":"R*"}})", "red", false},
    {R"({"StringLike":{"aws:K":"*"}})", "", true},
    {R"({"StringLike":{"aws:K":"*"}})", "-", false},
    {R"({"StringLike":{"aws:K":["a*","b*"]}})", "bee", true},
    {R"({"StringNotLike":{"aws:K":"r*"}})", "red", false},
    {R"({"StringNotLike":{"aws:K":"r*"}})", "blue", true},
    {R"({"StringNotLike":{"aws:K":"r*"}})", "-", true},
    {R"({"StringEqualsIfExists":{"aws:K":"red"}})", "-", true},
    {R"({"StringEqualsIfExists":{"aws:K":"red"}})", "blue", false},
    {R"({"StringLikeIfExists":{"aws:K":"r*"}})", "red", true},
    {R"({"StringEquals":{"aws:K":"red"},"StringLike":{"aws:K":"r*"}})", "red", true},
    {R"({"StringEquals":{"aws:K":"red"},"StringLike":{"aws:K":"b*"}})", "red", false},
    {R"({"StringEquals":{"aws:K":"red","aws:absent":"x"}})", "red", false},
    {R"({"StringEquals":{"aws:K":7}})", "7", true},
};

constexpr Case arns[] = {
    {R"({"ArnLike":{"aws:K":"*"}})", "arn:aws:sns:us-east-1:1:topic", true},
    {R"({"ArnEquals":{"aws:K":"arn:aws:sns:*:*:topic"}})", "arn:aws:sns:us-east-1:1:topic", true},
    {R"({"ArnLike":{"aws:K":"arn:aws:sns:*:*:top*"}})", "arn:aws:sns:us-east-1:1:topic", true},
    {R"({"ArnLike":{"aws:K":"arn:aws:sns:*:topic"}})", "arn:aws:sns:us-east-1:1:topic", false},
    {R"({"ArnLike":{"aws:K":"arn:aws:bedrock-agentcore:us-east-1:1:*"}})",
     "arn:aws:bedrock-agentcore:us-east-1:1:gateway/g", true},
    {R"({"ArnLike":{"aws:K":"arn:aws:bedrock-agentcore:us-east-1:1:*"}})",
     "arn:aws:bedrock-agentcore:us-east-1:2:gateway/g", false},
    {R"({"ArnLike":{"aws:K":"arn:aws:lambda:*:1:function:*:7"}})",
     "arn:aws:lambda:us-east-1:1:function:f:7", true},
    {R"({"ArnEquals":{"aws:K":"arn:aws:iam::1:role/a"}})", "arn:aws:iam::1:role/b", false},
    {R"({"ArnEquals":{"aws:K":"arn:aws:iam::1:role/a"}})", "no-arn", false},
    {R"({"ArnNotEquals":{"aws:K":"arn:aws:iam::1:role/a"}})", "arn:aws:iam::1:role/b", true},
    {R"({"ArnNotLike":{"aws:K":"arn:aws:iam::1:role/*"}})", "arn:aws:iam::1:role/b", false},
    {R"({"ArnNotLike":{"aws:K":"arn:aws:iam::1:role/*"}})", "-", true},
};

constexpr Case numbers_and_dates[] = {
    {R"({"NumericEquals":{"aws:K":"10"}})", "10", true},
    {R"({"NumericEquals":{"aws:K":"10"}})", "10.0", true},
    {R"({"NumericEquals":{"aws:K":10}})", "11", false},
    {R"({"NumericNotEquals":{"aws:K":"10"}})", "11", true},
    {R"({"NumericNotEquals":{"aws:K":"10"}})", "-", true},
    {R"({"NumericLessThan":{"aws:K":"10"}})", "9", true},
    {R"({"NumericLessThan":{"aws:K":"10"}})", "10", false},
    {R"({"NumericLessThanEquals":{"aws:K":"10"}})", "10", true},
    {R"({"NumericLessThanEquals":{"aws:K":"10"}})", "10.5", false},
    {R"({"NumericGreaterThan":{"aws:K":"10"}})", "11", true},
    {R"({"NumericGreaterThan":{"aws:K":"10"}})", "9", false},
    {R"({"NumericGreaterThanEquals":{"aws:K":"10"}})", "10", true},
    {R"({"NumericLessThan":{"aws:K":"10"}})", "nine", false},
    {R"({"NumericLessThanIfExists":{"aws:K":"10"}})", "-", true},
    {R"({"DateGreaterThan":{"aws:K":"2026-01-01T00:00:00Z"}})", "2026-11-21T08:00:00Z", true},
    {R"({"DateGreaterThan":{"aws:K":"2026-12-01T00:00:00Z"}})", "2026-11-21T08:00:00Z", false},
    {R"({"DateLessThan":{"aws:K":"2026-11-21T09:00:00+02:00"}})", "2026-11-21T08:00:00Z", false},
    {R"({"DateLessThan":{"aws:K":"2026-11-21T09:00:00-02:00"}})", "2026-11-21T08:00:00Z", true},
    {R"({"DateEquals":{"aws:K":"2026-11-21"}})", "2026-11-21T00:00:00Z", true},
    {R"({"DateNotEquals":{"aws:K":"2026-11-21"}})", "2026-11-22", true},
    {R"({"DateLessThanEquals":{"aws:K":"1795248000"}})", "2026-11-21T08:00:00Z", true},
    {R"({"DateGreaterThanEquals":{"aws:K":"2026-11-21T08:00:00.500Z"}})", "2026-11-21T08:00:00Z",
     false},
};

constexpr Case others[] = {
    {R"({"Bool":{"aws:K":"true"}})", "true", true},
    {R"({"Bool":{"aws:K":"false"}})", "true", false},
    {R"({"Bool":{"aws:K":true}})", "True", true},
    {R"({"Bool":{"aws:K":"false"}})", "-", false},
    {R"({"BoolIfExists":{"aws:K":"false"}})", "-", true},
    {R"({"IpAddress":{"aws:K":"203.0.113.0/24"}})", "203.0.113.9", true},
    {R"({"IpAddress":{"aws:K":"203.0.113.0/24"}})", "203.0.114.9", false},
    {R"({"IpAddress":{"aws:K":"203.0.113.9"}})", "203.0.113.9", true},
    {R"({"IpAddress":{"aws:K":["10.0.0.0/8","192.168.0.0/16"]}})", "192.168.7.7", true},
    {R"({"IpAddress":{"aws:K":"2001:db8::/32"}})", "2001:db8::7", true},
    {R"({"IpAddress":{"aws:K":"2001:db8::/32"}})", "2001:db9::7", false},
    {R"({"IpAddress":{"aws:K":"0.0.0.0/0"}})", "2001:db8::7", false},
    {R"({"IpAddress":{"aws:K":"10.0.0.0/8"}})", "-", false},
    {R"({"NotIpAddress":{"aws:K":"203.0.113.0/24"}})", "203.0.113.9", false},
    {R"({"NotIpAddress":{"aws:K":"203.0.113.0/24"}})", "198.51.100.1", true},
    {R"({"NotIpAddress":{"aws:K":["10.0.0.0/8","203.0.113.0/24"]}})", "203.0.113.1", false},
    {R"({"BinaryEquals":{"aws:K":"QmluYXJ5"}})", "QmluYXJ5", true},
    {R"({"BinaryEquals":{"aws:K":"QmluYXJ5"}})", "QmluYXJ6", false},
    {R"({"Null":{"aws:K":"true"}})", "-", true},
    {R"({"Null":{"aws:K":"true"}})", "x", false},
    {R"({"Null":{"aws:K":"false"}})", "x", true},
    {R"({"Null":{"aws:K":false}})", "-", false},
};

constexpr Case sets[] = {
    {R"({"ForAllValues:StringEquals":{"aws:K":["a","b"]}})", "a|b", true},
    {R"({"ForAllValues:StringEquals":{"aws:K":["a","b"]}})", "a", true},
    {R"({"ForAllValues:StringEquals":{"aws:K":["a","b"]}})", "a|c", false},
    {R"({"ForAllValues:StringEquals":{"aws:K":["a","b"]}})", "-", true},
    {R"({"ForAllValues:StringLike":{"aws:K":["a*"]}})", "ab|ac", true},
    {R"({"ForAllValues:StringNotEquals":{"aws:K":["a","b"]}})", "c|d", true},
    {R"({"ForAllValues:StringNotEquals":{"aws:K":["a","b"]}})", "c|a", false},
    {R"({"ForAnyValue:StringEquals":{"aws:K":["a","b"]}})", "c|b", true},
    {R"({"ForAnyValue:StringEquals":{"aws:K":["a","b"]}})", "c|d", false},
    {R"({"ForAnyValue:StringEquals":{"aws:K":["a","b"]}})", "-", false},
    {R"({"ForAnyValue:StringNotEquals":{"aws:K":["a","b"]}})", "a|c", true},
    {R"({"ForAnyValue:StringNotEquals":{"aws:K":["a","b"]}})", "a|b", false},
    {R"({"ForAnyValue:StringNotEquals":{"aws:K":["a","b"]}})", "-", false},
    {R"({"ForAnyValue:StringLike":{"aws:K":"b*"}})", "a|bc", true},
    {R"({"ForAllValues:StringEquals":{"aws:K":["a"]},"Null":{"aws:K":"false"}})", "-", false},
};

constexpr Case variables[] = {
    {R"({"StringEquals":{"aws:K":"${aws:username}"}})", "ann", true},
    {R"({"StringEquals":{"aws:K":"${AWS:UserName}"}})", "ann", true},
    {R"({"StringEquals":{"aws:K":"${aws:username}"}})", "bob", false},
    {R"({"StringLike":{"aws:K":"home/${aws:username}/*"}})", "home/ann/x", true},
    {R"({"StringLike":{"aws:K":"home/${aws:username}/*"}})", "home/bob/x", false},
    {R"({"StringEquals":{"aws:K":"${aws:PrincipalTag/team}"}})", "blue", true},
    {R"({"StringEquals":{"aws:K":"${aws:PrincipalTag/absent}"}})", "", false},
    {R"({"StringEquals":{"aws:K":"${aws:PrincipalTag/absent, 'all'}"}})", "all", true},
    {R"({"StringEquals":{"aws:K":"${aws:PrincipalTag/team, 'all'}"}})", "all", false},
    {R"({"StringLike":{"aws:K":"a${*}b"}})", "a*b", true},
    {R"({"StringLike":{"aws:K":"a${*}b"}})", "axb", false},
    {R"({"StringLike":{"aws:K":"a${?}"}})", "ab", false},
    {R"({"StringEquals":{"aws:K":"${$}{x}"}})", "${x}", true},
    {R"({"StringLike":{"aws:K":"${aws:PrincipalTag/star}"}})", "anything", false},
    {R"({"StringLike":{"aws:K":"${aws:PrincipalTag/star}"}})", "*", true},
};

Context context_of(std::string_view values) {
  Context context{
      {"aws:username", "ann"}, {"aws:PrincipalTag/team", "blue"}, {"aws:PrincipalTag/star", "*"}};
  if (values == "-") return context;
  Context::Values all;
  for (const auto value : split(values, '|')) all.emplace_back(value);
  context.set_all("aws:K", std::move(all));
  return context;
}

template <std::size_t count>
void check(const Case (&cases)[count]) {
  const Caller caller = user_named("ann");
  for (const Case& one : cases) {
    const Context context = context_of(one.values);
    const Request request{.caller = caller,
                          .action = "s3:GetObject",
                          .resource = "arn:aws:s3:::b/k",
                          .resource_account = own_account,
                          .context = context};
    const auto with = [&](std::string_view effect) {
      return fmt::format(R"({{"Effect":"{}","Action":"s3:*","Resource":"*","Condition":{}}})",
                         effect, one.condition);
    };
    const PolicyRef allows[] = {compiled(document_of(with("Allow")))};
    EXPECT_EQ(word_of(decide(request, {.identity = allows, .session = {}}).outcome),
              one.holds ? "allow" : "none")
        << one.condition << " with " << one.values;
    const PolicyRef denies[] = {
        compiled(document_of(with("Deny") + R"(,{"Effect":"Allow","Action":"*","Resource":"*"})"))};
    EXPECT_EQ(word_of(decide(request, {.identity = denies, .session = {}}).outcome),
              one.holds ? "deny" : "allow")
        << one.condition << " with " << one.values;
  }
}

TEST(ConditionCases, Texts) { check(texts); }
TEST(ConditionCases, Arns) { check(arns); }
TEST(ConditionCases, NumbersAndDates) { check(numbers_and_dates); }
TEST(ConditionCases, BoolsAddressesBytesAndPresence) { check(others); }
TEST(ConditionCases, SetsOfValues) { check(sets); }
TEST(ConditionCases, Variables) { check(variables); }

TEST(ConditionCases, VariablesStandInResources) {
  const Caller caller = user_named("ann");
  const Context context = context_of("-");
  const auto outcome = [&](std::string_view version, std::string_view resource) {
    const PolicyRef policy[] = {
        compiled(fmt::format(R"({{"Version":"{}","Statement":{{"Effect":"Allow","Action":"*",)"
                             R"("Resource":"arn:aws:s3:::b/${{aws:username}}/*"}}}})",
                             version))};
    return word_of(decide({.caller = caller,
                           .action = "s3:GetObject",
                           .resource = resource,
                           .resource_account = own_account,
                           .context = context},
                          {.identity = policy, .session = {}})
                       .outcome);
  };
  EXPECT_EQ(outcome("2012-10-17", "arn:aws:s3:::b/ann/x"), "allow");
  EXPECT_EQ(outcome("2012-10-17", "arn:aws:s3:::b/bob/x"), "none");
  // The old version does not know them.
  EXPECT_EQ(outcome("2008-10-17", "arn:aws:s3:::b/ann/x"), "none");
  EXPECT_EQ(outcome("2008-10-17", "arn:aws:s3:::b/${aws:username}/x"), "allow");
}

}  // namespace
}  // namespace toolgate::identity::policy
