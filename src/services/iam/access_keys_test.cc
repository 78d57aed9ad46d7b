// Access keys: the operations, the directory that the sign-in looks into, and the root's key.
#include "services/iam/test_bench.h"

namespace toolgate::services::iam {
namespace {

class Keys : public testing::Test {
 protected:
  Keys() { EXPECT_EQ(outcome(bench.call("CreateUser", {{"UserName", "ann"}})), "fine"); }

  Json make_key() {
    const auto made = bench.call("CreateAccessKey", {{"UserName", "ann"}});
    EXPECT_EQ(outcome(made), "fine");
    return *made;
  }
  identity::Principal ann() {
    identity::Principal ann;
    ann.kind = identity::Principal::Kind::user;
    ann.account = test_account;
    ann.arn = "arn:aws:iam::123456789012:user/ann";
    return ann;
  }
  Bench bench;
};

TEST_F(Keys, SignInFromTheAnswerOn) {
  const Json made = make_key();
  const std::string id = at(made, "/AccessKey/AccessKeyId");
  EXPECT_EQ(id.substr(0, 4), "AKIA");
  EXPECT_EQ(id.size(), 20u);
  EXPECT_EQ(at(made, "/AccessKey/SecretAccessKey").size(), 40u);
  const auto found = bench.directory().find(id);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->secret, at(made, "/AccessKey/SecretAccessKey"));
  EXPECT_TRUE(found->active);
  EXPECT_EQ(found->principal.kind, identity::Principal::Kind::user);
  EXPECT_EQ(found->principal.arn, "arn:aws:iam::123456789012:user/ann");
  EXPECT_EQ(found->principal.access_key_id, id);
}

TEST_F(Keys, AreSwitchedOffAndDeletedAtOnce) {
  const std::string id = at(make_key(), "/AccessKey/AccessKeyId");
  const JsonObject key{{"UserName", "ann"}, {"AccessKeyId", id}};
  JsonObject off = key;
  off["Status"] = "Inactive";
  ASSERT_EQ(outcome(bench.call("UpdateAccessKey", off)), "fine");
  EXPECT_FALSE(bench.directory().find(id)->active);
  EXPECT_EQ(outcome(bench.call("DeleteUser", {{"UserName", "ann"}})),
            "DeleteConflict: Cannot delete entity, must delete access keys first.");
  ASSERT_EQ(outcome(bench.call("DeleteAccessKey", key)), "fine");
  EXPECT_FALSE(bench.directory().find(id).has_value());
  EXPECT_EQ(outcome(bench.call("DeleteAccessKey", key)),
            "NoSuchEntity: The Access Key with id " + id + " cannot be found.");
  EXPECT_EQ(outcome(bench.call("DeleteUser", {{"UserName", "ann"}})), "fine");
}

TEST_F(Keys, AreTwoAUserAtMost) {
  make_key();
  make_key();
  EXPECT_EQ(outcome(bench.call("CreateAccessKey", {{"UserName", "ann"}})),
            "LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2");
  const auto listed = bench.call("ListAccessKeys", {}, ann());
  EXPECT_EQ(json::find_array(*listed, "AccessKeyMetadata")->size(), 2u);
  EXPECT_EQ(at(*listed, "/AccessKeyMetadata/0/SecretAccessKey"), "(absent)");
}

TEST_F(Keys, OfOthersAreNotTouchedInAUsersName) {
  const std::string id = at(make_key(), "/AccessKey/AccessKeyId");
  ASSERT_EQ(outcome(bench.call("CreateUser", {{"UserName", "bob"}})), "fine");
  EXPECT_EQ(outcome(bench.call("DeleteAccessKey", {{"UserName", "bob"}, {"AccessKeyId", id}})),
            "NoSuchEntity: The Access Key with id " + id + " cannot be found.");
  EXPECT_TRUE(bench.directory().find(id).has_value());
}

TEST_F(Keys, FollowTheirUsersNewName) {
  const std::string id = at(make_key(), "/AccessKey/AccessKeyId");
  ASSERT_EQ(outcome(bench.call("UpdateUser", {{"UserName", "ann"}, {"NewUserName", "Anna"}})),
            "fine");
  EXPECT_EQ(bench.directory().find(id)->principal.arn, "arn:aws:iam::123456789012:user/Anna");
  EXPECT_EQ(at(*bench.call("GetAccessKeyLastUsed", {{"AccessKeyId", id}}), "/UserName"), "Anna");
  EXPECT_EQ(outcome(bench.call("GetUser", {{"UserName", "ann"}})),
            "NoSuchEntity: The user with name ann cannot be found.");
}

TEST_F(Keys, AreSealedInTheStore) {
  const Json made = make_key();
  const std::string id = at(made, "/AccessKey/AccessKeyId");
  const auto document =
      run_task(bench.io(), bench.store().get(key_of(test_account, kind::access_key, id)));
  ASSERT_TRUE(document.has_value() && document->has_value());
  EXPECT_FALSE((*document)->body.contains(at(made, "/AccessKey/SecretAccessKey")));
}

TEST_F(Keys, DeletedElsewhereStopBeforeTheDirectoryIsRead) {
  const std::string id = at(make_key(), "/AccessKey/AccessKeyId");
  const store::Key key = key_of(test_account, kind::access_key, id);
  EXPECT_FALSE(bench.directory().concerns({{.version = 90, .key = {"x", "y", "role", "z"}}}));
  EXPECT_TRUE(bench.directory().concerns({{.version = 91, .key = key, .deleted = true}}));
  EXPECT_FALSE(bench.directory().find(id).has_value());
}

TEST_F(Keys, TheRootsKeyIsMadeOnceAndReplacedWhole) {
  const auto ensure = [&] {
    return *run_task(bench.io(), ensure_root_key(bench.store(), bench.secrets(),
                                                 std::string{test_account}, bench.clock().now()));
  };
  const RootKey first = ensure();
  EXPECT_EQ(first.access_key_id.size(), 20u);
  EXPECT_EQ(first.secret_access_key.size(), 40u);
  EXPECT_EQ(ensure().secret_access_key, first.secret_access_key);
  ASSERT_TRUE(run_task(bench.io(), bench.directory().reload()).has_value());
  const auto found = bench.directory().find(first.access_key_id);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->principal.kind, identity::Principal::Kind::root);
  EXPECT_EQ(found->principal.arn, "arn:aws:iam::123456789012:root");
  EXPECT_EQ(found->principal.id, test_account);

  const auto second =
      run_task(bench.io(), rotate_root_key(bench.store(), bench.secrets(), bench.directory(),
                                           std::string{test_account}, bench.clock().now()));
  ASSERT_TRUE(second.has_value());
  EXPECT_FALSE(bench.directory().find(first.access_key_id).has_value());
  EXPECT_TRUE(bench.directory().find(second->access_key_id).has_value());
  EXPECT_EQ(ensure().access_key_id, second->access_key_id);
  EXPECT_EQ(outcome(bench.call("GetAccessKeyLastUsed", {{"AccessKeyId", second->access_key_id}})),
            "NoSuchEntity: The Access Key with id " + second->access_key_id + " cannot be found.");
}

}  // namespace
}  // namespace toolgate::services::iam
