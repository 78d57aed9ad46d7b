#include <fmt/format.h>

#include "services/iam/session_facts.h"
#include "services/iam/test_bench.h"
#include "services/sts/service.h"

namespace toolgate::services::sts {
namespace {

using iam::at;
using iam::Bench;
using iam::outcome;
using identity::Principal;

class StsTest : public testing::Test {
 protected:
  StsTest() {
    bench.store().on_change([this](store::Version, const std::vector<store::Change>& changes) {
      directory.concerns(changes);
    });
    EXPECT_EQ(outcome(bench.call("CreateRole", {{"RoleName", "Worker"},
                                                {"Path", "/team/"},
                                                {"MaxSessionDuration", 7'200},
                                                {"AssumeRolePolicyDocument", iam::trust_policy}})),
              "fine");
  }
  Result<Json> call(std::string_view operation, JsonObject input,
                    std::optional<Principal> caller = std::nullopt) {
    return bench.call_in(service, operation, std::move(input), std::move(caller));
  }
  identity::SessionTokens::Session open(const Json& answer) {
    const auto session =
        sessions.open(at(answer, "/Credentials/SessionToken"), bench.clock().now());
    EXPECT_TRUE(session.has_value());
    return session ? *session : identity::SessionTokens::Session{};
  }

  Bench bench;
  identity::SessionTokens sessions{crypto::SealKey::random()};
  iam::PolicyDirectory directory{bench.store(), std::string{iam::test_account}};
  iam::Authorizer authorizer{directory, bench.clock(), iam::Authorizer::Mode::policies_decide};
  Sts sts{bench.store(), sessions, authorizer};
  aws::Service service = table(sts);
  const std::string role_arn = "arn:aws:iam::123456789012:role/team/Worker";
};

TEST_F(StsTest, TellsTheCallerWhoTheyAre) {
  const auto root = call("GetCallerIdentity", {});
  EXPECT_EQ(at(*root, "/Arn"), "arn:aws:iam::123456789012:root");
  EXPECT_EQ(at(*root, "/Account"), "123456789012");
  EXPECT_EQ(at(*root, "/UserId"), "123456789012");
}

TEST_F(StsTest, ASessionOfARoleIsTheRolesAndEndsInTime) {
  const auto assumed = call("AssumeRole", {{"RoleArn", role_arn},
                                           {"RoleSessionName", "build-7"},
                                           {"DurationSeconds", 900},
                                           {"SourceIdentity", "ann"}});
  ASSERT_EQ(outcome(assumed), "fine");
  EXPECT_EQ(at(*assumed, "/AssumedRoleUser/Arn"),
            "arn:aws:sts::123456789012:assumed-role/Worker/build-7");
  EXPECT_EQ(at(*assumed, "/SourceIdentity"), "ann");
  EXPECT_EQ(at(*assumed, "/Credentials/Expiration"), "1700000900.0");
  EXPECT_EQ(at(*assumed, "/Credentials/AccessKeyId").substr(0, 4), "ASIA");

  const auto session = open(*assumed);
  EXPECT_EQ(session.principal.kind, Principal::Kind::role_session);
  EXPECT_EQ(session.principal.arn, "arn:aws:sts::123456789012:assumed-role/Worker/build-7");
  EXPECT_EQ(session.principal.id, at(*assumed, "/AssumedRoleUser/AssumedRoleId"));
  EXPECT_EQ(session.parent_key, "AKIAROOTROOTROOTROOT");
  bench.clock().move(std::chrono::seconds{901});
  const auto late = sessions.open(at(*assumed, "/Credentials/SessionToken"), bench.clock().now());
  EXPECT_FALSE(late.has_value());
}

TEST_F(StsTest, RefusesRolesThatAreNotThereAndCallersThatMayNot) {
  const auto attempt = [&](std::string_view arn, JsonObject more = {},
                           std::optional<Principal> caller = std::nullopt) {
    more["RoleArn"] = arn;
    more["RoleSessionName"] = "s";
    return outcome(call("AssumeRole", std::move(more), std::move(caller)));
  };
  const std::string denied =
      "AccessDenied: User: arn:aws:iam::123456789012:root is not authorized to perform: "
      "sts:AssumeRole on resource: ";
  for (const std::string_view arn :
       {"arn:aws:iam::123456789012:role/Absent", "arn:aws:iam::123456789012:role/Worker",
        "arn:aws:iam::999999999999:role/team/Worker"}) {
    EXPECT_EQ(attempt(arn), denied + std::string{arn});
  }
  EXPECT_EQ(attempt("arn:aws:iam::123456789012:user/ann"),
            "ValidationError: arn:aws:iam::123456789012:user/ann is invalid");
  EXPECT_EQ(attempt(role_arn, {{"DurationSeconds", 7'201}}),
            "ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for "
            "this role.");
  Principal chained = Bench::root();
  chained.kind = Principal::Kind::role_session;
  EXPECT_EQ(attempt(role_arn, {}, chained), denied + role_arn);
  EXPECT_EQ(attempt(role_arn), "fine");
}

// The role that trusts what `trust` says, assumed by a user with `policy`.
class TrustTest : public StsTest {
 protected:
  std::string assume(std::string_view principal, std::string_view condition, JsonObject more = {},
                     std::string_view policy = {}) {
    const std::string trust =
        fmt::format(R"({{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{},)"
                    R"("Action":["sts:AssumeRole"{}],"Condition":{}}}]}})",
                    principal, more.contains("Tags") ? "" : R"(,"sts:TagSession")", condition);
    EXPECT_EQ(outcome(bench.call("UpdateAssumeRolePolicy",
                                 {{"RoleName", "Worker"}, {"PolicyDocument", trust}})),
              "fine");
    const auto made = bench.call("CreateUser", {{"UserName", "ann"}});
    if (made) ann_id = at(*made, "/User/UserId");
    const std::string document =
        policy.empty() ? R"({"Statement":{"Effect":"Deny","Action":"a:b","Resource":"*"}})"
                       : std::string{policy};
    EXPECT_EQ(outcome(bench.call(
                  "PutUserPolicy",
                  {{"UserName", "ann"}, {"PolicyName", "own"}, {"PolicyDocument", document}})),
              "fine");
    more["RoleArn"] = role_arn;
    more["RoleSessionName"] = "s";
    return outcome(call("AssumeRole", std::move(more), ann()));
  }
  Principal ann() const {
    Principal user = Bench::root();
    user.kind = Principal::Kind::user;
    user.arn = "arn:aws:iam::123456789012:user/ann";
    user.id = ann_id;
    return user;
  }
  std::string ann_id;
  const std::string may =
      R"({"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}})";
  const std::string refused =
      "AccessDenied: User: arn:aws:iam::123456789012:user/ann is not authorized to perform: "
      "sts:AssumeRole on resource: arn:aws:iam::123456789012:role/team/Worker";
};

TEST_F(TrustTest, TheRoleSaysWhoMayAssumeIt) {
  const std::string by_name = R"({"AWS":"arn:aws:iam::123456789012:user/ann"})";
  const std::string by_account = R"({"AWS":"123456789012"})";
  const std::string by_service = R"({"Service":"lambda.amazonaws.com"})";
  EXPECT_EQ(assume(by_name, "{}"), "fine");
  EXPECT_EQ(assume(by_account, "{}"), refused);
  EXPECT_EQ(assume(by_account, "{}", {}, may), "fine");
  EXPECT_EQ(assume(by_service, "{}", {}, may), refused);
}

TEST_F(TrustTest, ItsConditionsCount) {
  const std::string by_name = R"({"AWS":"arn:aws:iam::123456789012:user/ann"})";
  const std::string external = R"({"StringEquals":{"sts:ExternalId":"77"}})";
  EXPECT_EQ(assume(by_name, external), refused);
  EXPECT_EQ(assume(by_name, external, {{"ExternalId", "78"}}), refused);
  EXPECT_EQ(assume(by_name, external, {{"ExternalId", "77"}}), "fine");
  const std::string named = R"({"StringLike":{"sts:RoleSessionName":"build-*"}})";
  EXPECT_EQ(assume(by_name, named), refused);
}

TEST_F(TrustTest, TagsTakeAPermissionOfTheirOwn) {
  const std::string by_name = R"({"AWS":"arn:aws:iam::123456789012:user/ann"})";
  JsonArray tags;
  tags.push_back(JsonObject{{"Key", "team"}, {"Value", "blue"}});
  EXPECT_EQ(assume(by_name, "{}", {{"Tags", tags}}),
            "AccessDenied: User: arn:aws:iam::123456789012:user/ann is not authorized to perform: "
            "sts:TagSession on resource: arn:aws:iam::123456789012:role/team/Worker");
}

TEST_F(TrustTest, ASessionRemembersWhatNarrowsIt) {
  const auto assumed =
      call("AssumeRole",
           {{"RoleArn", role_arn}, {"RoleSessionName", "s"}, {"Policy", iam::identity_policy}});
  ASSERT_EQ(outcome(assumed), "fine");
  const auto facts = iam::session_facts(open(*assumed).principal);
  EXPECT_EQ(facts.policy, iam::identity_policy);
  EXPECT_EQ(outcome(call("AssumeRole",
                         {{"RoleArn", role_arn}, {"RoleSessionName", "s"}, {"Policy", "{"}}))
                .substr(0, 24),
            "MalformedPolicyDocument:");
}

TEST_F(StsTest, ASessionTokenLastsTwelveHoursUnlessAskedOtherwise) {
  const auto given = call("GetSessionToken", {});
  ASSERT_EQ(outcome(given), "fine");
  EXPECT_EQ(at(*given, "/Credentials/Expiration"), "1700043200.0");
  EXPECT_EQ(open(*given).principal.kind, Principal::Kind::root);
  EXPECT_EQ(open(*given).parent_key, "AKIAROOTROOTROOTROOT");
  const auto shorter = call("GetSessionToken", {{"DurationSeconds", 1'000}});
  EXPECT_EQ(at(*shorter, "/Credentials/Expiration"), "1700001000.0");
}

TEST_F(StsTest, ASessionCannotGetASessionToken) {
  Principal session = Bench::root();
  session.access_key_id = "ASIAXXXXXXXXXXXXXXXX";
  EXPECT_EQ(outcome(call("GetSessionToken", {}, session)),
            "AccessDenied: Cannot call GetSessionToken with session credentials");
}

}  // namespace
}  // namespace toolgate::services::sts
