#include "store/sqlite/writer.h"

#include <algorithm>
#include <chrono>

#include <sqlite3.h>

#include "base/log.h"
#include "store/rules.h"
#include "store/sqlite/reads.h"

namespace toolgate::store::sqlite {
namespace {

// One transaction: bounds how long the first caller of a long queue waits.
constexpr std::size_t group_count_max = 512;
// How soon commits of another process are seen: `toolgate env` makes a session that its user may
// show to the server at once. A look costs some microseconds.
constexpr auto follow_interval = std::chrono::milliseconds{50};
// Versions whose changes are kept for other processes, and commits between two sweeps.
constexpr Version changes_kept_count = 10'000;
constexpr Version sweep_interval_commits = 1'000;
// The log is folded into the file when it has grown to so many pages (4 KiB each) and no one waits,
// or in any case when it is larger still.
constexpr int checkpoint_idle_pages = 1'000;
constexpr int checkpoint_pages_max = 8'000;

int remember_wal_pages(void* pages, sqlite3* /*handle*/, const char* /*name*/, int count) {
  *static_cast<int*>(pages) = count;
  return SQLITE_OK;
}

Result<std::int64_t> data_version(Connection& connection) {
  Query query{connection, "PRAGMA data_version"};
  TRY(const bool row, query.step());
  return row ? query.integer(0) : 0;
}

Result<void> run_statement(Connection& connection, std::string_view sql) {
  Query query{connection, sql};
  return query.run();
}

Result<void> write_version(Connection& connection, Version version) {
  Query query{connection, "UPDATE meta SET version=?", version};
  return query.run();
}

// The commits after `known`, up to `last`; those that changed no document as well.
Result<std::vector<Commit>> commits_between(Connection& connection, Version known, Version last) {
  std::vector<Commit> commits;
  for (Version version = known + 1; version <= last; ++version) {
    commits.push_back({.version = version, .changes = {}});
  }
  Query query{connection,
              "SELECT version, account, region, kind, id, deleted FROM changes "
              "WHERE version>? AND version<=? ORDER BY version, position",
              known, last};
  while (true) {
    TRY(const bool row, query.step());
    if (!row) return commits;
    const auto version = static_cast<Version>(query.integer(0));
    commits[version - known - 1].changes.push_back({.version = version,
                                                    .key = {.account = query.text(1),
                                                            .region = query.text(2),
                                                            .kind = query.text(3),
                                                            .id = query.text(4)},
                                                    .deleted = query.integer(5) != 0});
  }
}

}  // namespace

Writer::Writer(Connection connection, Version version)
    : connection_{std::move(connection)}, version_{version} {
  sqlite3_wal_hook(connection_.handle(), remember_wal_pages, &wal_pages_);
  thread_ = std::thread{[this] { loop(); }};
}

Writer::~Writer() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  woken_.notify_one();
  thread_.join();
}

void Writer::on_change(Store::Listener listener) {
  const std::lock_guard lock{listener_mutex_};
  listener_ = std::move(listener);
}

void Writer::push(std::unique_ptr<Waiting> waiting) {
  {
    const std::lock_guard lock{mutex_};
    queue_.push_back(std::move(waiting));
  }
  woken_.notify_one();
}

Writer::Group Writer::take() {
  std::unique_lock lock{mutex_};
  woken_.wait_for(lock, follow_interval, [this] { return stopping_ || !queue_.empty(); });
  if (queue_.size() <= group_count_max) return std::exchange(queue_, {});
  const auto cut = queue_.begin() + group_count_max;
  Group group{std::move_iterator{queue_.begin()}, std::move_iterator{cut}};
  queue_.erase(queue_.begin(), cut);
  return group;
}

void Writer::loop() {
  while (true) {
    Group group = take();
    if (!group.empty()) {
      commit(group);
    } else if (stopping()) {
      return;
    } else {
      follow();
    }
    checkpoint();
  }
}

bool Writer::stopping() {
  const std::lock_guard lock{mutex_};
  return stopping_ && queue_.empty();
}

void Writer::commit(std::span<std::unique_ptr<Waiting>> group) {
  std::vector<Commit> commits;
  const auto written = write(group, commits);
  if (written) {
    if (!commits.empty()) publish(commits, commits.back().version);
  } else {
    const Error& failure = written.error();
    log::error("store: a transaction of {} writes failed: {}: {}", group.size(), failure.message,
               failure.detail);
    if (!connection_.idle()) (void)connection_.execute("ROLLBACK");
    // One that does not fit on the disk must not take the others with it.
    if (group.size() > 1 && failure.code != Code::unavailable) {
      for (std::size_t i = 0; i < group.size(); ++i) commit(group.subspan(i, 1));
      return;
    }
  }
  for (auto& waiting : group) waiting->finish(written ? nullptr : &written.error());
}

Result<void> Writer::write(std::span<std::unique_ptr<Waiting>> group,
                           std::vector<Commit>& commits) {
  TRY_DO(run_statement(connection_, "BEGIN IMMEDIATE"));
  TRY(const Version last, read_last_version(connection_));
  if (last > version_.load()) {
    TRY(commits, commits_between(connection_, version_.load(), last));
  }
  Transaction transaction{.connection = connection_, .version = last, .now = {}, .commits = {}};
  for (auto& waiting : group) TRY_DO(apply_one(*waiting, transaction));
  if (transaction.version != last) {
    TRY_DO(write_version(connection_, transaction.version));
    TRY_DO(sweep(transaction));
  }
  TRY_DO(run_statement(connection_, "COMMIT"));
  std::ranges::move(transaction.commits, std::back_inserter(commits));
  return {};
}

// Fails only when the whole transaction has failed.
Result<void> Writer::apply_one(Waiting& waiting, Transaction& transaction) {
  TRY_DO(run_statement(connection_, "SAVEPOINT one"));
  const bool applied = waiting.apply(transaction);
  if (connection_.idle()) {
    return fail(Code::internal, "the store could not write", "SQLite gave the transaction up");
  }
  if (!applied) TRY_DO(run_statement(connection_, "ROLLBACK TO one"));
  return run_statement(connection_, "RELEASE one");
}

// Drops what has been kept for long enough.
Result<void> Writer::sweep(const Transaction& transaction) {
  const Version version = transaction.version;
  if (version < sweep_at_) return {};
  {
    Query query{connection_, "DELETE FROM answers WHERE made<=?",
                milliseconds_of(transaction.now - idempotency_kept_for)};
    TRY_DO(query.run());
  }
  if (version > changes_kept_count) {
    Query query{connection_, "DELETE FROM changes WHERE version<?", version - changes_kept_count};
    TRY_DO(query.run());
  }
  sweep_at_ = version + sweep_interval_commits;
  return {};
}

void Writer::follow() {
  const auto mark = data_version(connection_);
  if (!mark || *mark == foreign_mark_) return;
  const auto last = read_last_version(connection_);
  if (!last) return;
  if (*last > version_.load()) {
    const auto commits = commits_between(connection_, version_.load(), *last);
    if (!commits) return;
    publish(*commits, *last);
  }
  foreign_mark_ = *mark;
}

void Writer::publish(const std::vector<Commit>& commits, Version version) {
  version_.store(version);
  const std::lock_guard lock{listener_mutex_};
  if (!listener_) return;
  for (const auto& commit : commits) listener_(commit.version, commit.changes);
}

void Writer::checkpoint() {
  if (wal_pages_ < checkpoint_idle_pages) return;
  if (wal_pages_ < checkpoint_pages_max) {
    const std::lock_guard lock{mutex_};
    if (!queue_.empty()) return;
  }
  wal_pages_ = 0;
  const int code = sqlite3_wal_checkpoint_v2(connection_.handle(), nullptr,
                                             SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code != SQLITE_OK) log::warn("store: a checkpoint failed: {}", sqlite3_errstr(code));
  // What came by the thousand pages is not what is read next: its copies need not stay in memory.
  sqlite3_db_release_memory(connection_.handle());
}

}  // namespace toolgate::store::sqlite
