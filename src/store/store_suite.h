// What every backend of the store is tested with: a backend is one line in store_test.cc.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/task.h"
#include "store/store.h"

namespace toolgate::store::testing {

template <class T>
Task<void> keep(Task<T> task, std::optional<T>& answer) {
  answer.emplace(co_await std::move(task));
}

// The contexts of this program's tests, by thread number. They outlive every store: a store's
// thread may still be about to leave a context that has run out.
inline boost::asio::io_context& context(std::size_t thread = 0) {
  static std::array<boost::asio::io_context, 5> contexts;
  return contexts.at(thread);
}

inline void run_to_the_end(boost::asio::io_context& io) {
  io.restart();
  io.run();
}

// Runs a task to its end on this thread.
template <class T>
T wait_for(Task<T> task) {
  std::optional<T> answer;
  boost::asio::co_spawn(context(), keep(std::move(task), answer), boost::asio::detached);
  run_to_the_end(context());
  return *std::move(answer);
}

// One fresh store and what it needs.
class Fixture {
 public:
  virtual ~Fixture() = default;
  virtual Store& store() = 0;
};

struct Backend {
  std::string name;
  std::function<std::unique_ptr<Fixture>(const Clock&)> make;
};

inline Key gateway(std::string id) { return {"123456789012", "us-east-1", "gateway", id}; }
inline Key target(std::string id) { return {"123456789012", "us-east-1", "target", id}; }
inline Batch putting(Key key, std::string body) {
  Batch batch;
  batch.puts.push_back({.key = std::move(key), .body = std::move(body)});
  return batch;
}

class StoreSuite : public ::testing::TestWithParam<Backend> {
 protected:
  void SetUp() override { fixture_ = GetParam().make(clock_); }

  Store& store() { return fixture_->store(); }

  Result<Version> commit(Batch batch) { return wait_for(store().commit(std::move(batch))); }
  Version must_commit(Batch batch) {
    auto version = commit(std::move(batch));
    EXPECT_TRUE(version) << (version ? "" : version.error().message);
    return version.value_or(0);
  }
  Version put(Key key, std::string body) {
    return must_commit(putting(std::move(key), std::move(body)));
  }
  std::optional<Document> get(Key key) {
    auto answer = wait_for(store().get(std::move(key)));
    EXPECT_TRUE(answer);
    return answer ? *std::move(answer) : std::nullopt;
  }
  std::optional<Key> owner_of(Key scope, std::string name) {
    return wait_for(store().owner_of(std::move(scope), std::move(name))).value();
  }
  std::optional<Job> claim(std::string owner, std::chrono::seconds lease_for) {
    return wait_for(store().claim_job(std::move(owner), lease_for)).value();
  }

  ManualClock clock_;
  std::unique_ptr<Fixture> fixture_;
};

// Expects a refusal: its code and its name.
#define EXPECT_REFUSED(result, wanted_code, wanted_name) \
  do {                                                   \
    const auto& refused_ = (result);                     \
    ASSERT_FALSE(refused_);                              \
    EXPECT_EQ(refused_.error().code, wanted_code);       \
    EXPECT_EQ(refused_.error().name, wanted_name);       \
  } while (false)

}  // namespace toolgate::store::testing
