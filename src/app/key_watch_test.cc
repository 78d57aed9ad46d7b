#include "app/key_watch.h"

#include <atomic>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/run_task.h"
#include "base/test_wait.h"
#include "store/envelope.h"
#include "store/memory/memory_store.h"
#include "store/test_failing.h"

namespace toolgate::app {
namespace {

// A KMS that gives every key.
class Generous final : public services::agentcore::DataKeys {
 public:
  Task<Result<services::agentcore::DataKey>> make(services::agentcore::KeyUse,
                                                  net::Worker&) const override {
    co_return fail(Code::internal, "nobody asks for a new one here");
  }
  Task<Result<crypto::SealKey>> unwrap(services::agentcore::KeyUse, std::string,
                                       net::Worker&) const override {
    co_return crypto::SealKey::random();
  }
  Task<Result<void>> may_use(identity::Principal, services::agentcore::KeyUse) const override {
    co_return Result<void>{};
  }
};

class KeyWatchTest : public ::testing::Test {
 protected:
  void put_gateway() {
    const store::Envelope envelope{
        .current = "d1",
        .keys = {{.id = "d1", .kms_key_arn = "arn:aws:kms:r:1:key/k", .wrapped = "w"}}};
    store::Batch batch;
    batch.puts.push_back(
        {.key = gateway_,
         .body = json::print(JsonObject{{store::envelope_member, store::to_json(envelope)}})});
    EXPECT_TRUE(run_task(store_.commit(std::move(batch))));
  }
  ~KeyWatchTest() override {
    watch_.stop();
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }
  void start() {
    watch_.start([this] { ready_ = true; });
    thread_ = std::thread{[this] { io_.run(); }};
  }
  bool open() const { return keyring_.find("d1").has_value(); }

  const store::Key gateway_{.account = "1", .region = "r", .kind = "gateway", .id = "g"};
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      io_.get_executor()};
  net::Worker worker_{0, io_};
  ManualClock clock_;
  store::FailingStore store_{store::make_memory_store(clock_)};
  store::Keyring keyring_;
  Generous kms_;
  std::atomic<bool> ready_ = false;
  KeyWatch watch_{{.store = &store_,
                   .keyring = &keyring_,
                   .kms = &kms_,
                   .worker = &worker_,
                   .every = std::chrono::seconds{1},
                   .turned = [](const store::Key&) {}}};
  std::thread thread_;
};

TEST_F(KeyWatchTest, LooksAgainAtAGatewayThatCouldNotBeRead) {
  start();
  ASSERT_TRUE(soon([&] { return ready_.load(); }));
  put_gateway();
  store_.fails = true;
  watch_.changed({{.version = 1, .key = gateway_}});
  ASSERT_TRUE(soon([&] { return store_.failures > 0; }));
  EXPECT_FALSE(open());
  store_.fails = false;
  EXPECT_TRUE(soon([&] { return open(); }, std::chrono::seconds{10}));
}

TEST_F(KeyWatchTest, LooksAgainForGatewaysWhenTheStoreCouldNotBeReadAtTheStart) {
  put_gateway();
  store_.fails = true;
  start();
  ASSERT_TRUE(soon([&] { return ready_.load(); }));
  EXPECT_FALSE(open());
  store_.fails = false;
  EXPECT_TRUE(soon([&] { return open(); }, std::chrono::seconds{10}));
}

}  // namespace
}  // namespace toolgate::app
