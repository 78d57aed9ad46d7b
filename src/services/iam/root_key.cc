// The root's one access key: made at the first start, replaced on demand.
#include <fmt/format.h>

#include "services/iam/access_key_directory.h"
#include "services/iam/access_key_document.h"
#include "services/iam/documents.h"
#include "store/optimistic.h"

namespace toolgate::services::iam {
namespace {

// The document that names the root's one key. Its precondition is what makes it one.
constexpr std::string_view root_id = "key";

NewKey make_root_key(const store::Secrets& secrets, const std::string& account, Time now) {
  return make_key(
      {.arn = fmt::format("arn:aws:iam::{}:root", account), .id = account, .user_name = {}},
      secrets, now);
}

Task<Result<RootKey>> read_root_key(store::Store& store, const store::Secrets& secrets,
                                    std::string account, std::string id) {
  CO_TRY(std::optional<Loaded> key, co_await load(store, key_of(account, kind::access_key, id)));
  if (!key) co_return fail(Code::internal, "the root's access key is missing from the store", id);
  CO_TRY(std::string secret, secret_of(key->body, secrets));
  co_return RootKey{std::move(id), std::move(secret)};
}

}  // namespace

Task<Result<RootKey>> ensure_root_key(store::Store& store, const store::Secrets& secrets,
                                      std::string account, Time now) {
  const store::Key root = key_of(account, kind::root, root_id);
  CO_TRY(std::optional<Loaded> found, co_await load(store, root));
  if (!found) {
    NewKey key = make_root_key(secrets, account, now);
    store::Batch batch;
    create(batch, key_of(account, kind::access_key, key.id), key.document);
    create(batch, root, JsonObject{{"AccessKeyId", key.id}});
    const Result<store::Version> committed = co_await store.commit(std::move(batch));
    if (committed) co_return RootKey{std::move(key.id), std::move(key.secret)};
    if (!store::lost_race(committed.error())) co_return std::unexpected(committed.error());
    // Another process was faster: its key is the root's.
    CO_TRY(found, co_await load(store, root));
    if (!found) co_return fail(Code::internal, "the root's access key is missing from the store");
  }
  co_return co_await read_root_key(store, secrets, account, member(found->body, "AccessKeyId"));
}

Task<Result<RootKey>> rotate_root_key(store::Store& store, const store::Secrets& secrets,
                                      AccessKeyDirectory& directory, std::string account,
                                      Time now) {
  CO_TRY(std::optional<Loaded> root, co_await load(store, key_of(account, kind::root, root_id)));
  NewKey key = make_root_key(secrets, account, now);
  store::Batch batch;
  create(batch, key_of(account, kind::access_key, key.id), key.document);
  if (root) {
    batch.deletes.push_back(key_of(account, kind::access_key, member(root->body, "AccessKeyId")));
    root->body["AccessKeyId"] = key.id;
    write_back(batch, *root);
  } else {
    create(batch, key_of(account, kind::root, root_id), JsonObject{{"AccessKeyId", key.id}});
  }
  CO_TRY([[maybe_unused]] store::Version version, co_await store.commit(std::move(batch)));
  CO_TRY_DO(co_await directory.reload());
  co_return RootKey{std::move(key.id), std::move(key.secret)};
}

}  // namespace toolgate::services::iam
