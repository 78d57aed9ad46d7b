// Conveniences over the store for documents that are JSON. Free functions: any backend has them.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "json/json.h"
#include "store/store.h"

namespace toolgate::store {

struct JsonDocument {
  Key key;
  Version version = 0;
  Json body;
};
struct JsonPage {
  std::vector<JsonDocument> documents;
  std::string next;  // as Page::next
};

// Fails with Code::internal when the body is no JSON: we wrote it ourselves.
[[nodiscard]] Result<JsonDocument> parse(Document document);

// `store` outlives the task.
Task<Result<std::optional<JsonDocument>>> get_document(Store& store, Key key);
Task<Result<std::optional<Json>>> get_json(Store& store, Key key);
Task<Result<JsonPage>> list_json(Store& store, Key prefix, std::size_t limit, std::string after);
// All pages. For a prefix that is known to be small: children of one parent, or at start.
Task<Result<std::vector<JsonDocument>>> list_all_json(Store& store, Key prefix);

[[nodiscard]] Put put_json(Key key, const Json& body);

}  // namespace toolgate::store
