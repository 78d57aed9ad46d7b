// Reading from the tables: for the store's readers and for the writer's own checks.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/page_token.h"
#include "store/sqlite/connection.h"
#include "store/store.h"

namespace toolgate::store::sqlite {

[[nodiscard]] Result<std::optional<Document>> read_document(Connection& connection, const Key& key);
[[nodiscard]] Result<std::optional<Version>> read_version(Connection& connection, const Key& key);
[[nodiscard]] Result<bool> has_children(Connection& connection, const Key& prefix);

// Where a listing begins: after `last_id`, or at its start when that is empty.
struct Listing {
  Key prefix;
  std::size_t limit = 1;
  std::string last_id;
};
[[nodiscard]] Result<Page> read_page(Connection& connection, const Listing& listing,
                                     const PageTokens& tokens);

[[nodiscard]] Result<std::vector<Key>> read_keys(Connection& connection, const std::string& kind);

// `scope.id` does not count: `parent` stands for it.
[[nodiscard]] Result<std::optional<Key>> read_owner(Connection& connection, const Key& scope,
                                                    std::string_view parent, std::string_view name);
[[nodiscard]] Result<std::optional<Idempotency>> read_idempotent(Connection& connection,
                                                                 const std::string& scope,
                                                                 const std::string& token,
                                                                 Time now);

// The version of the last commit of any process.
[[nodiscard]] Result<Version> read_last_version(Connection& connection);

}  // namespace toolgate::store::sqlite
