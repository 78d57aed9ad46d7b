#include "store/optimistic.h"

#include <utility>

namespace toolgate::store {
namespace {

// Never shown: whoever loses a race tries again, or answers in their service's words.
constexpr const char* changed_meanwhile = "changed by someone else in the meantime";

}  // namespace

Result<Loaded> read(Document document) {
  TRY(Json body, json::parse(document.body));
  if (!body.is_object()) {
    return fail(Code::internal, "a stored document is broken", document.key.id);
  }
  return Loaded{std::move(document.key), document.version, std::move(body.get_object())};
}

Task<Result<std::optional<Loaded>>> load(Store& store, Key key) {
  CO_TRY(std::optional<Document> document, co_await store.get(std::move(key)));
  if (!document) co_return std::nullopt;
  CO_TRY(Loaded loaded, read(*std::move(document)));
  co_return std::move(loaded);
}

Precondition unchanged(Key key, Version version, std::string otherwise) {
  using Holds = Precondition::Holds;
  return {.holds = version == 0 ? Holds::absent : Holds::at_version,
          .key = std::move(key),
          .version = version,
          .otherwise = std::move(otherwise)};
}

void create(Batch& batch, Key key, const JsonObject& body) {
  batch.preconditions.push_back(unchanged(key, 0, changed_meanwhile));
  batch.puts.push_back({std::move(key), json::print(body)});
}

void write_back(Batch& batch, const Loaded& loaded) {
  batch.preconditions.push_back(unchanged(loaded.key, loaded.version, changed_meanwhile));
  batch.puts.push_back({loaded.key, json::print(loaded.body)});
}

void write_back(Batch& batch, const JsonDocument& loaded) {
  batch.preconditions.push_back(unchanged(loaded.key, loaded.version, changed_meanwhile));
  batch.puts.push_back(put_json(loaded.key, loaded.body));
}

void remove(Batch& batch, const Loaded& loaded) {
  batch.preconditions.push_back(unchanged(loaded.key, loaded.version, changed_meanwhile));
  batch.deletes.push_back(loaded.key);
}

bool lost_race(const Error& error) {
  return error.code == Code::conflict && error.name == "precondition";
}

}  // namespace toolgate::store
