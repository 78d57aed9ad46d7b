#include "services/cognito/signing_keys.h"

#include <algorithm>

#include <fmt/format.h>

#include "store/optimistic.h"

namespace toolgate::services::cognito {
namespace {

constexpr std::size_t cached_keys_max = 1'000;  // as many as there may be pools

std::string seal_context(std::string_view pool_id) {
  return fmt::format("user_pool/{}/signing_key", pool_id);
}

std::int64_t seconds(std::chrono::hours hours) { return std::chrono::seconds{hours}.count(); }

JsonObject& part(JsonObject& keys, std::string_view name) {
  Json& value = keys[name];
  if (!value.is_object()) value.emplace_object();
  return value.get_object();
}

JsonArray& list(JsonObject& keys, std::string_view name) {
  Json& value = keys[name];
  if (!value.is_array()) value.emplace_array();
  return value.get_array();
}

bool lives(const JsonObject& replaced, Time now) {
  return number(replaced, "Until") > seconds_of(now);
}

// When the next key has been in the set for long enough.
std::int64_t shown_until(JsonObject& keys, std::chrono::hours show_before) {
  return number(part(keys, "Next"), "Since") + seconds(show_before);
}

}  // namespace

SigningKeys::SigningKeys(store::Store& store, const store::Secrets& secrets, Offload& offload,
                         Options options)
    : store_{store}, secrets_{secrets}, offload_{offload}, options_{options} {}

void SigningKeys::make_ahead() {
  {
    const std::scoped_lock lock{mutex_};
    if (first_asked_for_) return;
  }
  crypto::PrivateKey key = options_.generate();
  const std::scoped_lock lock{mutex_};
  reserve_ = std::move(key);
}

Task<crypto::PrivateKey> SigningKeys::take() {
  {
    const std::scoped_lock lock{mutex_};
    first_asked_for_ = true;
    if (reserve_) {
      crypto::PrivateKey ready = *std::move(reserve_);
      reserve_.reset();
      co_return ready;
    }
  }
  co_return co_await offload_.run(options_.generate);
}

JsonObject SigningKeys::sealed(const crypto::PrivateKey& key, std::string_view pool_id) const {
  return JsonObject{{"Sealed", secrets_.seal(key.pem(), seal_context(pool_id))},
                    {"Jwk", key.public_jwk()}};
}

Task<JsonObject> SigningKeys::make(std::string pool_id, Time now) {
  const crypto::PrivateKey first = co_await take();
  JsonObject keys{{"Current", sealed(first, pool_id)}, {"Replaced", JsonArray{}}};
  part(keys, "Current")["Since"] = seconds_of(now);
  co_return std::move(keys);
}

Task<Result<Loaded>> SigningKeys::load_keys(const PoolPlace& pool) {
  CO_TRY(std::optional<Loaded> keys, co_await load(store_, key_of(pool, kind::keys)));
  if (!keys) co_return not_found(fmt::format("User pool {} does not exist.", pool.pool_id));
  co_return *std::move(keys);
}

Result<crypto::PrivateKey> SigningKeys::open(const Loaded& keys, const std::string& pool_id) {
  {
    const std::scoped_lock lock{mutex_};
    const auto found = cached_.find(pool_id);
    if (found != cached_.end() && found->second.version == keys.version) return found->second.key;
  }
  const Json* current = keys.body.if_contains("Current");
  const JsonObject* sealed_key = current != nullptr ? current->if_object() : nullptr;
  if (sealed_key == nullptr)
    return fail(Code::internal, "a pool's key document is broken", pool_id);
  TRY(const std::string pem, secrets_.unseal(member(*sealed_key, "Sealed"), seal_context(pool_id)));
  TRY(crypto::PrivateKey key, crypto::PrivateKey::from_pem(pem));
  const std::scoped_lock lock{mutex_};
  if (cached_.size() >= cached_keys_max) cached_.clear();
  cached_.insert_or_assign(pool_id, Cached{keys.version, key});
  return key;
}

Task<Result<crypto::PrivateKey>> SigningKeys::current(PoolPlace pool, Time now) {
  CO_TRY(Loaded keys, co_await load_keys(pool));
  const std::int64_t due =
      number(part(keys.body, "Current"), "Since") + seconds(options_.renew_after);
  const std::int64_t act_at = keys.body.contains("Next")
                                  ? std::max(due, shown_until(keys.body, options_.show_before))
                                  : due - seconds(options_.show_before);
  if (act_at <= seconds_of(now)) {
    CO_TRY_DO(co_await rotate(pool, now));
    CO_TRY(keys, co_await load_keys(pool));
  }
  co_return open(keys, pool.pool_id);
}

Task<Result<JsonObject>> SigningKeys::jwks(PoolPlace pool, Time now) {
  CO_TRY(Loaded keys, co_await load_keys(pool));
  JsonArray set;
  set.push_back(part(keys.body, "Current")["Jwk"]);
  if (keys.body.contains("Next")) set.push_back(part(keys.body, "Next")["Jwk"]);
  for (Json& replaced : list(keys.body, "Replaced")) {
    JsonObject* key = replaced.if_object();
    if (key != nullptr && lives(*key, now)) set.push_back((*key)["Jwk"]);
  }
  co_return JsonObject{{"keys", std::move(set)}};
}

Task<Result<void>> SigningKeys::rotate(PoolPlace pool, Time now) {
  CO_TRY(Loaded keys, co_await load_keys(pool));
  if (!keys.body.contains("Next")) {
    const crypto::PrivateKey fresh = co_await take();
    keys.body["Next"] = sealed(fresh, pool.pool_id);
    part(keys.body, "Next")["Since"] = seconds_of(now);
    co_return co_await write(std::move(keys));
  }
  JsonArray replaced;
  for (Json& old : list(keys.body, "Replaced")) {
    if (old.is_object() && lives(old.get_object(), now)) replaced.push_back(std::move(old));
  }
  replaced.push_back(JsonObject{{"Jwk", part(keys.body, "Current")["Jwk"]},
                                {"Until", seconds_of(now) + seconds(options_.keep_replaced)}});
  keys.body["Replaced"] = std::move(replaced);
  keys.body["Current"] = keys.body["Next"];
  part(keys.body, "Current")["Since"] = seconds_of(now);
  keys.body.erase("Next");
  co_return co_await write(std::move(keys));
}

Task<Result<void>> SigningKeys::write(Loaded keys) {
  store::Batch batch;
  write_back(batch, keys);
  const Result<store::Version> written = co_await store_.commit(std::move(batch));
  if (!written && !store::lost_race(written.error())) co_return std::unexpected(written.error());
  co_return Result<void>{};
}

}  // namespace toolgate::services::cognito
