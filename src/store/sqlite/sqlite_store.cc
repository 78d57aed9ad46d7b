#include "store/sqlite/sqlite_store.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include "store/page_token.h"
#include "store/rules.h"
#include "store/sqlite/jobs.h"
#include "store/sqlite/readers.h"
#include "store/sqlite/reads.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/writer.h"

namespace toolgate::store {
namespace {

using sqlite::Connection;
using sqlite::Transaction;

// What a store is made of, once its file is open.
struct Parts {
  std::string path;
  Connection connection;
  Version version = 0;
  PageTokens tokens;
};

// Coroutines here take their parameters by value: they run on other threads than their caller's.
class SqliteStore final : public Store {
 public:
  SqliteStore(Parts parts, Offload& offload, const Clock& clock)
      : offload_{offload},
        clock_{clock},
        tokens_{std::move(parts.tokens)},
        writer_{std::move(parts.connection), parts.version},
        readers_{std::make_shared<sqlite::Readers>(std::move(parts.path))} {}

  // The writer's connection must be the last to close, for then SQLite folds the log into the file.
  // A read whose caller has its answer already may hold the readers for a moment more.
  ~SqliteStore() override {
    const auto until = within(std::chrono::seconds{1});
    while (readers_.use_count() > 1 && Deadline::clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
  }

  Task<Result<Version>> commit(Batch batch) override {
    CO_TRY_DO(check(batch));
    co_return co_await writer_.run([&batch, now = clock_.now()](Transaction& transaction) {
      return sqlite::apply(transaction, batch, now);
    });
  }

  Task<Result<std::optional<Document>>> get(Key key) override {
    CO_TRY_DO(check(key));
    co_return co_await read([key = std::move(key)](Connection& connection) {
      return sqlite::read_document(connection, key);
    });
  }

  Task<Result<Page>> list(Key prefix, std::size_t limit, std::string after) override {
    CO_TRY_DO(check_listing(prefix));
    sqlite::Listing listing{
        .prefix = std::move(prefix), .limit = std::max<std::size_t>(limit, 1), .last_id = {}};
    if (!after.empty()) {
      CO_TRY(listing.last_id, tokens_.read(listing.prefix, after));
    }
    co_return co_await read([listing = std::move(listing), tokens = tokens_](Connection& from) {
      return sqlite::read_page(from, listing, tokens);
    });
  }

  Task<Result<Page>> list_behind(Key prefix, std::size_t limit, std::string last_id) override {
    CO_TRY_DO(check_listing(prefix));
    if (last_id < prefix.id) last_id.clear();
    sqlite::Listing listing{.prefix = std::move(prefix),
                            .limit = std::max<std::size_t>(limit, 1),
                            .last_id = std::move(last_id)};
    co_return co_await read([listing = std::move(listing), tokens = tokens_](Connection& from) {
      return sqlite::read_page(from, listing, tokens);
    });
  }

  Task<Result<std::vector<Key>>> keys_of(std::string kind) override {
    CO_TRY_DO(check_part("kind", kind));
    co_return co_await read([kind = std::move(kind)](Connection& connection) {
      return sqlite::read_keys(connection, kind);
    });
  }

  Task<Result<std::optional<Key>>> owner_of(Key scope, std::string name) override {
    co_return co_await read(
        [scope = std::move(scope), name = std::move(name)](Connection& connection) {
          return sqlite::read_owner(connection, scope, scope.id, name);
        });
  }

  Task<Result<std::optional<Idempotency>>> find_idempotent(std::string scope,
                                                           std::string token) override {
    co_return co_await read([scope = std::move(scope), token = std::move(token),
                             now = clock_.now()](Connection& connection) {
      return sqlite::read_idempotent(connection, scope, token, now);
    });
  }

  Task<Result<std::optional<Job>>> claim_job(std::string owner,
                                             std::chrono::seconds lease_for) override {
    co_return co_await writer_.run(
        [owner = std::move(owner), lease_for, now = clock_.now()](Transaction& transaction) {
          return sqlite::claim_job(transaction.connection, owner, now, lease_for);
        });
  }

  Task<Result<void>> renew_job(const Job& job, std::chrono::seconds lease_for) override {
    return renew(job, clock_.now() + lease_for);
  }

  Task<Result<void>> release_leases() override {
    co_return co_await writer_.run([now = clock_.now()](Transaction& transaction) {
      return sqlite::release_leases(transaction.connection, now);
    });
  }

  Task<Result<void>> postpone_job(const Job& job, Time not_before) override {
    return postpone(job, not_before);
  }

  void on_change(Listener listener) override { writer_.on_change(std::move(listener)); }
  [[nodiscard]] Version version() const override { return writer_.version(); }

 private:
  // The work owns what it needs, and the readers live as long as it does: a read may still run when
  // the store is gone.
  template <class Work, class Value = std::invoke_result_t<Work&, Connection&>>
  Task<Value> read(Work work) {
    return offload_.run(
        [readers = readers_, work = std::move(work)]() mutable { return readers->with(work); });
  }

  Task<Result<void>> renew(Job job, Time lease_until) {
    co_return co_await writer_.run([&job, lease_until](Transaction& transaction) {
      return sqlite::renew_job(transaction.connection, job, lease_until);
    });
  }

  Task<Result<void>> postpone(Job job, Time not_before) {
    co_return co_await writer_.run([&job, not_before](Transaction& transaction) {
      return sqlite::postpone_job(transaction.connection, job, not_before);
    });
  }

  Offload& offload_;
  const Clock& clock_;
  const PageTokens tokens_;
  sqlite::Writer writer_;
  // Closed before the writer, which folds the log into the file when it is the last.
  std::shared_ptr<sqlite::Readers> readers_;
};

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite(const std::string& path, Offload& offload,
                                           const Clock& clock) {
  std::error_code failed;
  // Absolute, because SQLite gives names like ":memory:" a meaning of their own.
  auto file = std::filesystem::absolute(path, failed).string();
  if (failed || path.empty()) {
    return fail(Code::unavailable, fmt::format("cannot open the store '{}': no such path", path));
  }
  TRY(auto connection, sqlite::open_for_writing(file));
  TRY(const Version version, sqlite::read_last_version(connection));
  TRY(auto token_key, sqlite::page_token_key(connection));
  Parts parts{.path = std::move(file),
              .connection = std::move(connection),
              .version = version,
              .tokens = PageTokens{std::move(token_key)}};
  return std::make_unique<SqliteStore>(std::move(parts), offload, clock);
}

}  // namespace toolgate::store
