#include "store/sqlite/schema.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <sys/stat.h>

#include "crypto/hash.h"
#include "store/page_token.h"

namespace toolgate::store::sqlite {
namespace {

// "tgat": tells a store of ours from another program's database.
constexpr int application_id = 0x74676174;

constexpr const char* tables = R"sql(
-- One row. `version` is that of the last commit.
CREATE TABLE meta(version INTEGER NOT NULL, page_token_key TEXT NOT NULL);

-- The body is last: reading the other columns then never touches its pages.
CREATE TABLE documents(
  account TEXT NOT NULL, region TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
  version INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY(account, region, kind, id));

-- `parent` is the part of the owner's id within which a name is unique.
CREATE TABLE names(
  account TEXT NOT NULL, region TEXT NOT NULL, kind TEXT NOT NULL, parent TEXT NOT NULL,
  name TEXT NOT NULL, id TEXT NOT NULL,
  PRIMARY KEY(account, region, kind, parent, name)) WITHOUT ROWID;
CREATE INDEX names_of_owner ON names(account, region, kind, id);

CREATE TABLE answers(
  scope TEXT NOT NULL, token TEXT NOT NULL, made INTEGER NOT NULL, digest TEXT NOT NULL,
  answer TEXT NOT NULL,
  PRIMARY KEY(scope, token));
CREATE INDEX answers_by_age ON answers(made);

-- A job without a lease waits. It may be claimed from `due` on: a leased one when its lease ends.
CREATE TABLE jobs(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, subject_kind TEXT NOT NULL,
  subject_id TEXT NOT NULL, attempts INTEGER NOT NULL, due INTEGER NOT NULL, lease TEXT NOT NULL,
  payload TEXT NOT NULL);
CREATE INDEX jobs_by_due ON jobs(due);
CREATE UNIQUE INDEX jobs_waiting
  ON jobs(kind, account, region, subject_kind, subject_id) WHERE lease = '';
CREATE INDEX jobs_leased
  ON jobs(kind, account, region, subject_kind, subject_id) WHERE lease <> '';

-- The latest changes, for other processes on this file.
CREATE TABLE changes(
  version INTEGER NOT NULL, position INTEGER NOT NULL,
  account TEXT NOT NULL, region TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
  deleted INTEGER NOT NULL,
  PRIMARY KEY(version, position)) WITHOUT ROWID;
)sql";

Result<std::int64_t> number(Connection& connection, const char* sql) {
  Query query{connection, sql};
  TRY(const bool row, query.step());
  return row ? query.integer(0) : 0;
}

// SQLite gives its companions (-wal, -shm) the mode of the database file. A file that exists is not
// opened: closing it would drop the locks that a connection of this process has on it (sqlite.org,
// "How To Corrupt An SQLite Database File", 2.2).
Result<void> make_private_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0 && errno != EEXIST) {
    return fail(Code::unavailable,
                fmt::format("cannot make the store {}: {}", path, std::strerror(errno)));
  }
  if (file >= 0) ::close(file);
  if (::chmod(path.c_str(), 0600) != 0) {
    return fail(Code::unavailable,
                fmt::format("cannot make the store {} private: {}", path, std::strerror(errno)));
  }
  return {};
}

Result<void> make_tables(Connection& connection) {
  TRY(const auto existing, number(connection, "SELECT count(*) FROM sqlite_master"));
  if (existing != 0) return fail(Code::unavailable, "the file is another program's database");
  TRY_DO(connection.execute(tables));
  const auto key = crypto::base64(crypto::random_bytes(page_token_key_bytes));
  {
    Query query{connection, "INSERT INTO meta(version, page_token_key) VALUES(0, ?)", key};
    TRY_DO(query.run());
  }
  const auto marks = fmt::format("PRAGMA application_id={}; PRAGMA user_version={}", application_id,
                                 schema_version);
  return connection.execute(marks.c_str());
}

// In a transaction, so that of two processes that start at once only one makes the tables.
Result<void> bring_to_schema(Connection& connection) {
  TRY(const auto version, number(connection, "PRAGMA user_version"));
  if (version == 0) return make_tables(connection);
  TRY(const auto program, number(connection, "PRAGMA application_id"));
  if (program != application_id) {
    return fail(Code::unavailable, "the file is another program's database");
  }
  if (version != schema_version) {
    return fail(Code::unavailable,
                fmt::format("its schema is {}, and this program knows only {}: it was written by a "
                            "newer version of toolgate",
                            version, schema_version));
  }
  return {};
}

Error for_opening(const std::string& path, Error error) {
  return {.code = Code::unavailable,
          .message = fmt::format("cannot open the store {}: {}", path, error.message),
          .detail = std::move(error.detail),
          .name = {},
          .fields = {}};
}

Result<void> prepare_file(Connection& connection) {
  TRY_DO(
      connection.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                         "PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=67108864;"
                         "PRAGMA cache_size=-16384; PRAGMA temp_store=MEMORY;"
                         "BEGIN IMMEDIATE"));
  if (auto made = bring_to_schema(connection); !made) {
    if (!connection.idle()) (void)connection.execute("ROLLBACK");
    return made;
  }
  return connection.execute("COMMIT");
}

}  // namespace

Result<Connection> open_for_writing(const std::string& path) {
  TRY_DO(make_private_file(path));
  TRY(auto connection, Connection::open(path));
  if (auto made = prepare_file(connection); !made) {
    return std::unexpected(for_opening(path, std::move(made).error()));
  }
  return connection;
}

Result<Connection> open_for_reading(const std::string& path) {
  TRY(auto connection, Connection::open(path));
  TRY_DO(connection.execute("PRAGMA query_only=1; PRAGMA cache_size=-4096"));
  return connection;
}

Result<std::string> page_token_key(Connection& connection) {
  Query query{connection, "SELECT page_token_key FROM meta"};
  TRY(const bool row, query.step());
  if (!row) return fail(Code::unavailable, "the store is damaged: it has no page token key");
  return crypto::from_base64(query.text(0));
}

}  // namespace toolgate::store::sqlite
