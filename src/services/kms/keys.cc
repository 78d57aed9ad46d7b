// CreateKey, DescribeKey, ListKeys, UpdateKeyDescription.
#include <fmt/format.h>

#include "base/ids.h"
#include "crypto/key_pair.h"
#include "services/kms/documents.h"
#include "services/kms/key_policy.h"
#include "services/kms/material.h"
#include "services/kms/signing.h"
#include "services/kms/tags.h"

namespace toolgate::services::kms {
namespace {

using aws::Answer;
using aws::Call;

constexpr std::string_view symmetric = "SYMMETRIC_DEFAULT";

std::unexpected<Error> unsupported(std::string_view member, std::string_view given,
                                   std::string_view served) {
  return refuse(
      Code::invalid, "UnsupportedOperationException",
      fmt::format("{}: {} is not served by this server; expected {}", member, given, served));
}

// KeySpec, or its old name.
std::string spec_of(const Call& call) {
  if (const auto spec = aws::text_if(call, "KeySpec")) return *spec;
  return aws::text_if(call, "CustomerMasterKeySpec").value_or(std::string{symmetric});
}

// Keys encrypt or sign, as their spec says; what would make another kind is refused.
Result<void> refuse_other_kinds(const Call& call) {
  const std::string spec = spec_of(call);
  const bool signs = find_signing_spec(spec) != nullptr;
  if (spec != symmetric && !signs) {
    return unsupported("KeySpec", spec, "SYMMETRIC_DEFAULT, RSA_* or ECC_NIST_*");
  }
  const auto usage = aws::text_if(call, "KeyUsage").value_or("ENCRYPT_DECRYPT");
  if (usage != (signs ? "SIGN_VERIFY" : "ENCRYPT_DECRYPT")) {
    return unsupported(
        "KeyUsage", usage,
        fmt::format("{} for the spec {}", signs ? "SIGN_VERIFY" : "ENCRYPT_DECRYPT", spec));
  }
  const auto origin = aws::text_if(call, "Origin");
  if (origin && *origin != "AWS_KMS") return unsupported("Origin", *origin, "AWS_KMS");
  for (const std::string_view member : {"CustomKeyStoreId", "XksKeyId"}) {
    if (const auto given = aws::text_if(call, member)) return unsupported(member, *given, "none");
  }
  if (json::find_bool(call.input, "MultiRegion").value_or(false)) {
    return unsupported("MultiRegion", "true", "false");
  }
  return {};
}

Task<std::string> new_private_key(Kms& kms, std::string_view spec) {
  const auto make = [spec] { return crypto::KeyPair::generate(spec).private_der(); };
  if (kms.offload == nullptr) co_return make();
  co_return co_await kms.offload->run(make);
}

Task<Result<Answer>> create_key(Kms& kms, Call& call, net::Worker&) {
  CO_TRY_DO(refuse_other_kinds(call));
  const std::string spec = spec_of(call);
  const SigningSpec* pair = find_signing_spec(spec);
  const std::string id = random_uuid();
  Key key{{.key = key_of(call, kind_key, id), .version = 0, .body = {}}};
  key.body["metadata"] = JsonObject{{"AWSAccountId", call.account},
                                    {"KeyId", id},
                                    {"Arn", key.arn()},
                                    {"CreationDate", epoch_seconds(call.now)},
                                    {"Enabled", true},
                                    {"Description", aws::text_if(call, "Description").value_or("")},
                                    {"KeyUsage", pair ? "SIGN_VERIFY" : "ENCRYPT_DECRYPT"},
                                    {"KeyState", "Enabled"},
                                    {"Origin", "AWS_KMS"},
                                    {"KeyManager", "CUSTOMER"},
                                    {"CustomerMasterKeySpec", spec},
                                    {"KeySpec", spec},
                                    {"MultiRegion", false}};
  CO_TRY(JsonObject tags, tags_with(JsonObject{}, json::find_array(call.input, "Tags")));
  key.body["tags"] = std::move(tags);
  if (pair != nullptr) {
    key.metadata()["SigningAlgorithms"] =
        JsonArray(pair->algorithms.begin(), pair->algorithms.end());
    add_private_key(kms, key, co_await new_private_key(kms, pair->pair), call.now);
  } else {
    key.metadata()["EncryptionAlgorithms"] = JsonArray{symmetric};
    add_material(kms, key, call.now);
  }
  store::Batch batch;
  if (const auto policy = aws::text_if(call, "Policy")) {
    CO_TRY_DO(check_policy(call, *policy, key.arn()));
    batch.puts.push_back(policy_put(key, *policy));
  }
  batch.puts.push_back(store::put_json(key.key, key.body));
  CO_TRY_DO(co_await kms.store.commit(std::move(batch)));
  co_return Answer{JsonObject{{"KeyMetadata", key.metadata()}}, {}};
}

Task<Result<Answer>> describe_key(Kms& kms, Call& call, net::Worker&) {
  CO_TRY_DO(refuse_grants(call));
  CO_TRY(Key key, co_await load_key(kms, call, Aliases::too));
  co_return Answer{JsonObject{{"KeyMetadata", std::move(key.metadata())}}, {}};
}

Task<Result<Answer>> list_keys(Kms& kms, Call& call, net::Worker&) {
  CO_TRY(const auto page, page_of(call));
  CO_TRY(const auto found,
         co_await store::list_json(kms.store, key_of(call, kind_key, ""), page.size, page.after));
  JsonArray keys;
  for (const auto& document : found.documents) {
    CO_TRY(const auto key, co_await find_key(kms, document.key, call.now));
    if (key) keys.push_back(JsonObject{{"KeyId", key->id()}, {"KeyArn", key->arn()}});
  }
  JsonObject output{{"Keys", std::move(keys)}};
  end_page(call, output, found.next);
  co_return Answer{std::move(output), {}};
}

Task<Result<Answer>> update_key_description(Kms& kms, Call& call, net::Worker&) {
  CO_TRY(Key key, co_await load_key(kms, call));
  CO_TRY_DO(check_not_pending(key));
  key.metadata()["Description"] = aws::text(call, "Description");
  CO_TRY_DO(co_await save(kms, std::move(key)));
  co_return Answer{};
}

}  // namespace

void add_key_operations(Kms& kms, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(kms, "CreateKey", create_key));
  rows.push_back(aws::row(kms, "DescribeKey", describe_key));
  rows.push_back(aws::row(kms, "ListKeys", list_keys));
  rows.push_back(aws::writing_row(kms, "UpdateKeyDescription", update_key_description, busy));
}

}  // namespace toolgate::services::kms
