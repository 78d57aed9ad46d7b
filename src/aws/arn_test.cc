#include "aws/arn.h"

#include <gtest/gtest.h>

namespace toolgate::aws {
namespace {

Call call_with(std::string_view arn) {
  Call call;
  call.account = "123456789012";
  call.region = "eu-west-1";
  call.input = JsonObject{{"resourceArn", arn}};
  return call;
}

std::string name_in(std::string_view arn) {
  const auto name =
      name_in_own_arn(call_with(arn), "resourceArn", {.service = "ecr", .resource = "repository/"});
  return name ? *name : name.error().name + ": " + name.error().message;
}

}  // namespace

TEST(OwnArn, NamesTheCallersRegionAndAccount) {
  EXPECT_EQ(own_arn(call_with(""), {.service = "ecr", .resource = "repository/team/app"}),
            "arn:aws:ecr:eu-west-1:123456789012:repository/team/app");
}

TEST(NameInOwnArn, IsWhatStandsBehindThePrefix) {
  EXPECT_EQ(name_in("arn:aws:ecr:eu-west-1:123456789012:repository/team/app"), "team/app");
}

TEST(NameInOwnArn, RefusesWhatIsNotTheCallersOwn) {
  for (const std::string_view arn : {
           "arn:aws:ecr:eu-west-1:123456789012:repository/",
           "arn:aws:ecr:eu-west-1:123456789012:image/app",
           "arn:aws:ecr:us-east-1:123456789012:repository/app",
           "arn:aws:ecr:eu-west-1:999999999999:repository/app",
           "arn:aws:kms:eu-west-1:123456789012:repository/app",
           "app",
           "",
       }) {
    EXPECT_EQ(name_in(arn),
              "InvalidParameterException: resourceArn: expected "
              "arn:aws:ecr:eu-west-1:123456789012:repository/…")
        << arn;
  }
}

}  // namespace toolgate::aws
