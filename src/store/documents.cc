#include "store/documents.h"

#include <fmt/format.h>

namespace toolgate::store {
namespace {

constexpr std::size_t page_documents = 500;

}  // namespace

Result<JsonDocument> parse(Document document) {
  auto body = json::parse(document.body);
  if (!body) {
    return fail(Code::internal, "a stored document is damaged",
                fmt::format("{} {}: {}", document.key.kind, document.key.id, body.error().message));
  }
  return JsonDocument{
      .key = std::move(document.key), .version = document.version, .body = *std::move(body)};
}

Task<Result<std::optional<JsonDocument>>> get_document(Store& store, Key key) {
  CO_TRY(auto found, co_await store.get(std::move(key)));
  if (!found) co_return std::nullopt;
  CO_TRY(auto document, parse(*std::move(found)));
  co_return std::optional{std::move(document)};
}

Task<Result<std::optional<Json>>> get_json(Store& store, Key key) {
  CO_TRY(auto found, co_await get_document(store, std::move(key)));
  if (!found) co_return std::nullopt;
  co_return std::optional{std::move(found->body)};
}

Task<Result<JsonPage>> list_json(Store& store, Key prefix, std::size_t limit, std::string after) {
  CO_TRY(auto page, co_await store.list(std::move(prefix), limit, std::move(after)));
  JsonPage answer{.documents = {}, .next = std::move(page.next)};
  for (auto& found : page.documents) {
    CO_TRY(auto document, parse(std::move(found)));
    answer.documents.push_back(std::move(document));
  }
  co_return answer;
}

Task<Result<std::vector<JsonDocument>>> list_all_json(Store& store, Key prefix) {
  std::vector<JsonDocument> all;
  std::string after;
  do {
    CO_TRY(auto page, co_await list_json(store, prefix, page_documents, std::move(after)));
    std::ranges::move(page.documents, std::back_inserter(all));
    after = std::move(page.next);
  } while (!after.empty());
  co_return all;
}

Put put_json(Key key, const Json& body) {
  return {.key = std::move(key), .body = json::print(body)};
}

}  // namespace toolgate::store
