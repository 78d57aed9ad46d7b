#include "store/sqlite/connection.h"

#include <fmt/format.h>
#include <sqlite3.h>

namespace toolgate::store::sqlite {
namespace {

// Only another process, or a checkpoint of ours, can hold the lock for long.
constexpr int busy_timeout_milliseconds = 5'000;

}  // namespace

void Connection::Close::operator()(sqlite3* handle) const { sqlite3_close(handle); }
void Connection::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Result<Connection> Connection::open(const std::string& path) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
                                       SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE,
                                   nullptr);
  Connection connection{handle};
  if (code != SQLITE_OK) {
    return fail(Code::unavailable, fmt::format("cannot open the store {}", path),
                sqlite3_errstr(code));
  }
  sqlite3_busy_timeout(handle, busy_timeout_milliseconds);
  return connection;
}

Result<void> Connection::execute(const char* statements) {
  if (sqlite3_exec(handle(), statements, nullptr, nullptr, nullptr) != SQLITE_OK) {
    return failure(statements);
  }
  return {};
}

bool Connection::idle() const { return sqlite3_get_autocommit(handle()) != 0; }
std::int64_t Connection::changed() const { return sqlite3_changes64(handle()); }

std::unexpected<Error> Connection::failure(std::string_view step) const {
  const int code = sqlite3_errcode(handle()) & 0xff;
  auto detail = fmt::format("{} (code {}) in: {}", sqlite3_errmsg(handle()),
                            sqlite3_extended_errcode(handle()), step);
  if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
    return fail(Code::unavailable, "the store is busy", std::move(detail));
  }
  if (code == SQLITE_FULL) {
    return fail(Code::internal, "the disk of the store is full", std::move(detail));
  }
  return fail(Code::internal, "the store has failed", std::move(detail));
}

sqlite3_stmt* Connection::prepared(std::string_view sql) {
  if (const auto found = statements_.find(sql); found != statements_.end()) {
    return found->second.get();
  }
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v3(handle(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                     &statement, nullptr);
  if (statement != nullptr) statements_.emplace(sql, statement);
  return statement;
}

Query::~Query() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void Query::bind(std::string_view value) {
  if (statement_ == nullptr) return;
  // A null pointer would be bound as NULL.
  const char* data = value.data() != nullptr ? value.data() : "";
  const int code =
      sqlite3_bind_text64(statement_, ++bound_, data, value.size(), SQLITE_STATIC, SQLITE_UTF8);
  ASSERT(code == SQLITE_OK);
}

void Query::bind(std::int64_t value) {
  if (statement_ == nullptr) return;
  const int code = sqlite3_bind_int64(statement_, ++bound_, value);
  ASSERT(code == SQLITE_OK);
}

Result<bool> Query::step() {
  if (statement_ == nullptr) return connection_.failure(sql_);
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return connection_.failure(sql_);
}

Result<void> Query::run() {
  TRY(const bool row, step());
  ASSERT(!row);
  return {};
}

std::string Query::text(int column) const {
  const void* data = sqlite3_column_text(statement_, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return data != nullptr ? std::string{static_cast<const char*>(data), size} : std::string{};
}

std::int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_, column); }

}  // namespace toolgate::store::sqlite
