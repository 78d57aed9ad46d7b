// Users; a rename moves the document.
#include <fmt/format.h>

#include "services/iam/access_key_document.h"
#include "services/iam/documents.h"
#include "services/iam/listing.h"
#include "services/iam/service.h"

namespace toolgate::services::iam {
namespace {

using aws::Answer;
using aws::Call;

JsonObject user_shape(const JsonObject& body) {
  JsonObject user;
  copy_members(body, {"Path", "UserName", "UserId", "Arn", "CreateDate"}, user);
  return user;
}

// With what only GetUser and CreateUser tell (IAM API Reference, "ListUsers").
JsonObject whole_user_shape(const JsonObject& body) {
  JsonObject user = user_shape(body);
  copy_members(body, {"Tags"}, user);
  add_boundary(body, user);
  return user;
}

Task<Result<Answer>> create_user(Iam& iam, Call& call, net::Worker&) {
  const std::string name = aws::text(call, "UserName");
  const std::string path = aws::text_if(call, "Path").value_or("/");
  CO_TRY_DO(check_no_boundary(call));
  const store::Key key = key_of(call.account, kind::user, name);
  CO_TRY(const std::optional<Loaded> there, co_await load(iam.store, key));
  if (there) co_return already_exists(fmt::format("User with name {} already exists.", name));

  JsonObject body{{"Path", path},
                  {"UserName", name},
                  {"UserId", new_id("AIDA")},
                  {"Arn", arn_of(call.account, "user", path, name)},
                  {"CreateDate", timestamp(call.now)}};
  CO_TRY_DO(check_tags(call));
  copy_members(call.input.as_object(), {"Tags"}, body);
  store::Batch batch;
  create(batch, key, body);
  CO_TRY([[maybe_unused]] store::Version version, co_await iam.store.commit(std::move(batch)));
  co_return Answer{JsonObject{{"User", whole_user_shape(body)}}, {}};
}

// Without a name: the caller (IAM API Reference, "GetUser").
Task<Result<Answer>> get_user(Iam& iam, Call& call, net::Worker&) {
  using Kind = identity::Principal::Kind;
  if (!aws::text_if(call, "UserName")) {
    if (call.caller.kind == Kind::root) {
      JsonObject root{{"UserId", call.account}, {"Arn", call.caller.arn}, {"CreateDate", 0.0}};
      co_return Answer{JsonObject{{"User", std::move(root)}}, {}};
    }
    if (call.caller.kind != Kind::user) {
      co_return validation_error("Must specify userName when calling with non-User credentials");
    }
    call.input.as_object()["UserName"] = call.caller.arn.substr(call.caller.arn.rfind('/') + 1);
  }
  CO_TRY(const Loaded user, co_await load_named(iam.store, call, user_noun));
  co_return Answer{JsonObject{{"User", whole_user_shape(user.body)}}, {}};
}

Task<Result<Answer>> list_users(Iam& iam, Call& call, net::Worker&) {
  CO_TRY(const DocumentPage page,
         co_await list_documents(iam.store, call, kind::user, items_wanted(call),
                                 aws::text_if(call, "Marker").value_or("")));
  JsonArray users;
  for (const Loaded& user : page.documents) users.push_back(user_shape(user.body));
  JsonObject output{{"Users", std::move(users)}};
  close_page(output, page.next);
  co_return Answer{std::move(output), {}};
}

// A new name is a new ARN: the user's keys name it too.
Task<Result<Answer>> update_user(Iam& iam, Call& call, net::Worker&) {
  CO_TRY(Loaded user, co_await load_named(iam.store, call, user_noun));
  const std::string name =
      aws::text_if(call, "NewUserName").value_or(member(user.body, "UserName"));
  const std::string path = aws::text_if(call, "NewPath").value_or(member(user.body, "Path"));
  const std::string arn = arn_of(call.account, "user", path, name);
  user.body["UserName"] = name;
  user.body["Path"] = path;
  user.body["Arn"] = arn;

  store::Batch batch;
  const store::Key renamed = key_of(call.account, kind::user, name);
  if (renamed == user.key) {
    write_back(batch, user);
  } else {
    CO_TRY(const std::optional<Loaded> there, co_await load(iam.store, renamed));
    if (there) co_return already_exists(fmt::format("User with name {} already exists.", name));
    remove(batch, user);
    create(batch, renamed, user.body);
  }
  for (const Json& id : array_in(user.body, "AccessKeyIds")) {
    const std::string_view key_id = text_of(id);
    CO_TRY(std::optional<Loaded> key,
           co_await load(iam.store, key_of(call.account, kind::access_key, key_id)));
    if (!key) continue;
    key->body["UserName"] = name;
    key->body["OwnerArn"] = arn;
    write_back(batch, *key);
  }
  CO_TRY([[maybe_unused]] store::Version version, co_await iam.store.commit(std::move(batch)));
  CO_TRY_DO(co_await iam.directory.reload());
  co_return Answer{};
}

Task<Result<Answer>> delete_user(Iam& iam, Call& call, net::Worker&) {
  CO_TRY(Loaded user, co_await load_named(iam.store, call, user_noun));
  if (!array_in(user.body, "AttachedPolicies").empty()) {
    co_return delete_conflict("Cannot delete entity, must detach all policies first.");
  }
  if (!object_in(user.body, "InlinePolicies").empty()) {
    co_return delete_conflict("Cannot delete entity, must delete policies first.");
  }
  if (!array_in(user.body, "AccessKeyIds").empty()) {
    co_return delete_conflict("Cannot delete entity, must delete access keys first.");
  }
  store::Batch batch;
  remove(batch, user);
  CO_TRY([[maybe_unused]] store::Version version, co_await iam.store.commit(std::move(batch)));
  co_return Answer{};
}

// There are no groups; clients that clean up a user ask all the same.
Task<Result<Answer>> list_groups_for_user(Iam& iam, Call& call, net::Worker&) {
  CO_TRY([[maybe_unused]] const Loaded user, co_await load_named(iam.store, call, user_noun));
  JsonObject output{{"Groups", JsonArray{}}};
  close_page(output, {});
  co_return Answer{std::move(output), {}};
}

}  // namespace

void add_user_operations(Iam& iam, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::writing_row(iam, "CreateUser", create_user, busy));
  rows.push_back(aws::row(iam, "GetUser", get_user));
  rows.push_back(aws::row(iam, "ListUsers", list_users));
  rows.push_back(aws::writing_row(iam, "UpdateUser", update_user, busy));
  rows.push_back(aws::writing_row(iam, "DeleteUser", delete_user, busy));
  rows.push_back(aws::row(iam, "ListGroupsForUser", list_groups_for_user));
}

}  // namespace toolgate::services::iam
