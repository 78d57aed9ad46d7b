#include "store/secrets.h"

#include <filesystem>

#include <fmt/format.h>
#include <sys/stat.h>

#include "base/text.h"
#include "crypto/hash.h"
#include "store/documents.h"
#include "store/private_file.h"

namespace toolgate::store {
namespace {

// 32 bytes in base64 are 44 characters and a newline; more is no key of ours.
constexpr std::size_t key_file_bytes_max = 256;
constexpr std::string_view data_key_context = "toolgate data key";

Key data_key_place() { return {.account = "", .region = "", .kind = "data_key", .id = "1"}; }

std::unexpected<Error> no_key(const std::string& path, std::string_view why) {
  return fail(Code::invalid, fmt::format("the master key {} {}", path, why));
}

Result<crypto::SealKey> read_key(const std::string& path) {
  struct stat about = {};
  if (::stat(path.c_str(), &about) == 0) {
    if (!S_ISREG(about.st_mode)) return no_key(path, "is no regular file");
    if ((about.st_mode & 077) != 0) {
      return no_key(path, fmt::format("can be read or written by others (mode {:o}); chmod 600 it",
                                      about.st_mode & 0777));
    }
  }
  auto content = read_file(path, key_file_bytes_max);
  if (!content && content.error().code == Code::too_large) {
    return no_key(path, "is too long: expected 32 bytes in base64, on one line");
  }
  if (!content) return std::unexpected(std::move(content).error());
  std::string_view line = *content;
  if (line.ends_with('\n')) line.remove_suffix(1);
  const auto bytes = crypto::from_base64(trim(line));
  if (!bytes) return no_key(path, "is malformed: expected 32 bytes in base64, on one line");
  auto key = crypto::SealKey::from_bytes(*bytes);
  if (!key) return no_key(path, fmt::format("has {} bytes: expected 32", bytes->size()));
  return key;
}

Result<crypto::SealKey> unseal_data_key(const crypto::SealKey& master, const Json& document) {
  const auto bytes = crypto::from_base64(json::find_string(document, "sealed").value_or("!"));
  if (!bytes) return fail(Code::internal, "the stored data key is damaged");
  const auto plain = crypto::unseal(master, *bytes, data_key_context);
  if (!plain) {
    return fail(Code::denied,
                "the master key is not the one that this store's secrets were sealed with");
  }
  return crypto::SealKey::from_bytes(*plain);
}

Batch first_data_key(const crypto::SealKey& master, const crypto::SealKey& data_key) {
  const auto sealed = crypto::seal(master, data_key.bytes(), data_key_context);
  Batch batch;
  batch.preconditions.push_back({.holds = Precondition::Holds::absent,
                                 .key = data_key_place(),
                                 .otherwise = "the store has a data key already"});
  batch.puts.push_back(put_json(data_key_place(), Json{{"sealed", crypto::base64(sealed)}}));
  return batch;
}

}  // namespace

Result<crypto::SealKey> master_key(const std::string& path, IfAbsent if_absent) {
  auto key = read_key(path);
  if (key || key.error().code != Code::not_found) return key;
  if (if_absent == IfAbsent::fail) {
    return fail(Code::not_found, fmt::format("there is no master key at {}", path));
  }
  const auto folder = std::filesystem::path{path}.parent_path().string();
  if (!folder.empty()) TRY_DO(make_private_folder(folder));
  const auto line = crypto::base64(crypto::SealKey::random().bytes()) + "\n";
  // When another process has made it meanwhile, its key counts.
  TRY_DO(write_private_file(path, line, IfPresent::keep));
  return read_key(path);
}

Task<Result<Secrets>> Secrets::open(Store& store, const crypto::SealKey& master) {
  CO_TRY(auto found, co_await get_json(store, data_key_place()));
  if (!found) {
    auto data_key = crypto::SealKey::random();
    const auto made = co_await store.commit(first_data_key(master, data_key));
    if (made) co_return Secrets{std::move(data_key)};
    if (made.error().code != Code::conflict) co_return std::unexpected(made.error());
    // Another process was first: its key counts.
    CO_TRY(found, co_await get_json(store, data_key_place()));
    if (!found) co_return fail(Code::internal, "the store has lost its data key");
  }
  CO_TRY(auto data_key, unseal_data_key(master, *found));
  co_return Secrets{std::move(data_key)};
}

std::string Secrets::seal(std::string_view secret, std::string_view context) const {
  return crypto::base64(crypto::seal(data_key_, secret, context));
}

Result<std::string> Secrets::unseal(std::string_view sealed, std::string_view context) const {
  const auto bytes = crypto::from_base64(sealed);
  if (!bytes) return fail(Code::denied, "the sealed text is damaged");
  return crypto::unseal(data_key_, *bytes, context);
}

}  // namespace toolgate::store
