#include "services/iam/access_key_directory.h"

#include <algorithm>

#include "base/log.h"
#include "services/iam/access_key_document.h"
#include "services/iam/documents.h"
#include "services/iam/listing.h"

namespace toolgate::services::iam {
namespace {

constexpr int attempts_max = 20;

}  // namespace

std::shared_ptr<const AccessKeyDirectory::Keys> AccessKeyDirectory::keys() const {
  const std::scoped_lock lock{mutex_};
  return keys_;
}

std::optional<identity::AccessKey> AccessKeyDirectory::find(std::string_view access_key_id) const {
  const auto all = keys();
  const auto found = all->find(access_key_id);
  if (found == all->end()) return std::nullopt;
  return found->second;
}

Result<identity::AccessKey> AccessKeyDirectory::read(const std::string& id,
                                                     const JsonObject& body) const {
  TRY(std::string secret, secret_of(body, secrets_));
  identity::Principal principal;
  principal.kind =
      is_root_key(body) ? identity::Principal::Kind::root : identity::Principal::Kind::user;
  principal.account = account_;
  principal.arn = member(body, "OwnerArn");
  principal.id = member(body, "OwnerId");
  principal.access_key_id = id;
  return identity::AccessKey{.id = id,
                             .secret = std::move(secret),
                             .active = member(body, "Status") == "Active",
                             .principal = std::move(principal)};
}

Task<Result<void>> AccessKeyDirectory::reload() {
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    const store::Version version = store_.version();
    CO_TRY(const std::vector<Loaded> documents,
           co_await all_documents(store_, account_, kind::access_key));
    auto fresh = std::make_shared<Keys>();
    for (const Loaded& document : documents) {
      Result<identity::AccessKey> key = read(document.key.id, document.body);
      if (key) {
        fresh->emplace(document.key.id, *std::move(key));
      } else {
        log::error("access key {}: its secret cannot be unsealed", document.key.id);
      }
    }
    // Something newer is already known: what was read may be older, so it is read again.
    const std::scoped_lock lock{mutex_};
    if (version < as_of_) continue;
    keys_ = std::move(fresh);
    as_of_ = version;
    co_return Result<void>{};
  }
  co_return fail(Code::unavailable, "access keys change faster than they can be read");
}

bool AccessKeyDirectory::concerns(const std::vector<store::Change>& changes) {
  bool touched = false;
  std::shared_ptr<Keys> without;
  const std::scoped_lock lock{mutex_};
  for (const store::Change& change : changes) {
    if (change.key.kind != kind::access_key || change.key.account != account_) continue;
    touched = true;
    if (!change.deleted) continue;
    if (!without) without = std::make_shared<Keys>(*keys_);
    without->erase(change.key.id);
    as_of_ = std::max(as_of_, change.version);
  }
  if (without) keys_ = std::move(without);
  return touched;
}

}  // namespace toolgate::services::iam
