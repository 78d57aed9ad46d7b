#include "services/kms/documents.h"

#include <algorithm>

#include <fmt/format.h>

#include "aws/paging.h"
#include "base/text.h"
#include "json/members.h"
#include "model/kinds.h"

namespace toolgate::services::kms {
namespace {

using aws::Call;

std::unexpected<Error> invalid_arn(std::string_view text) {
  return refuse(Code::invalid, "InvalidArnException",
                fmt::format("Invalid arn {}: expected arn:aws:kms:REGION:ACCOUNT:key/ID", text));
}

// "key/ID" or "alias/NAME" of an ARN of this account and region.
Result<std::string> resource_of(const Call& call, std::string_view arn) {
  const auto parts = split(arn, ':');
  if (parts.size() != 6 || parts[2] != "kms" || parts[5].find('/') == std::string_view::npos) {
    return invalid_arn(arn);
  }
  if (parts[3] != call.region || parts[4] != call.account) return no_key(arn);
  return std::string{parts[5]};
}

Task<Result<std::string>> id_of(Kms& kms, const Call& call, std::string named, Aliases aliases) {
  std::string resource = named;
  if (named.starts_with("arn:")) {
    CO_TRY(resource, resource_of(call, named));
    if (resource.starts_with("key/")) resource = resource.substr(4);
  }
  if (!resource.starts_with("alias/")) co_return resource;
  if (aliases == Aliases::no) {
    co_return refuse(Code::not_found, "NotFoundException",
                     fmt::format("Invalid keyId {}: this operation takes a key's id or ARN, "
                                 "no alias",
                                 named));
  }
  CO_TRY(const auto alias,
         co_await store::get_document(kms.store, key_of(call, kind_alias, resource)));
  if (!alias) {
    co_return refuse(Code::not_found, "NotFoundException",
                     fmt::format("Alias {} is not found.", arn_of(key_of(call, "", ""), resource)));
  }
  co_return json::member(alias->body, "TargetKeyId");
}

bool is_over(const JsonObject& body, Time now) {
  const Json* date = json::find(body, "metadata", "DeletionDate");
  return date != nullptr && date->is_double() && date->get_double() <= epoch_seconds(now);
}

}  // namespace

store::Key key_of(const Call& call, std::string_view kind, std::string_view id) {
  return {.account = call.account,
          .region = call.region,
          .kind = std::string{kind},
          .id = std::string{id}};
}

std::string arn_of(const store::Key& place, std::string_view resource) {
  return fmt::format("arn:aws:kms:{}:{}:{}", place.region, place.account, resource);
}

double epoch_seconds(Time time) { return static_cast<double>(milliseconds_of(time)) / 1000.0; }

std::string Key::arn() const { return arn_of(key, "key/" + key.id); }

std::string Key::state() const { return json::member(body, "metadata", "KeyState"); }

std::unexpected<Error> busy() {
  return refuse(Code::conflict, "KMSInvalidStateException",
                "Too many requests change this key at once. Try again.");
}
std::unexpected<Error> no_key(std::string_view key_id) {
  return refuse(Code::not_found, "NotFoundException",
                key_id.starts_with("arn:") ? fmt::format("Key '{}' does not exist", key_id)
                                           : fmt::format("Invalid keyId '{}'", key_id));
}

Task<Result<std::optional<Key>>> find_key(Kms& kms, store::Key key, Time now) {
  CO_TRY(auto document, co_await store::load(kms.store, key));
  if (!document) co_return std::nullopt;
  if (is_over(document->body, now)) {
    // Its material goes with it. Aliases of it are left: they lead nowhere, and can be taken again.
    store::Batch batch;
    batch.deletes = {key,
                     {.account = key.account,
                      .region = key.region,
                      .kind = std::string{model::kind::resource_policy},
                      .id = arn_of(key, "key/" + key.id)}};
    CO_TRY_DO(co_await kms.store.commit(std::move(batch)));
    co_return std::nullopt;
  }
  co_return Key{*std::move(document)};
}

Task<Result<Key>> load_key(Kms& kms, const Call& call, std::string named, Aliases aliases,
                           std::string action) {
  if (action.empty()) action = call.operation;
  CO_TRY(const std::string id, co_await id_of(kms, call, named, aliases));
  CO_TRY(auto key, co_await find_key(kms, key_of(call, kind_key, id), call.now));
  if (!key) co_return no_key(named.starts_with("arn:") ? named : id);
  CO_TRY_DO(co_await kms.may(call, "kms:" + action, key->arn()));
  co_return *std::move(key);
}

Task<Result<Key>> load_key(Kms& kms, const Call& call, Aliases aliases) {
  co_return co_await load_key(kms, call, aws::text(call, "KeyId"), aliases);
}

Result<void> check_not_pending(const Key& key) {
  if (key.state() != "PendingDeletion") return {};
  return refuse(Code::conflict, "KMSInvalidStateException",
                fmt::format("{} is pending deletion.", key.arn()));
}

Result<void> check_usable(const Key& key) {
  if (key.state() == "Disabled") {
    return refuse(Code::conflict, "DisabledException", fmt::format("{} is disabled.", key.arn()));
  }
  return check_not_pending(key);
}

Task<Result<void>> save(Kms& kms, Key key) {
  store::Batch batch;
  write_back(batch, key);
  CO_TRY_DO(co_await kms.store.commit(std::move(batch)));
  co_return Result<void>{};
}

Result<void> refuse_grants(const Call& call) {
  const auto* tokens = json::find_array(call.input, "GrantTokens");
  if (tokens == nullptr || tokens->empty()) return {};
  return refuse(Code::invalid, "InvalidGrantTokenException",
                "GrantTokens: this server has no grants; let policies decide");
}

Result<void> end_dry_run(const Call& call) {
  if (!json::find_bool(call.input, "DryRun").value_or(false)) return {};
  return refuse(Code::conflict, "DryRunOperationException",
                "The request would have succeeded, but the DryRun option is set.");
}

Result<Page> page_of(const Call& call, std::size_t default_size) {
  auto page =
      aws::page_request(call, {.size = "Limit", .token = "Marker", .default_size = default_size});
  if (!page) return refuse(Code::invalid, "InvalidMarkerException", page.error().message);
  return Page{.size = page->size, .after = std::move(page->after)};
}

void end_page(const Call& call, JsonObject& output, const std::string& next) {
  output["Truncated"] = !next.empty();
  if (!next.empty()) output["NextMarker"] = aws::next_token(call, next);
}

}  // namespace toolgate::services::kms
