// SQLite, wrapped thinly: a connection that keeps its prepared statements, and a query on it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/text.h"

struct sqlite3;
struct sqlite3_stmt;

namespace toolgate::store::sqlite {

// One thread at a time.
class Connection {
 public:
  // Opens a file that exists (an empty one is an empty database). Fails with Code::unavailable.
  static Result<Connection> open(const std::string& path);

  // Statements without answers, separated by semicolons.
  Result<void> execute(const char* statements);
  // True outside a transaction: also after SQLite has given one up by itself (disk full).
  [[nodiscard]] bool idle() const;
  // Rows that the last statement has written.
  [[nodiscard]] std::int64_t changed() const;
  [[nodiscard]] std::unexpected<Error> failure(std::string_view step) const;
  [[nodiscard]] sqlite3* handle() const { return handle_.get(); }

 private:
  friend class Query;
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit Connection(sqlite3* handle) : handle_{handle} {}
  sqlite3_stmt* prepared(std::string_view sql);

  std::unique_ptr<sqlite3, Close> handle_;
  TextMap<std::unique_ptr<sqlite3_stmt, Finalize>> statements_;  // dies before the handle
};

// One run of a prepared statement. Texts that are bound are not copied: they outlive the query.
class Query {
 public:
  template <class... Values>
  Query(Connection& connection, std::string_view sql, const Values&... values)
      : connection_{connection}, sql_{sql}, statement_{connection.prepared(sql)} {
    (bind(values), ...);
  }
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  // True when there is a row to read, false when there are no more.
  Result<bool> step();
  // For a statement without rows.
  Result<void> run();

  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;

 private:
  void bind(std::string_view value);
  void bind(std::int64_t value);
  void bind(std::uint64_t value) { bind(static_cast<std::int64_t>(value)); }

  Connection& connection_;
  std::string_view sql_;
  sqlite3_stmt* statement_;  // null: preparing or binding has failed
  int bound_ = 0;
};

}  // namespace toolgate::store::sqlite
