#include "services/kms/material.h"

#include <map>

#include <fmt/format.h>

#include "base/ids.h"
#include "crypto/hash.h"
#include "crypto/seal.h"

namespace toolgate::services::kms {
namespace {

// magic ‖ key id ‖ material id ‖ sealed. The last byte of the magic is the format's version.
constexpr std::string_view magic{"TGK\x01", 4};
constexpr std::size_t id_bytes = 16;        // of a UUID
constexpr std::size_t material_bytes = 16;  // KeyMaterialId is 64 hexadecimal digits: half of it
constexpr std::size_t head_bytes = magic.size() + id_bytes + material_bytes;

std::string bytes_of_hex(std::string_view hex) {
  std::string bytes;
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  }
  return bytes;
}

std::string plain_id(std::string_view uuid) {
  std::string hex;
  for (const char c : uuid) {
    if (c != '-') hex += c;
  }
  return hex;
}

std::string uuid_of(std::string_view bytes) {
  const std::string hex = crypto::hex(bytes);
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4),
                     hex.substr(16, 4), hex.substr(20));
}

std::string seal_context(const Key& key, std::string_view material) {
  return fmt::format("kms_key/{}/{}/{}/{}", key.key.account, key.key.region, key.id(), material);
}

// Pairs in order of their names, each text with its size before it: no two contexts look alike.
std::string authenticated(const Key& key, std::string_view head, const Json* context) {
  std::map<std::string, std::string> pairs;
  if (context != nullptr) {
    for (const auto& [name, value] : context->get_object()) {
      pairs.emplace(std::string{name}, std::string{value.get_string()});
    }
  }
  std::string text = key.arn();
  text.append(head);
  for (const auto& [name, value] : pairs) {
    text += fmt::format("{}:{}{}:{}", name.size(), name, value.size(), value);
  }
  return text;
}

Result<crypto::SealKey> material_of(const Kms& kms, const Key& key, std::string_view id) {
  TRY(const auto bytes, unsealed_material(kms, key, id));
  return crypto::SealKey::from_bytes(bytes);
}

// Gives its id.
std::string add_bytes(const Kms& kms, Key& key, std::string_view bytes, Time now) {
  std::string id = crypto::hex(crypto::random_bytes(material_bytes));
  Json& materials = key.body["materials"];
  if (!materials.is_array()) materials = JsonArray{};
  materials.get_array().push_back(
      JsonObject{{"id", id},
                 {"at", epoch_seconds(now)},
                 {"sealed", kms.secrets.seal(bytes, seal_context(key, id))}});
  return id;
}

}  // namespace

Result<std::string> unsealed_material(const Kms& kms, const Key& key, std::string_view id) {
  for (const auto& material : *json::find_array(key.body, "materials")) {
    if (json::find_string(material, "id") != id) continue;
    return kms.secrets.unseal(json::find_string(material, "sealed").value_or(""),
                              seal_context(key, id));
  }
  return fail(Code::not_found, "the key has no such material");
}

void add_material(const Kms& kms, Key& key, Time now) {
  const std::string id = add_bytes(kms, key, crypto::SealKey::random().bytes(), now);
  key.metadata()["CurrentKeyMaterialId"] = crypto::sha256_hex(id);
}

void add_private_key(const Kms& kms, Key& key, std::string_view der, Time now) {
  add_bytes(kms, key, der, now);
}

std::string current_material(const Key& key) {
  return json::member(json::find_array(key.body, "materials")->back(), "id");
}

Result<std::string> encrypt(const Kms& kms, const Key& key, std::string_view plain,
                            const Json* context) {
  const std::string id = current_material(key);
  TRY(const auto material, material_of(kms, key, id));
  std::string out{magic};
  out += bytes_of_hex(plain_id(key.id()));
  out += bytes_of_hex(id);
  return out + crypto::seal(material, plain, authenticated(key, out, context));
}

std::optional<Origin> origin_of(std::string_view ciphertext) {
  if (ciphertext.size() < head_bytes || !ciphertext.starts_with(magic)) return std::nullopt;
  return Origin{
      .key_id = uuid_of(ciphertext.substr(magic.size(), id_bytes)),
      .material_id = crypto::hex(ciphertext.substr(magic.size() + id_bytes, material_bytes))};
}

std::unexpected<Error> invalid_ciphertext() {
  return refuse(Code::invalid, "InvalidCiphertextException",
                "The ciphertext is not one of this key's, was changed, or has another encryption "
                "context.");
}

Result<std::string> decrypt(const Kms& kms, const Key& key, std::string_view ciphertext,
                            const Json* context) {
  const auto origin = origin_of(ciphertext);
  if (!origin || origin->key_id != key.id()) return invalid_ciphertext();
  const auto material = material_of(kms, key, origin->material_id);
  if (!material && material.error().code == Code::not_found) return invalid_ciphertext();
  if (!material) return std::unexpected(material.error());
  auto plain = crypto::unseal(*material, ciphertext.substr(head_bytes),
                              authenticated(key, ciphertext.substr(0, head_bytes), context));
  if (!plain) return invalid_ciphertext();
  return plain;
}

}  // namespace toolgate::services::kms
