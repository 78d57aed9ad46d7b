// Users' access keys, which the directory knows at once.
#include <fmt/format.h>

#include "services/iam/access_key_document.h"
#include "services/iam/documents.h"
#include "services/iam/listing.h"
#include "services/iam/service.h"

namespace toolgate::services::iam {
namespace {

using aws::Answer;
using aws::Call;

constexpr std::size_t keys_a_user_max = 2;  // IAM User Guide, "IAM and AWS STS quotas"

// Without a user's name the caller is meant. The root's key is not handled here: it is replaced
// whole, so that nobody locks themselves out.
Result<void> fill_in_user(Call& call) {
  if (aws::text_if(call, "UserName")) return {};
  switch (call.caller.kind) {
    case identity::Principal::Kind::user:
      call.input.as_object()["UserName"] = call.caller.arn.substr(call.caller.arn.rfind('/') + 1);
      return {};
    case identity::Principal::Kind::root:
      return validation_error(
          "Must specify userName: the root's own key is replaced by `toolgate key rotate`.");
    default:
      return validation_error("Must specify userName when calling with non-User credentials");
  }
}

// The key that the input names, if it is the user's.
Task<Result<Loaded>> load_key(Iam& iam, const Call& call, JsonObject& user) {
  const std::string id = aws::text(call, "AccessKeyId");
  if (contains(array_in(user, "AccessKeyIds"), id)) {
    CO_TRY(std::optional<Loaded> key,
           co_await load(iam.store, key_of(call.account, kind::access_key, id)));
    if (key) co_return *std::move(key);
  }
  co_return no_such_entity(fmt::format("The Access Key with id {} cannot be found.", id));
}

// The change is effective when the operation answers.
Task<Result<Answer>> commit_and_publish(Iam& iam, store::Batch batch, JsonObject output) {
  CO_TRY([[maybe_unused]] store::Version version, co_await iam.store.commit(std::move(batch)));
  CO_TRY_DO(co_await iam.directory.reload());
  co_return Answer{std::move(output), {}};
}

Task<Result<Answer>> create_access_key(Iam& iam, Call& call, net::Worker&) {
  CO_TRY_DO(fill_in_user(call));
  CO_TRY(Loaded user, co_await load_named(iam.store, call, user_noun));
  JsonArray& ids = array_in(user.body, "AccessKeyIds");
  if (ids.size() >= keys_a_user_max) {
    co_return limit_exceeded(
        fmt::format("Cannot exceed quota for AccessKeysPerUser: {}", keys_a_user_max));
  }
  const std::string user_name = member(user.body, "UserName");
  NewKey key = make_key(
      {.arn = member(user.body, "Arn"), .id = member(user.body, "UserId"), .user_name = user_name},
      iam.secrets, call.now);
  ids.emplace_back(key.id);
  store::Batch batch;
  write_back(batch, user);
  create(batch, key_of(call.account, kind::access_key, key.id), key.document);
  JsonObject shape{{"UserName", user_name},
                   {"AccessKeyId", key.id},
                   {"Status", "Active"},
                   {"SecretAccessKey", key.secret},
                   {"CreateDate", timestamp(call.now)}};
  co_return co_await commit_and_publish(iam, std::move(batch),
                                        JsonObject{{"AccessKey", std::move(shape)}});
}

Task<Result<Answer>> list_access_keys(Iam& iam, Call& call, net::Worker&) {
  CO_TRY_DO(fill_in_user(call));
  CO_TRY(Loaded user, co_await load_named(iam.store, call, user_noun));
  std::vector<std::string> ids;
  for (const Json& id : array_in(user.body, "AccessKeyIds")) {
    ids.emplace_back(text_of(id));
  }
  JsonObject output;
  CO_TRY(const std::vector<std::string> page, page_of(call, std::move(ids), output));
  JsonArray shapes;
  for (const std::string& id : page) {
    CO_TRY(const std::optional<Loaded> key,
           co_await load(iam.store, key_of(call.account, kind::access_key, id)));
    if (!key) continue;
    JsonObject shape;
    copy_members(key->body, {"UserName", "AccessKeyId", "Status", "CreateDate"}, shape);
    shapes.push_back(std::move(shape));
  }
  output["AccessKeyMetadata"] = std::move(shapes);
  co_return Answer{std::move(output), {}};
}

Task<Result<Answer>> update_access_key(Iam& iam, Call& call, net::Worker&) {
  CO_TRY_DO(fill_in_user(call));
  const std::string status = aws::text(call, "Status");
  if (status != "Active" && status != "Inactive") {
    co_return validation_error("Status must be Active or Inactive.");
  }
  CO_TRY(Loaded user, co_await load_named(iam.store, call, user_noun));
  CO_TRY(Loaded key, co_await load_key(iam, call, user.body));
  key.body["Status"] = status;
  store::Batch batch;
  write_back(batch, key);
  co_return co_await commit_and_publish(iam, std::move(batch), {});
}

Task<Result<Answer>> delete_access_key(Iam& iam, Call& call, net::Worker&) {
  CO_TRY_DO(fill_in_user(call));
  CO_TRY(Loaded user, co_await load_named(iam.store, call, user_noun));
  CO_TRY(const Loaded key, co_await load_key(iam, call, user.body));
  erase(array_in(user.body, "AccessKeyIds"), key.key.id);
  store::Batch batch;
  write_back(batch, user);
  remove(batch, key);
  co_return co_await commit_and_publish(iam, std::move(batch), {});
}

// Uses are not counted; "N/A" is what IAM says of a key that was never used.
Task<Result<Answer>> get_access_key_last_used(Iam& iam, Call& call, net::Worker&) {
  const std::string id = aws::text(call, "AccessKeyId");
  CO_TRY(const std::optional<Loaded> key,
         co_await load(iam.store, key_of(call.account, kind::access_key, id)));
  if (!key || is_root_key(key->body)) {
    co_return no_such_entity(fmt::format("The Access Key with id {} cannot be found.", id));
  }
  JsonObject used{{"ServiceName", "N/A"}, {"Region", "N/A"}};
  co_return Answer{JsonObject{{"UserName", member(key->body, "UserName")},
                              {"AccessKeyLastUsed", std::move(used)}},
                   {}};
}

}  // namespace

void add_access_key_operations(Iam& iam, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::writing_row(iam, "CreateAccessKey", create_access_key, busy));
  rows.push_back(aws::row(iam, "ListAccessKeys", list_access_keys));
  rows.push_back(aws::writing_row(iam, "UpdateAccessKey", update_access_key, busy));
  rows.push_back(aws::writing_row(iam, "DeleteAccessKey", delete_access_key, busy));
  rows.push_back(aws::row(iam, "GetAccessKeyLastUsed", get_access_key_last_used));
}

}  // namespace toolgate::services::iam
