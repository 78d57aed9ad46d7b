// Connections that only read, kept for the next reader. Any thread.
#pragma once

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/schema.h"

namespace toolgate::store::sqlite {

class Readers {
 public:
  explicit Readers(std::string path) : path_{std::move(path)} {}

  // Runs `work(Connection&)`, which gives a Result, on a connection that nobody else uses. There
  // are never more connections than threads that were here at once.
  template <class Work>
  std::invoke_result_t<Work&, Connection&> with(Work& work) {
    TRY(Connection connection, take());
    auto value = work(connection);
    give_back(std::move(connection));
    return value;
  }

 private:
  Result<Connection> take() {
    {
      const std::lock_guard lock{mutex_};
      if (!idle_.empty()) {
        Connection connection = std::move(idle_.back());
        idle_.pop_back();
        return connection;
      }
    }
    return open_for_reading(path_);
  }

  void give_back(Connection connection) {
    const std::lock_guard lock{mutex_};
    idle_.push_back(std::move(connection));
  }

  const std::string path_;
  std::mutex mutex_;
  std::vector<Connection> idle_;
};

}  // namespace toolgate::store::sqlite
