// CreateAlias, UpdateAlias, DeleteAlias, ListAliases.
#include <fmt/format.h>

#include "services/kms/documents.h"
#include "store/optimistic.h"

namespace toolgate::services::kms {
namespace {

using aws::Answer;
using aws::Call;

constexpr std::string_view prefix = "alias/";

Result<std::string> name_of(const Call& call) {
  std::string name = aws::text(call, "AliasName");
  if (!name.starts_with(prefix) || name.size() == prefix.size() ||
      name.find(':') != std::string::npos) {
    return refuse(Code::invalid, "ValidationException",
                  fmt::format("AliasName {}: expected alias/NAME", name));
  }
  if (name.starts_with("alias/aws/")) {
    return refuse(Code::invalid, "InvalidAliasNameException",
                  fmt::format("AliasName {}: names that begin with alias/aws/ are AWS's", name));
  }
  return name;
}

std::unexpected<Error> no_alias(const Call& call, std::string_view name) {
  return refuse(Code::not_found, "NotFoundException",
                fmt::format("Alias {} is not found.", arn_of(key_of(call, "", ""), name)));
}

// The alias's own permission; the key's is asked with the key.
Task<Result<void>> may(Kms& kms, const Call& call, const std::string& name) {
  co_return co_await kms.may(call, fmt::format("kms:{}", call.operation),
                             arn_of(key_of(call, "", ""), name));
}

Task<Result<Answer>> create_alias(Kms& kms, Call& call, net::Worker&) {
  CO_TRY(const std::string name, name_of(call));
  CO_TRY_DO(co_await may(kms, call, name));
  CO_TRY(const Key key, co_await load_key(kms, call, aws::text(call, "TargetKeyId"), Aliases::no));
  CO_TRY_DO(check_not_pending(key));
  const auto place = key_of(call, kind_alias, name);
  const std::string there =
      fmt::format("An alias with the name {} already exists", arn_of(place, name));
  store::Batch batch;
  CO_TRY(const auto old, co_await store::get_document(kms.store, place));
  if (old) {
    // One that leads to a key that is gone may be taken again.
    const auto target = json::find_string(old->body, "TargetKeyId").value_or("");
    CO_TRY(const auto its, co_await find_key(kms, key_of(call, kind_key, target), call.now));
    if (its) co_return refuse(Code::conflict, "AlreadyExistsException", there);
  }
  batch.preconditions.push_back(store::unchanged(place, old ? old->version : 0, there));
  batch.puts.push_back(
      store::put_json(place, JsonObject{{"AliasName", name},
                                        {"AliasArn", arn_of(place, name)},
                                        {"TargetKeyId", key.id()},
                                        {"CreationDate", epoch_seconds(call.now)},
                                        {"LastUpdatedDate", epoch_seconds(call.now)}}));
  const auto done = co_await kms.store.commit(std::move(batch));
  if (!done && done.error().code == Code::conflict) {
    co_return refuse(Code::conflict, "AlreadyExistsException", there);
  }
  if (!done) co_return std::unexpected(done.error());
  co_return Answer{};
}

Task<Result<Answer>> update_alias(Kms& kms, Call& call, net::Worker&) {
  CO_TRY(const std::string name, name_of(call));
  CO_TRY_DO(co_await may(kms, call, name));
  const auto place = key_of(call, kind_alias, name);
  CO_TRY(auto alias, co_await store::get_document(kms.store, place));
  if (!alias) co_return no_alias(call, name);
  CO_TRY(const Key key, co_await load_key(kms, call, aws::text(call, "TargetKeyId"), Aliases::no));
  CO_TRY_DO(check_not_pending(key));
  JsonObject& body = alias->body.get_object();
  body["TargetKeyId"] = key.id();
  body["LastUpdatedDate"] = epoch_seconds(call.now);
  store::Batch batch;
  batch.preconditions.push_back({.holds = store::Precondition::Holds::present,
                                 .key = place,
                                 .otherwise = "The alias was deleted meanwhile."});
  batch.puts.push_back(store::put_json(place, alias->body));
  const auto done = co_await kms.store.commit(std::move(batch));
  if (!done && done.error().code == Code::conflict) co_return no_alias(call, name);
  if (!done) co_return std::unexpected(done.error());
  co_return Answer{};
}

Task<Result<Answer>> delete_alias(Kms& kms, Call& call, net::Worker&) {
  CO_TRY(const std::string name, name_of(call));
  CO_TRY_DO(co_await may(kms, call, name));
  const auto place = key_of(call, kind_alias, name);
  CO_TRY(const auto alias, co_await kms.store.get(place));
  if (!alias) co_return no_alias(call, name);
  store::Batch batch;
  batch.deletes.push_back(place);
  CO_TRY_DO(co_await kms.store.commit(std::move(batch)));
  co_return Answer{};
}

Task<Result<Answer>> list_aliases(Kms& kms, Call& call, net::Worker&) {
  CO_TRY(const auto page, page_of(call, 50));
  std::string only;
  if (const auto named = aws::text_if(call, "KeyId")) {
    CO_TRY(const Key key, co_await load_key(kms, call, *named, Aliases::no));
    only = key.id();
  }
  CO_TRY(auto found,
         co_await store::list_json(kms.store, key_of(call, kind_alias, ""), page.size, page.after));
  JsonArray aliases;
  for (auto& document : found.documents) {
    const bool wanted = only.empty() || json::find_string(document.body, "TargetKeyId") == only;
    if (wanted) aliases.push_back(std::move(document.body));
  }
  JsonObject output{{"Aliases", std::move(aliases)}};
  end_page(call, output, found.next);
  co_return Answer{std::move(output), {}};
}

}  // namespace

void add_alias_operations(Kms& kms, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(kms, "CreateAlias", create_alias));
  rows.push_back(aws::row(kms, "UpdateAlias", update_alias));
  rows.push_back(aws::row(kms, "DeleteAlias", delete_alias));
  rows.push_back(aws::row(kms, "ListAliases", list_aliases));
}

}  // namespace toolgate::services::kms
