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
  Sts sts{bench.store(), sessions};
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
