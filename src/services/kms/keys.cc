// CreateKey, DescribeKey, ListKeys, UpdateKeyDescription.
#include <fmt/format.h>

#include "base/ids.h"
#include "services/kms/documents.h"
#include "services/kms/key_policy.h"
#include "services/kms/material.h"
#include "services/kms/tags.h"

namespace toolgate::services::kms {
namespace {

using aws::Answer;
using aws::Call;

std::unexpected<Error> unsupported(std::string_view member, std::string_view given,
                                   std::string_view served) {
  return refuse(
      Code::invalid, "UnsupportedOperationException",
      fmt::format("{}: {} is not served by this server; expected {}", member, given, served));
}

// What would make another key than the one kind that there is.
Result<void> refuse_other_kinds(const Call& call) {
  struct Row {
    std::string_view member;
    std::string_view served;
  };
  constexpr Row rows[] = {{"KeySpec", "SYMMETRIC_DEFAULT"},
                          {"CustomerMasterKeySpec", "SYMMETRIC_DEFAULT"},
                          {"KeyUsage", "ENCRYPT_DECRYPT"},
                          {"Origin", "AWS_KMS"}};
  for (const auto& [member, served] : rows) {
    const auto given = aws::text_if(call, member);
    if (given && *given != served) return unsupported(member, *given, served);
  }
  for (const std::string_view member : {"CustomKeyStoreId", "XksKeyId"}) {
    if (const auto given = aws::text_if(call, member)) return unsupported(member, *given, "none");
  }
  if (json::find_bool(call.input, "MultiRegion").value_or(false)) {
    return unsupported("MultiRegion", "true", "false");
  }
  return {};
}

Task<Result<Answer>> create_key(Kms& kms, Call& call, net::Worker&) {
  CO_TRY_DO(refuse_other_kinds(call));
  const std::string id = random_uuid();
  Key key{.key = key_of(call, kind_key, id), .version = 0, .body = {}};
  key.body["metadata"] = JsonObject{{"AWSAccountId", call.account},
                                    {"KeyId", id},
                                    {"Arn", key.arn()},
                                    {"CreationDate", epoch_seconds(call.now)},
                                    {"Enabled", true},
                                    {"Description", aws::text_if(call, "Description").value_or("")},
                                    {"KeyUsage", "ENCRYPT_DECRYPT"},
                                    {"KeyState", "Enabled"},
                                    {"Origin", "AWS_KMS"},
                                    {"KeyManager", "CUSTOMER"},
                                    {"CustomerMasterKeySpec", "SYMMETRIC_DEFAULT"},
                                    {"KeySpec", "SYMMETRIC_DEFAULT"},
                                    {"EncryptionAlgorithms", JsonArray{"SYMMETRIC_DEFAULT"}},
                                    {"MultiRegion", false}};
  CO_TRY(JsonObject tags, tags_with(JsonObject{}, json::find_array(call.input, "Tags")));
  key.body["tags"] = std::move(tags);
  add_material(kms, key, call.now);
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
  rows.push_back(aws::row(kms, "UpdateKeyDescription", update_key_description));
}

}  // namespace toolgate::services::kms
