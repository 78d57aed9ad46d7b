// For the tests of this folder: the operations on a store in memory, called as the door calls them.
#pragma once

#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "aws/contract.h"
#include "aws/test_calls.h"
#include "services/agentcore/service.h"
#include "store/memory/memory_store.h"

namespace toolgate::services::agentcore::testing {

class IdentitiesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    store_->on_change([this](store::Version version, const std::vector<store::Change>& changes) {
      publisher_.changed(version, changes);
    });
    ASSERT_TRUE(publisher_.start());
    auto secrets = wait_for(store::Secrets::open(*store_, crypto::SealKey::random()));
    ASSERT_TRUE(secrets) << secrets.error().message;
    secrets_ = std::make_unique<store::Secrets>(*std::move(secrets));
    credentials_ = std::make_unique<credentials::Credentials>(*store_, *secrets_, clock_);
    runner_ = std::make_unique<catalogue::Runner>(
        catalogue::Runner::Options{.workers = {&worker_},
                                   .store = store_.get(),
                                   .credentials = credentials_.get(),
                                   .clock = &clock_,
                                   .offload = &offload_});
    agentcore_ = std::make_unique<AgentCore>(AgentCore{
        .store = *store_,
        .secrets = *secrets_,
        .clock = clock_,
        .runner = *runner_,
        .publisher = publisher_,
        .quotas = {.oauth2_providers = 3, .api_key_providers = 3, .workload_identities = 3},
        .base_url = [] { return std::string{"http://127.0.0.1:7878"}; }});
    add_identity_operations(*agentcore_, rows_);
    add_tag_operations(*agentcore_, rows_);
  }
  void TearDown() override { publisher_.stop(); }

  template <class T>
  T wait_for(Task<T> task) {
    return calls_.run(std::move(task));
  }
  Result<Json> call(std::string_view operation, JsonObject input) {
    auto call = calls_.call_of("bedrock-agentcore-control", operation, std::move(input));
    call.region = region_;
    return calls_.answer(rows_, std::move(call));
  }
  // The answer of a call that must not fail.
  Json must(std::string_view operation, JsonObject input) {
    auto output = call(operation, std::move(input));
    EXPECT_TRUE(output) << operation << ": " << output.error().message;
    if (output) expect_shape(operation, *output);
    return output.value_or(Json{});
  }
  // The output has all members that the contract requires, and no other than it knows.
  static void expect_shape(std::string_view operation, const Json& output) {
    const auto* found = aws::contract_of("bedrock-agentcore-control")->find(operation);
    ASSERT_NE(found, nullptr) << operation;
    ASSERT_TRUE(found->served) << operation;
    for (const auto& [name, value] : output.as_object()) {
      const bool known = found->output != nullptr && found->output->find(name) != nullptr;
      EXPECT_TRUE(known) << operation << ": " << name;
    }
    if (found->output == nullptr) return;
    for (const auto& member : found->output->members) {
      EXPECT_TRUE(!member.required || json::find(output, member.name) != nullptr)
          << operation << ": " << member.name;
    }
  }
  // The failure of a call that must fail.
  Error refused(std::string_view operation, JsonObject input) {
    auto output = call(operation, std::move(input));
    EXPECT_FALSE(output) << operation << " " << json::print(*output);
    return output ? Error{} : output.error();
  }
  static void expect_members(const Json& output, std::vector<std::string> expected) {
    std::vector<std::string> found;
    for (const auto& [name, value] : output.as_object()) found.emplace_back(name);
    std::ranges::sort(found);
    std::ranges::sort(expected);
    EXPECT_EQ(found, expected);
  }
  void put(std::string_view kind, std::string id, const Json& document) {
    store::Batch batch;
    batch.puts.push_back({.key = key(kind, std::move(id)), .body = json::print(document)});
    ASSERT_TRUE(wait_for(store_->commit(std::move(batch))));
  }
  std::optional<store::Document> stored(std::string_view kind, std::string id) {
    return wait_for(store_->get(key(kind, std::move(id)))).value();
  }
  store::Key key(std::string_view kind, std::string id) const {
    return {.account = "123456789012",
            .region = region_,
            .kind = std::string{kind},
            .id = std::move(id)};
  }

  std::string region_ = "us-east-1";
  aws::testing::Calls calls_;
  ManualClock& clock_ = calls_.clock();
  net::Worker& worker_ = calls_.worker();
  Offload offload_{1};
  std::unique_ptr<store::Store> store_ = store::make_memory_store(clock_);
  gateway::Publisher publisher_{{.workers = {&worker_}, .store = store_.get(), .base_url = [] {
                                   return std::string{"http://127.0.0.1:7878"};
                                 }}};
  std::unique_ptr<store::Secrets> secrets_;
  std::unique_ptr<credentials::Credentials> credentials_;
  std::unique_ptr<catalogue::Runner> runner_;
  std::unique_ptr<AgentCore> agentcore_;
  std::vector<aws::Operation> rows_;
};

}  // namespace toolgate::services::agentcore::testing
