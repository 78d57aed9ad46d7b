// The one thread that writes. It takes everything that waits into one transaction, each piece of
// work in a savepoint of its own, commits (one fsync for all), tells the listener, and resumes the
// callers. A single caller never waits for company.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/result.h"
#include "base/task.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/transaction.h"
#include "store/store.h"

namespace toolgate::store::sqlite {

class Writer {
 public:
  // `version` is that of the last commit in the file.
  Writer(Connection connection, Version version);
  // Does what was asked before, and closes the file; the last to close it folds the log into it.
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Runs `work(Transaction&)`, which gives a Result, on the writer's thread; resumes the caller on
  // its own thread once that is durable. Work that fails leaves nothing behind.
  template <class Work, class Value = std::invoke_result_t<Work&, Transaction&>>
  Task<Value> run(Work work) {
    namespace asio = boost::asio;
    auto begin = [this](auto handler, Work job) {
      using Handler = decltype(handler);
      push(std::make_unique<WaitingFor<Handler, Work, Value>>(std::move(handler), std::move(job)));
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(Value)>(
        begin, asio::use_awaitable, std::move(work));
  }

  void on_change(Store::Listener listener);
  [[nodiscard]] Version version() const { return version_.load(); }

 private:
  // A piece of work and its caller.
  class Waiting {
   public:
    virtual ~Waiting() = default;
    // False when the work has failed and is to be rolled back.
    virtual bool apply(Transaction& transaction) = 0;
    // Resumes the caller; `failure`, when there is one, is that of the whole transaction.
    virtual void finish(const Error* failure) = 0;
  };
  using Group = std::vector<std::unique_ptr<Waiting>>;

  template <class Handler, class Work, class Value>
  class WaitingFor final : public Waiting {
   public:
    WaitingFor(Handler handler, Work work) : handler_{std::move(handler)}, work_{std::move(work)} {}

    bool apply(Transaction& transaction) override {
      value_ = work_(transaction);
      return value_.has_value();
    }

    void finish(const Error* failure) override {
      // A caller that was refused by itself keeps its own reason.
      if (failure != nullptr && value_.has_value()) value_ = std::unexpected(*failure);
      const auto home = boost::asio::get_associated_executor(handler_);
      boost::asio::post(home, [handler = std::move(handler_), value = std::move(value_)]() mutable {
        std::move(handler)(std::move(value));
      });
    }

   private:
    Handler handler_;
    Work work_;
    Value value_;  // that of a default Result until the work has run
  };

  void push(std::unique_ptr<Waiting> waiting);
  void loop();
  // What waits, or nothing after a while without work.
  Group take();
  [[nodiscard]] bool stopping();
  // One transaction; when it fails as a whole, one for each piece of work.
  void commit(std::span<std::unique_ptr<Waiting>> group);
  Result<void> write(std::span<std::unique_ptr<Waiting>> group, std::vector<Commit>& commits);
  Result<void> apply_one(Waiting& waiting, Transaction& transaction);
  Result<void> sweep(const Transaction& transaction);
  // Brings in what other processes have committed since.
  void follow();
  void publish(const std::vector<Commit>& commits, Version version);
  void checkpoint();

  // The writer's thread alone:
  Connection connection_;
  std::int64_t foreign_mark_ = 0;  // PRAGMA data_version: moves with others' commits
  Version sweep_at_ = 0;           // the commit that is to drop what is too old
  int wal_pages_ = 0;

  std::atomic<Version> version_;

  std::mutex listener_mutex_;
  Store::Listener listener_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable woken_;
  Group queue_;
  bool stopping_ = false;

  std::thread thread_;  // last: it begins when all else is there
};

}  // namespace toolgate::store::sqlite
