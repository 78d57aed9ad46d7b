#include "targets/aws_endpoints.h"

#include <gtest/gtest.h>

namespace toolgate::targets {
namespace {

TEST(AwsEndpoints, TakesAnyServiceThatASmithyModelMayBeOf) {
  for (const std::string name :
       {"lambda", "S3", "kms", "sms", "ses", "dynamodb", "api.ecr", "execute-api", "weather"}) {
    const auto read = AwsEndpoints::parse({name + "=http://127.0.0.1:1/x/"});
    ASSERT_TRUE(read) << name;
    EXPECT_EQ(*read->own(lower(name)), "http://127.0.0.1:1/x");
  }
}

TEST(AwsEndpoints, SaysWhichServicesThereAreOfANameThatIsNone) {
  for (const std::string name : {"", "lamda", "lambdas", "lambdo", "ambda", "firehosee",
                                 "api-gateway", "APIgatewa", "a b", "s_3"}) {
    const auto read = AwsEndpoints::parse({name + "=http://127.0.0.1:1"});
    ASSERT_FALSE(read) << name;
    EXPECT_TRUE(read.error().message.starts_with("--aws-endpoint " + name + "="));
    EXPECT_NE(read.error().message.find("for apigateway, firehose, kms, lambda, s3 or a Smithy"),
              std::string::npos)
        << read.error().message;
  }
}

}  // namespace
}  // namespace toolgate::targets
