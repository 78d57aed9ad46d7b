#include "targets/kinds.h"

#include <gtest/gtest.h>

namespace toolgate::targets {
namespace {

Json configuration(std::string_view member) {
  return JsonObject{{"mcp", JsonObject{{member, JsonObject{}}}}};
}
Json credential(std::string_view type, std::string_view service = "") {
  JsonObject one{{"credentialProviderType", type}};
  if (!service.empty()) {
    one["credentialProvider"] =
        JsonObject{{"iamCredentialProvider", JsonObject{{"service", service}}}};
  }
  return JsonArray{std::move(one)};
}

TEST(CheckCredentials, TakesWhatTheKindTakes) {
  const Json role = credential("GATEWAY_IAM_ROLE");
  const Json key = credential("API_KEY");
  EXPECT_TRUE(check_credentials(configuration("lambda"), &role));
  EXPECT_TRUE(check_credentials(configuration("mcpServer"), &key));
  EXPECT_TRUE(check_credentials(configuration("mcpServer"), nullptr));
  const Json named = credential("GATEWAY_IAM_ROLE", "bedrock-agentcore");
  EXPECT_TRUE(check_credentials(configuration("mcpServer"), &named));
}

TEST(CheckCredentials, SaysWhatTheKindTakesInstead) {
  const Json none = JsonArray{};
  const auto missing = check_credentials(configuration("lambda"), &none);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message,
            "CredentialProviderConfigurations is required for Lambda targets.");
  const Json key = credential("API_KEY");
  const auto other = check_credentials(configuration("lambda"), &key);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().message, "Lambda targets take GATEWAY_IAM_ROLE, not API_KEY");
  const Json unnamed = credential("GATEWAY_IAM_ROLE");
  const auto service = check_credentials(configuration("mcpServer"), &unnamed);
  ASSERT_FALSE(service);
  EXPECT_NE(service.error().message.find("iamCredentialProvider.service"), std::string::npos);
}

}  // namespace
}  // namespace toolgate::targets
