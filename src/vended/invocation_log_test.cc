// The log as a whole: from entries to lines of a group and of deliveries.
#include "vended/invocation_log.h"

#include <thread>

#include <gtest/gtest.h>

#include "base/run_task.h"
#include "base/test_folder.h"
#include "store/documents.h"
#include "store/memory/memory_store.h"

namespace toolgate::vended {
namespace {

using namespace std::chrono_literals;

const Entry entry{.at = 1'700'000'000'000,
                  .account = "123456789012",
                  .region = "us-east-1",
                  .gateway_id = "shop",
                  .request_id = "r",
                  .id = "1",
                  .body = R"({"method":"ping"})"};
const journal::GroupKey own{"123456789012", "us-east-1", "/aws/bedrock-agentcore/gateways/shop"};

struct Taken final : Carrier {
  bool take(const DeliveryRef& delivery, std::int64_t, std::string line) override {
    lines.push_back(delivery->bucket + " " + delivery->prefix + " " + line);
    return takes;
  }
  void tick() override {}
  [[nodiscard]] std::uint64_t lost() const override { return 0; }
  bool takes = true;
  std::vector<std::string> lines;
};

struct InvocationLogTest : ::testing::Test {
  InvocationLogTest() {
    auto opened = journal::Journal::open({.folder = folder.path("logs")}, clock, offload);
    EXPECT_TRUE(opened);
    journal = std::move(*opened);
    options.journal = journal.get();
    options.clock = &clock;
    options.deliveries = &deliveries;
    options.carrier = &carrier;
  }
  void open() { log = std::make_unique<InvocationLog>(options); }
  // Ends the log; what the group has then. A line that has `last` is waited for.
  std::vector<std::string> lines(const journal::GroupKey& group, std::string_view last = "") {
    log.reset();
    const auto until = std::chrono::steady_clock::now() + 30s;
    std::vector<std::string> texts;
    const auto is_there = [&] { return !texts.empty() && texts.back().contains(last); };
    while (!is_there() && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(5ms);
      texts.clear();
      if (const auto found = run_task(journal->find(group, {}))) {
        for (const auto& event : found->events) texts.push_back(event.text);
      }
    }
    return texts;
  }
  void write(std::string_view kind, const std::string& id, std::string_view body) {
    store::Batch batch;
    batch.puts.push_back(
        {.key = {"123456789012", "us-east-1", std::string{kind}, id}, .body = std::string{body}});
    ASSERT_TRUE(run_task(store->commit(std::move(batch))));
  }
  void deliver_to(const std::string& arn, std::string_view more = "") {
    write("log_delivery_source", "s",
          R"({"resourceArns":["arn:aws:bedrock-agentcore:us-east-1:123456789012:gateway/shop"],)"
          R"("logType":"APPLICATION_LOGS"})");
    write("log_delivery_destination", "d",
          R"({"deliveryDestinationConfiguration":{"destinationResourceArn":")" + arn + "\"}}");
    write("log_delivery", "i",
          R"({"deliverySourceName":"s","deliveryDestinationArn":"arn:aws:logs:us-east-1:)"
          R"(123456789012:delivery-destination:d")" +
              std::string{more} + "}");
    ASSERT_TRUE(run_task(deliveries.reload()));
  }

  TestFolder folder;
  ManualClock clock;
  Offload offload{1};
  std::unique_ptr<store::Store> store = store::make_memory_store(clock);
  std::unique_ptr<journal::Journal> journal;
  Deliveries deliveries{*store};
  Taken carrier;
  InvocationLog::Options options;
  std::unique_ptr<InvocationLog> log;
};

TEST_F(InvocationLogTest, MakesTheGroupThatIsNotThere) {
  open();
  log->add(0, entry);
  const auto found = lines(own);
  ASSERT_EQ(found.size(), 1);
  EXPECT_NE(found[0].find("Started processing request with requestId: 1"), std::string::npos);
}

TEST_F(InvocationLogTest, CountsWhatItCannotTakeAndSaysSo) {
  options.queue_bytes = 1024;
  options.bytes_per_second_max = 2048;
  open();
  for (int i = 0; i < 1000; ++i) log->add(0, entry);
  EXPECT_GT(log->dropped(), 900);
  EXPECT_NE(log->exposition().find("dropped_total 9"), std::string::npos) << log->exposition();
  const auto found = lines(own, "were dropped");
  ASSERT_FALSE(found.empty());
  EXPECT_NE(found.back().find("log records of this gateway's server were dropped"),
            std::string::npos)
      << found.back();
}

TEST_F(InvocationLogTest, TakesMoreInTheNextSecond) {
  options.bytes_per_second_max = 1;
  open();
  log->add(0, entry);
  while (log->written() == 0) std::this_thread::sleep_for(1ms);
  log->add(0, entry);
  EXPECT_EQ(log->dropped(), 1);
}

TEST_F(InvocationLogTest, DeliversToAnotherGroup) {
  const journal::GroupKey group{"123456789012", "us-east-1", "/other"};
  ASSERT_TRUE(run_task(journal->create_group(group, {})));
  deliver_to("arn:aws:logs:us-east-1:123456789012:log-group:/other:*",
             R"(,"recordFields":["request_id"])");
  open();
  log->add(0, entry);
  EXPECT_EQ(lines(group), std::vector<std::string>{R"({"request_id":"r"})"});
  EXPECT_EQ(lines(own).size(), 1);
}

TEST_F(InvocationLogTest, DoesNotMakeADeliverysGroupAgain) {
  deliver_to("arn:aws:logs:us-east-1:123456789012:log-group:/gone");
  open();
  log->add(0, entry);
  while (log->written() == 0) std::this_thread::sleep_for(1ms);
  EXPECT_EQ(log->dropped(), 1);
  EXPECT_EQ(lines(own, "were dropped").size(), 2) << "the record, and that one was lost";
  EXPECT_FALSE(journal->group({"123456789012", "us-east-1", "/gone"}));
}

TEST_F(InvocationLogTest, ObeysAPolicyThatForbidsToDeliver) {
  const journal::GroupKey group{"123456789012", "us-east-1", "/other"};
  ASSERT_TRUE(run_task(journal->create_group(group, {})));
  write("log_resource_policy", "account/no",
        R"({"policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",)"
        R"(\"Principal\":{\"Service\":\"delivery.logs.amazonaws.com\"},)"
        R"(\"Action\":\"logs:PutLogEvents\",)"
        R"(\"Resource\":\"arn:aws:logs:us-east-1:123456789012:log-group:/other:*\"}]}"})");
  deliver_to("arn:aws:logs:us-east-1:123456789012:log-group:/other");
  EXPECT_TRUE(deliveries.table()->empty());
  store::Batch batch;
  batch.deletes.push_back({"123456789012", "us-east-1", "log_resource_policy", "account/no"});
  ASSERT_TRUE(run_task(store->commit(std::move(batch))));
  ASSERT_TRUE(run_task(deliveries.reload()));
  EXPECT_EQ(deliveries.table()->size(), 1);
}

TEST_F(InvocationLogTest, HandsWhatGoesToBucketsToItsCarrier) {
  deliver_to("arn:aws:s3:::logs-bucket/in/here/");
  carrier.takes = false;
  open();
  log->add(0, entry);
  while (log->written() == 0) std::this_thread::sleep_for(1ms);
  EXPECT_EQ(log->dropped(), 1);
  EXPECT_EQ(lines(own, "were dropped").size(), 2) << "the record, and that one was lost";
  ASSERT_EQ(carrier.lines.size(), 1);
  EXPECT_TRUE(carrier.lines[0].starts_with("logs-bucket in/here {\"resource_arn\""))
      << carrier.lines[0];
}

}  // namespace
}  // namespace toolgate::vended
