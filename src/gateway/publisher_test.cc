// What the threads serve while documents change, are broken, or cannot be read.
#include "gateway/publisher.h"

#include <future>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/run_task.h"
#include "base/test_wait.h"
#include "gateway/snapshot.h"
#include "store/memory/memory_store.h"
#include "store/test_failing.h"

namespace toolgate::gateway {
namespace {

class PublisherTest : public ::testing::Test {
 protected:
  ~PublisherTest() override {
    publisher_.stop();
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }

  static store::Key key(std::string_view kind, std::string id) {
    return {.account = "1", .region = "r", .kind = std::string{kind}, .id = std::move(id)};
  }
  store::Version put(store::Key key, std::string body) {
    store::Batch batch;
    batch.puts.push_back({.key = std::move(key), .body = std::move(body)});
    const auto version = run_task(store_.commit(std::move(batch)));
    EXPECT_TRUE(version);
    return version.value_or(0);
  }
  // With one tool; the configuration as given.
  void put_target(const std::string& name, std::string_view configuration) {
    put(key("catalogue", "g/" + name + "/c/000000"),
        R"({"tools":[{"name":"t","inputSchema":{"type":"object"}}]})");
    put(key("target", "g/" + name), R"({"name":")" + name +
                                        R"(","catalogue":{"id":"c","chunks":1,)"
                                        R"("tools":1},"targetConfiguration":)" +
                                        std::string{configuration} + "}");
  }
  Result<void> start() {
    store_.on_change([this](store::Version version, const std::vector<store::Change>& changes) {
      publisher_.changed(version, changes);
    });
    auto started = publisher_.start();
    if (started) thread_ = std::thread{[this] { io_.run(); }};
    return started;
  }
  bool served(store::Version version, std::chrono::milliseconds within_time = test_patience) {
    return run_task(publisher_.served(version, within(within_time)));
  }
  // What the thread answers with now.
  std::shared_ptr<const Snapshot> snapshot() {
    std::promise<std::shared_ptr<const Snapshot>> found;
    boost::asio::post(io_, [&] {
      const auto& all = worker_.local<Snapshots>().by_id;
      const auto at = all.find("g");
      found.set_value(at != all.end() ? at->second : nullptr);
    });
    return found.get_future().get();
  }

  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      io_.get_executor()};
  net::Worker worker_{0, io_};
  ManualClock clock_;
  store::FailingStore store_{store::make_memory_store(clock_)};
  Publisher publisher_{
      {.workers = {&worker_}, .store = &store_, .base_url = [] { return "http://h:1"; }}};
  std::thread thread_;
};

constexpr std::string_view open_gateway = R"({"authorizerType":"NONE"})";
constexpr std::string_view server =
    R"({"mcp":{"mcpServer":{"endpoint":"http://127.0.0.1:1/mcp"}}})";

TEST_F(PublisherTest, ATargetThatCannotBeServedTakesNoneOfTheOthersWithIt) {
  put(key("gateway", "g"), std::string{open_gateway});
  put_target("good", server);
  put_target("odd", R"({"mcp":{"ofAnotherVersion":{}}})");
  put(key("target", "g/broken"), "{");
  ASSERT_TRUE(start());
  const auto made = snapshot();
  ASSERT_NE(made, nullptr);
  EXPECT_NE(made->routes.find("good___t"), nullptr);
  EXPECT_EQ(made->routes.all().size(), 1U);
}

TEST_F(PublisherTest, AStoreThatCannotBeReadTakesNoGatewayAway) {
  put(key("gateway", "g"), std::string{open_gateway});
  put_target("good", server);
  ASSERT_TRUE(start());
  const auto before = snapshot();
  ASSERT_NE(before, nullptr);

  store_.fails = true;
  const auto version =
      put(key("gateway", "g"), R"({"authorizerType":"NONE","exceptionLevel":"DEBUG"})");
  ASSERT_TRUE(soon([&] { return store_.failures > 0; }));
  EXPECT_FALSE(served(version, std::chrono::milliseconds{50})) << "it is not";
  EXPECT_EQ(snapshot(), before);

  store_.fails = false;
  ASSERT_TRUE(served(version));
  EXPECT_TRUE(snapshot()->debug);
}

TEST_F(PublisherTest, AGatewayThatIsDamagedIsNotServedAndHoldsNobodyUp) {
  put(key("gateway", "g"), std::string{open_gateway});
  ASSERT_TRUE(start());
  ASSERT_NE(snapshot(), nullptr);
  store_.code = Code::denied;  // as of sealed text that was changed
  store_.fails = true;
  const auto version = put(key("gateway", "g"), std::string{open_gateway});
  ASSERT_TRUE(served(version));
  EXPECT_EQ(snapshot(), nullptr);
}

TEST_F(PublisherTest, FailsToStartWhenAGatewayCannotBeRead) {
  put(key("gateway", "g"), std::string{open_gateway});
  store_.fails = true;
  EXPECT_FALSE(start());
}

TEST_F(PublisherTest, AGatewayThatIsDeletedIsServedNoMore) {
  put(key("gateway", "g"), std::string{open_gateway});
  ASSERT_TRUE(start());
  ASSERT_NE(snapshot(), nullptr);
  store::Batch batch;
  batch.deletes.push_back(key("gateway", "g"));
  const auto version = run_task(store_.commit(std::move(batch)));
  ASSERT_TRUE(version);
  ASSERT_TRUE(served(*version));
  EXPECT_EQ(snapshot(), nullptr);
}

}  // namespace
}  // namespace toolgate::gateway
