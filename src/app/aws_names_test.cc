#include "app/aws_names.h"

#include <gtest/gtest.h>

namespace toolgate::app {
namespace {

TEST(IsAwsShaped, TakesNamesUnderAwsDomainsAlone) {
  for (const std::string_view host :
       {"sts.amazonaws.com", "cognito-idp.us-east-1.amazonaws.com", "S3.AMAZONAWS.COM",
        "my-pool.auth.us-east-1.amazoncognito.com", "bedrock-agentcore.us-east-1.api.aws"}) {
    EXPECT_TRUE(is_aws_shaped(host)) << host;
  }
  for (const std::string_view host : {"", "amazonaws.com", ".amazonaws.com", "evilamazonaws.com",
                                      "sts.amazonaws.com.evil.example", "sts.amazonaws.com:443",
                                      "sts.amazonaws.comx", "api.aws", "aws", "localhost"}) {
    EXPECT_FALSE(is_aws_shaped(host)) << host;
  }
}

}  // namespace
}  // namespace toolgate::app
