// What is a policy, what AWS's messages say of a denial, and what holds for any policy.
#include "identity/policy/policy.h"

#include <random>

#include "identity/policy/testing.h"
#include "identity/policy/values.h"

namespace toolgate::identity::policy {
namespace {

TEST(ParsePolicy, NamesTheStatementAndTheField) {
  struct Case {
    std::string_view statement;
    Use use;
    std::string_view expected;
  };
  const Case cases[] = {
      {R"({"Effect":"Allow","Action":"GetObject","Resource":"*"})", Use::identity,
       "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.: 'GetObject' "
       "(at Statement[1].Action)"},
      {R"({"Sid":"Two","Effect":"Allow","Action":"a:b","Resource":"my-bucket"})", Use::identity,
       "Resource my-bucket must be in ARN format or \"*\". (at Statement[1] \"Two\".Resource)"},
      {R"({"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringIs":{"a":"b"}}})",
       Use::identity,
       "Syntax errors in policy: Invalid Condition type : StringIs (at "
       "Statement[1].Condition.StringIs)"},
      {R"({"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"Bool":{"a":"yes"}}})",
       Use::identity,
       "Syntax errors in policy: Bool: 'yes' of a is not true or false (at "
       "Statement[1].Condition.Bool)"},
      {R"({"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"IpAddress":{"a":"1.2"}}})",
       Use::identity,
       "Syntax errors in policy: IpAddress: '1.2' of a is not an IP address or a CIDR block (at "
       "Statement[1].Condition.IpAddress)"},
      {R"({"Effect":"Allow","Action":"a:b","Resource":"*",)"
       R"("Condition":{"DateEquals":{"a":"noon"}}})",
       Use::identity,
       "Syntax errors in policy: DateEquals: 'noon' of a is not a date (ISO 8601) or seconds since "
       "1970 (at Statement[1].Condition.DateEquals)"},
      {R"({"Effect":"Allow","Action":"a:b","Resource":"arn:aws:s3:::${x"})", Use::identity,
       "Syntax errors in policy: the variable in 'arn:aws:s3:::${x' has no end (at "
       "Statement[1].Resource)"},
      {R"({"Sid":"a-b","Effect":"Allow","Action":"a:b","Resource":"*"})", Use::identity,
       "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular "
       "expression [0-9A-Za-z]* (at Statement[1].Sid)"},
      {R"({"Sid":"One","Effect":"Allow","Action":"a:b","Resource":"*"})", Use::identity,
       "Statement IDs (SID) in a single policy must be unique. (at Statement[1].Sid)"},
      {R"({"Effect":"Allow","Action":"a:b","Principal":{"AWS":"arn:aws:iam::1:user/a"}})",
       Use::resource,
       "Invalid principal in policy: 'arn:aws:iam::1:user/a' is no account id, no ARN of a root, "
       "user, role or session, and not * (at Statement[1].Principal)"},
      {R"({"Effect":"Allow","Action":"a:b",)"
       R"("Principal":{"AWS":"arn:aws:iam::111122223333:role/*"}})",
       Use::resource,
       "Invalid principal in policy: 'arn:aws:iam::111122223333:role/*' is no account id, no ARN "
       "of "
       "a root, user, role or session, and not * (at Statement[1].Principal)"},
      {R"({"Effect":"Allow","Action":"a:b","Principal":{"Team":"x"}})", Use::resource,
       "Invalid principal in policy: 'Team' is no kind of principal: AWS, Service, Federated and "
       "CanonicalUser are (at Statement[1].Principal)"},
  };
  for (const Case& one : cases) {
    const bool named = one.use == Use::resource;
    const std::string first = fmt::format(R"({{"Sid":"One","Effect":"Allow","Action":"a:b",{}}},)",
                                          named ? R"("Principal":"*")" : R"("Resource":"*")");
    const auto policy = parse(document_of(first + std::string{one.statement}), one.use);
    ASSERT_FALSE(policy.has_value()) << one.statement;
    EXPECT_EQ(policy.error().name, "MalformedPolicyDocument");
    EXPECT_EQ(policy.error().message, one.expected);
  }
}

TEST(ParsePolicy, RefusesAMemberThatStandsThereTwice) {
  const auto refusal = [](std::string_view statement) {
    const auto policy = parse(document_of(statement), Use::identity);
    return policy ? std::string{"taken"} : policy.error().message;
  };
  constexpr std::string_view twice = "Syntax errors in policy: the member {} stands there twice";
  EXPECT_EQ(refusal(R"({"Effect":"Deny","Effect":"Allow","Action":"a:b","Resource":"*"})"),
            fmt::format(twice, "Statement.Effect"));
  EXPECT_EQ(refusal(R"({"Effect":"Allow","Action":"a:b","Resour\u0063e":"x:*","Resource":"*"})"),
            fmt::format(twice, "Statement.Resource"));
  EXPECT_EQ(refusal(R"({"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"Bool":)"
                    R"({"a:b":"true"},"Bool":{"a:c":"true"}}})"),
            fmt::format(twice, "Statement.Condition.Bool"));
  EXPECT_EQ(refusal(R"({"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"Bool":)"
                    R"({"a:b":"true"},"Null":{"a:b":"true"}}})"),
            "taken");
}

TEST(ParsePolicy, RefusesWhatIsTooLong) {
  EXPECT_FALSE(parse(std::string(document_bytes_max + 1, ' '), Use::identity).has_value());
}

TEST(Denial, SpeaksAsAwsDoes) {
  const Caller caller = user_named("ann");
  const Context context;
  const Request request{.caller = caller,
                        .action = "s3:GetObject",
                        .resource = "arn:aws:s3:::b/k",
                        .resource_account = own_account,
                        .context = context};
  const std::string who =
      "User: arn:aws:iam::111122223333:user/ann is not authorized to perform: s3:GetObject on "
      "resource: arn:aws:s3:::b/k ";
  EXPECT_EQ(denial(request, decide(request, {})),
            who + "because no identity-based policy allows the s3:GetObject action");
  const PolicyRef deny[] = {
      compiled(document_of(R"({"Sid":"No","Effect":"Deny","Action":"s3:*","Resource":"*"})"),
               Use::identity, "Guard")};
  const auto refused = decide(request, {.identity = deny, .session = {}});
  EXPECT_EQ(refused.statement, "Guard: Statement[0] \"No\"");
  EXPECT_EQ(denial(request, refused), who + "with an explicit deny in an identity-based policy");
  EXPECT_EQ(
      denial(request, {.outcome = Outcome::implicit_deny, .by = Use::session, .statement = {}}),
      who + "because no session policy allows the s3:GetObject action");
}

// Random statements over few words, so that they meet often.
class Dice {
 public:
  explicit Dice(unsigned seed) : engine_{seed} {}

  template <std::size_t count>
  std::string_view one_of(const std::string_view (&words)[count]) {
    return words[std::uniform_int_distribution<std::size_t>{0, count - 1}(engine_)];
  }
  std::string statement(bool with_principal, std::string_view effect) {
    constexpr std::string_view actions[] = {"s3:GetObject", "s3:*", "*", "iam:*", "s3:?etObject"};
    constexpr std::string_view resources[] = {"*", "arn:aws:s3:::b/*", "arn:aws:s3:::${aws:K}/k",
                                              "arn:aws:s3:::c/*"};
    constexpr std::string_view principals[] = {
        R"("*")", R"({"AWS":"111122223333"})", R"({"AWS":"arn:aws:iam::111122223333:user/ann"})",
        R"({"AWS":"444455556666"})", R"({"Service":"lambda.amazonaws.com"})"};
    constexpr std::string_view conditions[] = {
        "{}", R"({"StringEquals":{"aws:K":"b"}})", R"({"StringNotLike":{"aws:K":"b*"}})",
        R"({"Null":{"aws:Absent":"true"}})", R"({"ForAllValues:StringEquals":{"aws:K":"x"}})"};
    constexpr std::string_view inverses[] = {"", "", "Not"};
    return fmt::format(
        R"({{"Effect":"{}","{}Action":"{}","{}Resource":"{}","Condition":{}{}}})", effect,
        one_of(inverses), one_of(actions), one_of(inverses), one_of(resources), one_of(conditions),
        with_principal ? fmt::format(R"(,"{}Principal":{})", one_of(inverses), one_of(principals))
                       : std::string{});
  }

 private:
  std::mt19937 engine_;
};

TEST(Decide, AnExplicitDenyNeverAllowsMore) {
  const Context context{{"aws:K", "b"}};
  const Caller callers[] = {user_named("ann"),
                            root_of(),
                            session_of("Worker"),
                            anonymous(),
                            user_named("eve", other_account),
                            service_named("lambda.amazonaws.com")};
  int allowed = 0;
  int turned = 0;
  for (unsigned seed = 0; seed < 3'000; ++seed) {
    Dice dice{seed};
    const std::string own = dice.statement(false, "Allow");
    const std::string of_resource = dice.statement(true, "Allow");
    const bool into_resource = seed % 2 == 0;
    const std::string deny = "," + dice.statement(into_resource, "Deny");
    const auto outcomes = [&](std::string_view more_own, std::string_view more_of_resource,
                              const Caller& caller) {
      const PolicyRef identity[] = {compiled(document_of(own + std::string{more_own}))};
      const auto resource =
          compiled(document_of(of_resource + std::string{more_of_resource}), Use::resource);
      return decide({.caller = caller,
                     .action = "s3:GetObject",
                     .resource = "arn:aws:s3:::b/k",
                     .resource_account = own_account,
                     .context = context},
                    {.identity = identity, .session = {}, .resource = resource.get()})
          .outcome;
    };
    for (const Caller& caller : callers) {
      const Outcome before = outcomes("", "", caller);
      const Outcome after = into_resource ? outcomes("", deny, caller) : outcomes(deny, "", caller);
      if (before == Outcome::allow) ++allowed;
      if (before == Outcome::allow && after == Outcome::explicit_deny) ++turned;
      if (after == Outcome::allow) ASSERT_EQ(before, Outcome::allow) << own << of_resource << deny;
    }
  }
  EXPECT_GT(allowed, 1'000);
  EXPECT_GT(turned, 300);
}

TEST(Values, AreReadAsAwsReadsThem) {
  EXPECT_EQ(date_of("1970-01-02"), 86'400'000.0);
  EXPECT_EQ(date_of("1970-01-01T01:00:00+01:00"), 0.0);
  EXPECT_EQ(date_of("12.5"), 12'500.0);
  for (const auto wrong :
       {"", "1970-13-01", "1970-02-30", "1970-01-01T", "1970-01-01T00:00:00+99:00",
        "1970-01-01 00:00", "1970-01-01T00:00:00Zx"}) {
    EXPECT_FALSE(date_of(wrong).has_value()) << wrong;
  }
  for (const auto wrong : {"", "1.2.3", "nan", "inf", "0x10", "1 "}) {
    EXPECT_FALSE(number_of(wrong).has_value()) << wrong;
  }
  for (const auto wrong : {"", "1.2.3.4/33", "1.2.3.4/", "::/129", "1.2.3.4/-1", "1.2.3.4/8x"}) {
    EXPECT_FALSE(is_ip_block(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace toolgate::identity::policy
