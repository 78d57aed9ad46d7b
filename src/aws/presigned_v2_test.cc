#include "aws/presigned_v2.h"

#include <gtest/gtest.h>

#include "aws/router.h"
#include "aws/testing.h"

namespace toolgate::aws {
namespace {

using namespace std::chrono_literals;
using testing::Sent;

const Time made{1'700'000'000s};

class OneKey final : public identity::AccessKeys {
 public:
  [[nodiscard]] std::optional<identity::AccessKey> find(std::string_view id) const override {
    if (id != "AKIDEXAMPLE") return std::nullopt;
    identity::AccessKey key{.id = "AKIDEXAMPLE",
                            .secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                            .active = true,
                            .principal = {}};
    key.principal.arn = "arn:ann";
    return key;
  }
};

// What botocore 1.44.5 made of get_object(Bucket='bucket', Key='a b/ü', ResponseContentType=
// 'text/plain') at that second, for 60 seconds; in both styles of naming the bucket.
constexpr std::string_view query =
    "?response-content-type=text%2Fplain&AWSAccessKeyId=AKIDEXAMPLE&"
    "Signature=RjNiwybvvq7904cNMuLoPfziFEI%3D&Expires=1700000060";
Sent in_path() { return {.method = "GET", .target = "/bucket/a%20b/%C3%BC" + std::string{query}}; }
Sent in_host() {
  return {.method = "GET",
          .target = "/a%20b/%C3%BC" + std::string{query},
          .host = "bucket.s3.amazonaws.com"};
}

// The ARN of who signed, or the error's name.
std::string who(Sent sent, Time now = made) {
  const identity::SessionTokens sessions{crypto::SealKey::random()};
  const auto found = sign_in_v2(sent.request(), OneKey{}, sessions, now);
  return found ? found->arn : found.error().name;
}

std::string changed(std::string_view from, std::string_view to) {
  Sent sent = in_path();
  sent.target.replace(sent.target.find(from), from.size(), to);
  return who(std::move(sent));
}

TEST(SignInV2, TakesWhatBotocoreMakes) {
  EXPECT_EQ(who(in_path()), "arn:ann");
  EXPECT_EQ(who(in_host()), "arn:ann");
  EXPECT_EQ(who(in_path(), made + 60s), "arn:ann");
}

TEST(SignInV2, RefusesWhatWasChangedAndWhatIsOver) {
  EXPECT_EQ(who(in_path(), made + 61s), "RequestExpired");
  EXPECT_EQ(changed("Expires=1700000060", "Expires=1700000061"), "SignatureDoesNotMatch");
  EXPECT_EQ(changed("/bucket/", "/Bucket/"), "SignatureDoesNotMatch");
  EXPECT_EQ(changed("text%2Fplain", "text%2Fhtml"), "SignatureDoesNotMatch");
  EXPECT_EQ(changed("Signature=R", "Signature=Q"), "SignatureDoesNotMatch");
  EXPECT_EQ(changed("AKIDEXAMPLE", "AKIDNOBODY"), "UnrecognizedClientException");
  Sent put = in_path();
  put.method = "PUT";
  EXPECT_EQ(who(std::move(put)), "SignatureDoesNotMatch");
  Sent more = in_path();
  more.headers = {{"x-amz-acl", "private"}};
  EXPECT_EQ(who(std::move(more)), "SignatureDoesNotMatch");
  Sent token = in_path();
  token.target += "&x-amz-security-token=forged";
  EXPECT_EQ(who(std::move(token)), "UnrecognizedClientException");
}

TEST(FindRoute, TakesPresignedUrlsOfTheOlderFormForS3s) {
  const auto sent = in_path();
  Sent copy = sent;
  const auto request = copy.request();
  const auto route = find_route(request, RequestUri{});
  ASSERT_NE(route.operation, nullptr);
  EXPECT_EQ(route.operation->name, "GetObject");
}

}  // namespace
}  // namespace toolgate::aws
