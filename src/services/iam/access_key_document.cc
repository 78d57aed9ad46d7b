#include "services/iam/access_key_document.h"

#include <fmt/format.h>

#include "base/ids.h"
#include "services/iam/documents.h"

namespace toolgate::services::iam {
namespace {

std::string seal_context(std::string_view access_key_id) {
  return fmt::format("access_key/{}/secret", access_key_id);
}

}  // namespace

NewKey make_key(const KeyOwner& owner, const store::Secrets& secrets, Time now) {
  NewKey key{.id = "AKIA" + random_text(16, upper_alphanumeric),
             .secret = random_text(40, mixed_alphanumeric),
             .document = {}};
  JsonObject& document = key.document;
  document["AccessKeyId"] = key.id;
  document["Status"] = "Active";
  document["CreateDate"] = timestamp(now);
  document["OwnerArn"] = owner.arn;
  document["OwnerId"] = owner.id;
  if (!owner.user_name.empty()) document["UserName"] = owner.user_name;
  document["SealedSecret"] = secrets.seal(key.secret, seal_context(key.id));
  return key;
}

Result<std::string> secret_of(const JsonObject& document, const store::Secrets& secrets) {
  return secrets.unseal(member(document, "SealedSecret"),
                        seal_context(member(document, "AccessKeyId")));
}

bool is_root_key(const JsonObject& document) { return !document.contains("UserName"); }

}  // namespace toolgate::services::iam
