#include "services/cognito/names.h"

#include <gtest/gtest.h>

#include "services/cognito/user_pool.h"

namespace toolgate::services::cognito {
namespace {

TEST(DomainHost, ReadsDomainAndRegionWhateverTheCase) {
  for (const std::string_view host : {"useast1ab3.auth.us-east-1.amazoncognito.com",
                                      "USeast1AB3.Auth.US-east-1.AmazonCognito.COM",
                                      "useast1ab3.auth.us-east-1.amazoncognito.com:7879"}) {
    const auto found = domain_host(host);
    ASSERT_TRUE(found.has_value()) << host;
    EXPECT_EQ(found->domain, "useast1ab3");
    EXPECT_EQ(found->region, "us-east-1");
  }
  for (const std::string_view host :
       {"amazoncognito.com", ".auth.us-east-1.amazoncognito.com", "a.b.auth.r.amazoncognito.com",
        "a.auth..amazoncognito.com", "a.us-east-1.amazoncognito.com",
        "a/b.auth.r.amazoncognito.com", "a.auth.us-east-1.amazoncognito.com.evil.example",
        "127.0.0.1:7878"}) {
    EXPECT_FALSE(domain_host(host).has_value()) << host;
  }
}

TEST(IdpHost, ReadsTheRegion) {
  EXPECT_EQ(idp_host("Cognito-IDP.eu-west-1.amazonaws.com:443"), "eu-west-1");
  EXPECT_FALSE(idp_host("cognito-idp.amazonaws.com").has_value());
  EXPECT_FALSE(idp_host("cognito-idp..amazonaws.com").has_value());
  EXPECT_FALSE(idp_host("iam.us-east-1.amazonaws.com").has_value());
}

TEST(IssuerNames, AreTwoForAPoolAndOneForAnyoneElse) {
  const std::string base = "http://127.0.0.1:7878";
  const std::vector<std::string> both{
      "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Ab3dEf6hI",
      "http://127.0.0.1:7878/us-east-1_Ab3dEf6hI"};
  EXPECT_EQ(issuer_names(both[0], base), both);
  EXPECT_EQ(issuer_names(both[1], base), both);
  for (const std::string_view other :
       {"https://login.example.com/us-east-1_Ab3dEf6hI", "https://login.example.com",
        "https://cognito-idp.eu-west-1.amazonaws.com/us-east-1_Ab3dEf6hI", ""}) {
    EXPECT_EQ(issuer_names(other, base), std::vector<std::string>{std::string{other}}) << other;
  }
}

TEST(RegionOfPool, IsEmptyForWhatIsNoPoolId) {
  EXPECT_EQ(region_of_pool("us-east-1_Ab3dEf6hI"), "us-east-1");
  for (const std::string_view other :
       {"", "us-east-1", "_abc", "us-east-1_", "us_east-1_ab", "u/s_x", "us-east-1_a.b", "US_x"}) {
    EXPECT_EQ(region_of_pool(other), "") << other;
  }
}

TEST(NewPoolId, NeverHoldsAWordThatADomainMustNot) {
  EXPECT_EQ(reserved_word_in("useast1xAwSy"), "aws");
  EXPECT_EQ(reserved_word_in("mycognito"), "cognito");
  EXPECT_EQ(reserved_word_in("agentcore-0a1b2c3d"), "");
  const std::string id = new_pool_id("us-east-1");
  EXPECT_EQ(id.size(), 19u);
  EXPECT_EQ(region_of_pool(id), "us-east-1");
}

}  // namespace
}  // namespace toolgate::services::cognito
