// The tables of the SQLite store, and which version of them a file has.
#pragma once

#include <string>

#include "base/result.h"
#include "store/sqlite/connection.h"

namespace toolgate::store::sqlite {

inline constexpr int schema_version = 1;

// Opens a connection that commits durably (WAL, synchronous=FULL), and makes the file (0600) and
// its tables when they do not exist. Fails with Code::unavailable, also when the file is no store
// of ours or one of a newer schema.
[[nodiscard]] Result<Connection> open_for_writing(const std::string& path);
// Opens one that can only read a store that is there.
[[nodiscard]] Result<Connection> open_for_reading(const std::string& path);

// The key of this store's page tokens, made with its tables.
[[nodiscard]] Result<std::string> page_token_key(Connection& connection);

}  // namespace toolgate::store::sqlite
