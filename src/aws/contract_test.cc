#include "aws/contract.h"

#include <thread>

#include <gtest/gtest.h>

#include "aws/departures.h"

namespace toolgate::aws {
namespace {

TEST(Contract, HasEveryServedOperationWithItsShapes) {
  std::size_t served = 0;
  for (const auto service : contract_names()) {
    const Contract* contract = contract_of(service);
    ASSERT_NE(contract, nullptr);
    EXPECT_FALSE(contract->operations().empty()) << service;
    for (const auto& operation : contract->operations()) {
      EXPECT_EQ(contract->find(operation.name), &operation);
      if (!operation.served) continue;
      ++served;
      for (const Shape* shape : {operation.input, operation.output}) {
        if (shape != nullptr) EXPECT_EQ(shape->type, Type::structure) << operation.name;
      }
    }
  }
  EXPECT_GE(served, 104U);
}

TEST(Contract, KnowsWhatTheModelSaysOfAnOperation) {
  const Contract& control = *contract_of("bedrock-agentcore-control");
  const auto* create = control.find("CreateGateway");
  ASSERT_NE(create, nullptr);
  EXPECT_EQ(create->method, "POST");
  EXPECT_EQ(create->status, 202);
  const Member* name = create->input->find("name");
  ASSERT_NE(name, nullptr);
  EXPECT_TRUE(name->required);
  EXPECT_TRUE(name->shape->pattern != nullptr);
  const auto* get = control.find("GetGateway");
  EXPECT_EQ(get->input->find("gatewayIdentifier")->place, Place::uri);
  EXPECT_EQ(get->output->find("createdAt")->shape->time, TimeFormat::iso8601);
  EXPECT_EQ(control.signing_name, "bedrock-agentcore");
  EXPECT_FALSE(control.find("CreateHarness")->served);
  EXPECT_EQ(control.find("CreateHarness")->input, nullptr);
  const Contract& iam = *contract_of("iam");
  EXPECT_EQ(iam.find("CreateUser")->result_wrapper, "CreateUserResult");
  EXPECT_EQ(iam.error("DeleteConflict"), iam.error("DeleteConflictException"));
  EXPECT_EQ(iam.error("DeleteConflict")->status, 409);
  EXPECT_EQ(contract_of("cognito-idp")->error("InternalErrorException")->status, 500);
  EXPECT_EQ(contract_of("cognito-idp")->json_version, "1.1");
  EXPECT_EQ(contract_of("codebuild")->protocol, ProtocolName::json);
}

TEST(Contract, EveryPatternCanBeEnforced) {
  std::size_t patterns = 0;
  for (const auto service : contract_names()) {
    for (const auto& shape : contract_of(service)->shapes()) {
      if (!shape.pattern) continue;
      ++patterns;
      EXPECT_TRUE(shape.pattern->compiles()) << service << " " << shape.name << " "
                                             << shape.pattern->text();
    }
  }
  EXPECT_GT(patterns, 100U);
}

TEST(Contract, ShapesReferToShapesOfTheSameContract) {
  for (const auto service : contract_names()) {
    const Contract* contract = contract_of(service);
    for (const auto& shape : contract->shapes()) {
      for (const auto& member : shape.members) {
        ASSERT_NE(member.shape, nullptr);
        EXPECT_EQ(contract->shape(member.shape->name), member.shape);
      }
      EXPECT_EQ(shape.type == Type::list || shape.type == Type::map, shape.element.has_value());
    }
  }
}

TEST(Departures, StandForWhatTheContractSaysToday) {
  for (const auto& row : pattern_departures()) {
    const Contract* contract = contract_of(row.service);
    ASSERT_NE(contract, nullptr) << row.service;
    const Shape* shape = contract->shape(row.shape);
    ASSERT_NE(shape, nullptr) << row.shape;
    EXPECT_EQ(shape->pattern->text(), row.ours) << row.shape;  // else its `contract` is stale
    EXPECT_FALSE(row.reason.empty());
  }
}

TEST(Departures, LetAnMcpServerSpeakPlainHttp) {
  const Contract& control = *contract_of("bedrock-agentcore-control");
  const auto& pattern = *control.shape("McpServerTargetConfigurationEndpointString")->pattern;
  EXPECT_TRUE(pattern.matches("http://127.0.0.1:9000/mcp"));
  EXPECT_TRUE(pattern.matches("https://example.com/mcp"));
  EXPECT_FALSE(pattern.matches("ftp://example.com"));
}

TEST(Departures, KeepTheMeaningOfAPatternThatRe2CannotSay) {
  const auto& pattern = *contract_of("cognito-idp")->shape("S3BucketType")->pattern;
  for (const std::string_view good : {"", "a", "a.b", "my-bucket_1"}) {
    EXPECT_TRUE(pattern.matches(good)) << good;
  }
  for (const std::string_view bad : {".", "a.", "a b"}) EXPECT_FALSE(pattern.matches(bad)) << bad;
}

TEST(Contract, IsReadOnceByAllThreads) {
  std::vector<std::thread> threads;
  std::array<const Contract*, 4> found{};
  for (auto& slot : found) threads.emplace_back([&slot] { slot = contract_of("sts"); });
  for (auto& thread : threads) thread.join();
  for (const auto* contract : found) EXPECT_EQ(contract, found[0]);
}

}  // namespace
}  // namespace toolgate::aws
