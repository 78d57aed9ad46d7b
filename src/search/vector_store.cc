#include "search/vector_store.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "crypto/hash.h"
#include "json/json.h"
#include "model/kinds.h"

namespace toolgate::search {
namespace {

// All of them may be tens of megabytes.
constexpr std::size_t places_a_page = 4;
constexpr std::string_view kind = "tool_vectors";  // id: gatewayId/place

store::Key key_of(const store::Key& gateway, std::string_view place) {
  store::Key key = gateway;
  key.kind = kind;
  key.id += '/';
  key.id += place;
  return key;
}

// {"<id in base64>": "<vector in base64>", …}
std::string print(const KnownVectors& vectors) {
  std::string body = "{";
  for (const auto& [id, vector] : vectors) {
    if (body.size() > 1) body += ',';
    body += '"' + crypto::base64({id.data(), id.size()}) + "\":\"";
    body += crypto::base64(bytes_of(vector)) + '"';
  }
  return body + '}';
}

void read(const std::string& body, KnownVectors& vectors) {
  const auto document = json::parse(body);
  if (!document || !document->is_object()) return;
  for (const auto& [name, value] : document->get_object()) {
    const auto id = crypto::from_base64(name);
    if (!id || id->size() != TextId{}.size() || !value.is_string()) continue;
    const auto bytes = crypto::from_base64(value.get_string());
    if (!bytes) continue;
    auto vector = vector_of(*bytes);
    if (!vector) continue;
    TextId key{};
    std::ranges::copy(*id, key.begin());
    vectors.insert_or_assign(key, *std::move(vector));
  }
}

}  // namespace

std::size_t VectorStore::place_of(const TextId& id) {
  return static_cast<unsigned char>(id[id.size() - 1]) % places;
}

Task<Result<KnownVectors>> VectorStore::load(store::Key gateway) {
  auto vectors = std::make_shared<KnownVectors>();
  std::string after;
  do {
    CO_TRY(auto page, co_await store_.list(key_of(gateway, ""), places_a_page, after));
    after = page.next;
    auto documents = std::make_shared<std::vector<store::Document>>(std::move(page.documents));
    co_await offload_.run([documents, vectors] {
      for (const auto& document : *documents) read(document.body, *vectors);
      return true;
    });
  } while (!after.empty());
  co_return std::move(*vectors);
}

Task<Result<void>> VectorStore::save(store::Key gateway, std::size_t place, KnownVectors vectors) {
  auto given = std::make_shared<const KnownVectors>(std::move(vectors));
  std::string body = co_await offload_.run([given] { return print(*given); });
  store::Batch batch;
  batch.preconditions.push_back({.holds = store::Precondition::Holds::present,
                                 .key = gateway,
                                 .version = 0,
                                 .otherwise = "the gateway is gone"});
  batch.puts.push_back(
      {.key = key_of(gateway, fmt::format("{:02}", place)), .body = std::move(body)});
  CO_TRY(const auto version, co_await store_.commit(std::move(batch)));
  (void)version;
  co_return Result<void>{};
}

Task<Result<void>> VectorStore::forget(store::Key gateway) {
  store::Batch batch;
  for (std::size_t place = 0; place < places; ++place) {
    batch.deletes.push_back(key_of(gateway, fmt::format("{:02}", place)));
  }
  CO_TRY(const auto version, co_await store_.commit(std::move(batch)));
  (void)version;
  co_return Result<void>{};
}

}  // namespace toolgate::search
