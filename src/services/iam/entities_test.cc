// Users, roles, their policies and tags, through the table of operations.
#include "base/text.h"
#include "services/iam/test_bench.h"

namespace toolgate::services::iam {
namespace {

constexpr std::string_view lambda_execution =
    "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

class Entities : public testing::Test {
 protected:
  void make_role(std::string_view name) {
    ASSERT_EQ(outcome(bench.call("CreateRole",
                                 {{"RoleName", name}, {"AssumeRolePolicyDocument", trust_policy}})),
              "fine");
  }
  std::string make_policy(std::string_view name) {
    const auto made =
        bench.call("CreatePolicy", {{"PolicyName", name}, {"PolicyDocument", identity_policy}});
    EXPECT_EQ(outcome(made), "fine");
    return at(*made, "/Policy/Arn");
  }
  std::string try_call(std::string_view operation, JsonObject input) {
    return outcome(bench.call(operation, std::move(input)));
  }
  Bench bench;
};

TEST_F(Entities, ARoleComesBackAsItWasGiven) {
  const std::string trust =
      "{ \"Statement\" : [ {\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"*\"},"
      "\"Action\":\"sts:AssumeRole\"} ],\n \"Version\":\"2012-10-17\" }";
  const auto made = bench.call("CreateRole", {{"RoleName", "Worker"},
                                              {"Path", "/team/"},
                                              {"Description", "does it"},
                                              {"MaxSessionDuration", 7'200},
                                              {"AssumeRolePolicyDocument", trust}});
  ASSERT_EQ(outcome(made), "fine");
  EXPECT_EQ(at(*made, "/Role/Arn"), "arn:aws:iam::123456789012:role/team/Worker");
  EXPECT_EQ(at(*made, "/Role/RoleId").substr(0, 4), "AROA");
  EXPECT_EQ(at(*made, "/Role/RoleId").size(), 21u);
  EXPECT_EQ(at(*made, "/Role/CreateDate"), "1.7e+09");

  const auto got = bench.call("GetRole", {{"RoleName", "Worker"}});
  ASSERT_EQ(outcome(got), "fine");
  EXPECT_EQ(percent_decode(at(*got, "/Role/AssumeRolePolicyDocument")), trust);
  EXPECT_FALSE(at(*got, "/Role/AssumeRolePolicyDocument").contains('"'));
  EXPECT_EQ(at(*got, "/Role/Description"), "does it");
  EXPECT_EQ(at(*got, "/Role/MaxSessionDuration"), "7200");

  const auto listed = bench.call("ListRoles", {});
  EXPECT_EQ(percent_decode(at(*listed, "/Roles/0/AssumeRolePolicyDocument")), trust);
}

TEST_F(Entities, RefuseAPermissionsBoundaryThatNobodyWouldEvaluate) {
  const std::string expected =
      "InvalidInput: PermissionsBoundary: permissions boundaries are not evaluated by toolgate; "
      "leave it out, and narrow the entity's own policies instead.";
  EXPECT_EQ(try_call("CreateRole", {{"RoleName", "Bounded"},
                                    {"AssumeRolePolicyDocument", trust_policy},
                                    {"PermissionsBoundary", lambda_execution}}),
            expected);
  EXPECT_EQ(
      try_call("CreateUser", {{"UserName", "bounded"}, {"PermissionsBoundary", lambda_execution}}),
      expected);
}

TEST_F(Entities, AwsPoliciesThatAreKnownShowTheirDocument) {
  const auto got =
      bench.call("GetPolicyVersion", {{"PolicyArn", lambda_execution}, {"VersionId", "v1"}});
  ASSERT_EQ(outcome(got), "fine");
  EXPECT_TRUE(percent_decode(at(*got, "/PolicyVersion/Document"))->contains("logs:PutLogEvents"));
  EXPECT_EQ(try_call("GetPolicyVersion",
                     {{"PolicyArn", "arn:aws:iam::aws:policy/SecurityAudit"}, {"VersionId", "v1"}}),
            "NoSuchEntity: The document of arn:aws:iam::aws:policy/SecurityAudit in version v1 is "
            "not known to toolgate.");
}

struct Refusal {
  std::string_view operation;
  JsonObject input;
  std::string_view expected;
};

TEST_F(Entities, RefuseNamesInTheWordsOfIam) {
  make_role("Taken");
  ASSERT_EQ(try_call("CreateUser", {{"UserName", "ann"}}), "fine");
  make_policy("Rules");
  const Refusal cases[] = {
      {"CreateRole",
       {{"RoleName", "taken"}, {"AssumeRolePolicyDocument", trust_policy}},
       "EntityAlreadyExists: Role with name taken already exists."},
      {"CreateUser",
       {{"UserName", "ANN"}},
       "EntityAlreadyExists: User with name ANN already exists."},
      {"CreatePolicy",
       {{"PolicyName", "Rules"}, {"PolicyDocument", identity_policy}},
       "EntityAlreadyExists: A policy called Rules already exists. Duplicate names are not "
       "allowed."},
      {"GetRole",
       {{"RoleName", "Absent"}},
       "NoSuchEntity: The role with name Absent cannot be found."},
      {"DeleteRole",
       {{"RoleName", "Absent"}},
       "NoSuchEntity: The role with name Absent cannot be found."},
      {"GetUser", {{"UserName", "bob"}}, "NoSuchEntity: The user with name bob cannot be found."},
      {"GetRolePolicy",
       {{"RoleName", "Taken"}, {"PolicyName", "P"}},
       "NoSuchEntity: The role policy with name P cannot be found."},
      {"DeleteUserPolicy",
       {{"UserName", "ann"}, {"PolicyName", "P"}},
       "NoSuchEntity: The user policy with name P cannot be found."},
  };
  for (const Refusal& one : cases) {
    EXPECT_EQ(try_call(one.operation, one.input), one.expected) << one.operation;
  }
}

TEST_F(Entities, RefusePoliciesMarkersAndTagsInTheWordsOfIam) {
  make_role("Taken");
  make_policy("Rules");
  const std::string absent_policy = "arn:aws:iam::123456789012:policy/Absent";
  const Refusal cases[] = {
      {"GetPolicy",
       {{"PolicyArn", absent_policy}},
       "NoSuchEntity: Policy arn:aws:iam::123456789012:policy/Absent was not found."},
      {"GetPolicy",
       {{"PolicyArn", "arn:aws:iam::999999999999:policy/Rules"}},
       "NoSuchEntity: Policy arn:aws:iam::999999999999:policy/Rules was not found."},
      {"DeletePolicy",
       {{"PolicyArn", lambda_execution}},
       "AccessDenied: arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole is managed "
       "by AWS: it can be attached, not changed."},
      {"AttachRolePolicy",
       {{"RoleName", "Taken"}, {"PolicyArn", absent_policy}},
       "NoSuchEntity: Policy arn:aws:iam::123456789012:policy/Absent does not exist or is not "
       "attachable."},
      {"AttachRolePolicy",
       {{"RoleName", "Taken"}, {"PolicyArn", "arn:aws:iam::aws:policy//x"}},
       "NoSuchEntity: Policy arn:aws:iam::aws:policy//x does not exist or is not attachable."},
      {"DetachRolePolicy",
       {{"RoleName", "Taken"}, {"PolicyArn", lambda_execution}},
       "NoSuchEntity: Policy arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole was "
       "not found."},
      {"ListRoles", {{"Marker", "bogus"}}, "ValidationError: Invalid Marker."},
      {"ListRolePolicies",
       {{"RoleName", "Taken"}, {"Marker", "***"}},
       "ValidationError: Invalid Marker."},
      {"TagRole",
       {{"RoleName", "Taken"},
        {"Tags", JsonArray{JsonObject{{"Key", "a"}, {"Value", "1"}},
                           JsonObject{{"Key", "A"}, {"Value", "2"}}}}},
       "InvalidInput: Duplicate tag keys found. Please note that Tag keys are case insensitive."},
  };
  for (const Refusal& one : cases) {
    EXPECT_EQ(try_call(one.operation, one.input), one.expected) << one.operation;
  }
  EXPECT_EQ(try_call("PutRolePolicy",
                     {{"RoleName", "Taken"}, {"PolicyName", "P"}, {"PolicyDocument", "{"}})
                .substr(0, 57),
            "MalformedPolicyDocument: This policy contains invalid Jso");
}

TEST_F(Entities, ARoleWithPoliciesIsNotDeleted) {
  make_role("R");
  ASSERT_EQ(
      try_call("PutRolePolicy",
               {{"RoleName", "R"}, {"PolicyName", "Inline"}, {"PolicyDocument", identity_policy}}),
      "fine");
  ASSERT_EQ(try_call("AttachRolePolicy", {{"RoleName", "R"}, {"PolicyArn", lambda_execution}}),
            "fine");
  EXPECT_EQ(try_call("DeleteRole", {{"RoleName", "R"}}),
            "DeleteConflict: Cannot delete entity, must detach all policies first.");
  ASSERT_EQ(try_call("DetachRolePolicy", {{"RoleName", "R"}, {"PolicyArn", lambda_execution}}),
            "fine");
  EXPECT_EQ(try_call("DeleteRole", {{"RoleName", "R"}}),
            "DeleteConflict: Cannot delete entity, must delete policies first.");
  const auto policies = bench.call("ListRolePolicies", {{"RoleName", "R"}, {"MaxItems", 100}});
  EXPECT_EQ(at(*policies, "/PolicyNames"), R"(["Inline"])");
  const auto inline_policy =
      bench.call("GetRolePolicy", {{"RoleName", "R"}, {"PolicyName", "Inline"}});
  EXPECT_EQ(percent_decode(at(*inline_policy, "/PolicyDocument")), identity_policy);
  ASSERT_EQ(try_call("DeleteRolePolicy", {{"RoleName", "R"}, {"PolicyName", "Inline"}}), "fine");
  EXPECT_EQ(try_call("DeleteRole", {{"RoleName", "R"}}), "fine");
  EXPECT_EQ(try_call("GetRole", {{"RoleName", "R"}}),
            "NoSuchEntity: The role with name R cannot be found.");
}

TEST_F(Entities, APolicyThatIsAttachedOrHasVersionsIsNotDeleted) {
  make_role("R");
  const std::string arn = make_policy("P");
  ASSERT_EQ(try_call("AttachRolePolicy", {{"RoleName", "R"}, {"PolicyArn", arn}}), "fine");
  ASSERT_EQ(try_call("AttachRolePolicy", {{"RoleName", "R"}, {"PolicyArn", arn}}), "fine");
  EXPECT_EQ(at(*bench.call("GetPolicy", {{"PolicyArn", arn}}), "/Policy/AttachmentCount"), "1");
  const auto holders = bench.call("ListEntitiesForPolicy", {{"PolicyArn", arn}});
  EXPECT_EQ(at(*holders, "/PolicyRoles/0/RoleName"), "R");
  EXPECT_EQ(at(*holders, "/PolicyUsers"), "[]");
  const auto attached = bench.call("ListAttachedRolePolicies", {{"RoleName", "R"}});
  EXPECT_EQ(at(*attached, "/AttachedPolicies/0/PolicyName"), "P");
  EXPECT_EQ(at(*attached, "/AttachedPolicies/0/PolicyArn"), arn);
  EXPECT_EQ(at(*attached, "/IsTruncated"), "false");
  EXPECT_EQ(try_call("DeletePolicy", {{"PolicyArn", arn}}),
            "DeleteConflict: Cannot delete a policy attached to entities.");
  ASSERT_EQ(try_call("DetachRolePolicy", {{"RoleName", "R"}, {"PolicyArn", arn}}), "fine");

  for (int version = 2; version <= 5; ++version) {
    ASSERT_EQ(try_call("CreatePolicyVersion", {{"PolicyArn", arn},
                                               {"PolicyDocument", identity_policy},
                                               {"SetAsDefault", version == 5}}),
              "fine");
  }
  EXPECT_EQ(
      try_call("CreatePolicyVersion", {{"PolicyArn", arn}, {"PolicyDocument", identity_policy}}),
      "LimitExceeded: A managed policy can have up to 5 versions. Before you create a new version, "
      "you must delete an existing version.");
  EXPECT_EQ(try_call("DeletePolicyVersion", {{"PolicyArn", arn}, {"VersionId", "v5"}}),
            "DeleteConflict: Cannot delete the default version of a policy.");
  EXPECT_EQ(try_call("GetPolicyVersion", {{"PolicyArn", arn}, {"VersionId", "v9"}}),
            "NoSuchEntity: Policy " + arn + " version v9 does not exist or is not attachable.");
  EXPECT_EQ(try_call("DeletePolicy", {{"PolicyArn", arn}}).substr(0, 53),
            "DeleteConflict: This policy has more than one version");
  for (const std::string_view version : {"v1", "v2", "v3", "v4"}) {
    ASSERT_EQ(try_call("DeletePolicyVersion", {{"PolicyArn", arn}, {"VersionId", version}}),
              "fine");
  }
  const auto last = bench.call("GetPolicyVersion", {{"PolicyArn", arn}, {"VersionId", "v5"}});
  EXPECT_EQ(percent_decode(at(*last, "/PolicyVersion/Document")), identity_policy);
  EXPECT_EQ(at(*last, "/PolicyVersion/IsDefaultVersion"), "true");
  EXPECT_EQ(try_call("DeletePolicy", {{"PolicyArn", arn}}), "fine");
}

TEST_F(Entities, ListsComeInPagesThatJoinWithoutGapOrRepeat) {
  for (int number = 0; number < 7; ++number) make_role("role" + std::to_string(number));
  ASSERT_EQ(try_call("CreateRole", {{"RoleName", "apart"},
                                    {"Path", "/other/"},
                                    {"AssumeRolePolicyDocument", trust_policy}}),
            "fine");
  std::string names;
  JsonObject input{{"MaxItems", 3}};
  for (int page = 0; page < 5; ++page) {
    const auto listed = bench.call("ListRoles", input);
    ASSERT_EQ(outcome(listed), "fine");
    for (const Json& role : *json::find_array(*listed, "Roles"))
      names += at(role, "/RoleName") + ' ';
    if (at(*listed, "/IsTruncated") == "false") break;
    input["Marker"] = at(*listed, "/Marker");
  }
  EXPECT_EQ(names, "apart role0 role1 role2 role3 role4 role5 role6 ");
  const auto below = bench.call("ListRoles", {{"PathPrefix", "/other/"}});
  EXPECT_EQ(json::find_array(*below, "Roles")->size(), 1u);
}

TEST_F(Entities, PoliciesAreListedByScopeAndUse) {
  make_role("R");
  const std::string used = make_policy("Used");
  make_policy("Unused");
  for (const std::string& arn : {used, std::string{lambda_execution},
                                 std::string{"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}}) {
    ASSERT_EQ(try_call("AttachRolePolicy", {{"RoleName", "R"}, {"PolicyArn", arn}}), "fine");
  }
  const auto names = [&](JsonObject input) {
    std::string all;
    for (int page = 0; page < 9; ++page) {
      const auto listed = bench.call("ListPolicies", input);
      EXPECT_EQ(outcome(listed), "fine");
      for (const Json& policy : *json::find_array(*listed, "Policies")) {
        all += at(policy, "/PolicyName") + ' ';
      }
      if (at(*listed, "/IsTruncated") == "false") break;
      input["Marker"] = at(*listed, "/Marker");
    }
    return all;
  };
  EXPECT_EQ(names({{"Scope", "Local"}}), "Unused Used ");
  EXPECT_EQ(names({{"Scope", "Local"}, {"OnlyAttached", true}}), "Used ");
  EXPECT_EQ(names({{"Scope", "AWS"}}), "AmazonS3ReadOnlyAccess AWSLambdaBasicExecutionRole ");
  EXPECT_EQ(names({{"MaxItems", 1}}),
            "Unused Used AmazonS3ReadOnlyAccess AWSLambdaBasicExecutionRole ");
  EXPECT_EQ(names({{"PathPrefix", "/service-role/"}}), "AWSLambdaBasicExecutionRole ");
}

TEST_F(Entities, TagsAreReplacedRemovedAndPaged) {
  make_role("R");
  const auto tag = [](std::string_view key, std::string_view value) {
    return JsonObject{{"Key", key}, {"Value", value}};
  };
  ASSERT_EQ(try_call("TagRole", {{"RoleName", "R"},
                                 {"Tags", JsonArray{tag("a", "1"), tag("b", "2"), tag("c", "3")}}}),
            "fine");
  ASSERT_EQ(try_call("TagRole", {{"RoleName", "R"}, {"Tags", JsonArray{tag("b", "new")}}}), "fine");
  ASSERT_EQ(try_call("UntagRole", {{"RoleName", "R"}, {"TagKeys", JsonArray{"a"}}}), "fine");
  const auto first = bench.call("ListRoleTags", {{"RoleName", "R"}, {"MaxItems", 1}});
  EXPECT_EQ(at(*first, "/Tags"), R"([{"Key":"b","Value":"new"}])");
  const auto second =
      bench.call("ListRoleTags", {{"RoleName", "R"}, {"Marker", at(*first, "/Marker")}});
  EXPECT_EQ(at(*second, "/Tags"), R"([{"Key":"c","Value":"3"}])");
  EXPECT_EQ(at(*second, "/IsTruncated"), "false");
}

TEST_F(Entities, InlinePoliciesHaveAQuotaThatWhiteSpaceDoesNotUse) {
  ASSERT_EQ(try_call("CreateUser", {{"UserName", "ann"}}), "fine");
  std::string roomy{identity_policy};
  roomy.insert(1, 5'000, ' ');
  EXPECT_EQ(try_call("PutUserPolicy",
                     {{"UserName", "ann"}, {"PolicyName", "P"}, {"PolicyDocument", roomy}}),
            "fine");
  const std::string big = R"({"Statement":{"Effect":"Allow","Action":"s3:)" +
                          std::string(2'048, 'x') + R"(","Resource":"*"}})";
  EXPECT_EQ(try_call("PutUserPolicy",
                     {{"UserName", "ann"}, {"PolicyName", "Q"}, {"PolicyDocument", big}}),
            "LimitExceeded: Maximum policy size of 2048 bytes exceeded for user ann");
}

}  // namespace
}  // namespace toolgate::services::iam
