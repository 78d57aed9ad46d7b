#include "identity/jwt_rules.h"

#include <gtest/gtest.h>

namespace toolgate::identity {
namespace {

using namespace std::chrono_literals;

const Time now{std::chrono::seconds{1'800'000'000}};
constexpr std::string_view discovery = "https://idp.example/.well-known/openid-configuration";

Json read(std::string_view text) { return json::parse(text).value(); }

// A configuration with the discovery URL and the members given.
Json configuration(std::string_view members) {
  return read(std::string{R"({"discoveryUrl":")"} + std::string{discovery} + "\"," +
              std::string{members} + "}");
}

std::string custom(std::string_view type, std::string_view by, std::string_view value) {
  return std::string{
             R"("customClaims":[{"inboundTokenClaimName":"c","inboundTokenClaimValueType":")"} +
         std::string{type} + R"(","authorizingClaimMatchValue":{"claimMatchOperator":")" +
         std::string{by} + R"(","claimMatchValue":)" + std::string{value} + "}}]";
}

// "" when let in, else why not.
std::string refusal(std::string_view members, std::string_view claims) {
  const auto rules = compile_rules(configuration(members));
  if (!rules) return "configuration: " + rules.error().message;
  const auto checked = check_claims(*rules, read(claims));
  return checked ? "" : checked.error().detail;
}

struct ClaimCase {
  std::string_view claims;
  bool let_in;
};

void expect_cases(std::string_view members, std::initializer_list<ClaimCase> cases) {
  for (const auto& [claims, let_in] : cases) {
    EXPECT_EQ(refusal(members, claims).empty(), let_in) << members << ' ' << claims;
  }
}

TEST(AllowedAudience, TakesATextOrAList) {
  expect_cases(R"("allowedAudience":["a","b"])", {{R"({"aud":"a"})", true},
                                                  {R"({"aud":["x","b"]})", true},
                                                  {R"({"aud":"x"})", false},
                                                  {R"({"aud":"A"})", false},
                                                  {R"({"aud":"a b"})", false},
                                                  {R"({"aud":[]})", false},
                                                  {R"({"aud":[["a"]]})", false},
                                                  {R"({"aud":7})", false},
                                                  {R"({"client_id":"a"})", false},
                                                  {R"({})", false}});
}

TEST(AllowedClients, TakesTheFirstClaimThatNamesTheClient) {
  expect_cases(R"("allowedClients":["a"])", {{R"({"client_id":"a"})", true},
                                             {R"({"azp":"a"})", true},
                                             {R"({"cid":"a"})", true},
                                             {R"({"appid":"a"})", true},
                                             {R"({"client_id":"x","azp":"a"})", false},
                                             {R"({"client_id":7,"azp":"a"})", false},
                                             {R"({"azp":"x","cid":"a"})", false},
                                             {R"({"client_id":["a"]})", false},
                                             {R"({"aud":"a"})", false},
                                             {R"({"sub":"a"})", false},
                                             {R"({})", false}});
}

TEST(AllowedScopes, NeedsOneOfThem) {
  expect_cases(R"("allowedScopes":["gw/a","gw/b"])", {{R"({"scope":"gw/a"})", true},
                                                      {R"({"scope":"x gw/b y"})", true},
                                                      {R"({"scope":["x","gw/b"]})", true},
                                                      {R"({"scp":"gw/a"})", true},
                                                      {R"({"scp":["gw/a"]})", true},
                                                      {R"({"scope":"x","scp":["gw/a"]})", true},
                                                      {R"({"scope":"gw/ab"})", false},
                                                      {R"({"scope":"gw"})", false},
                                                      {R"({"scope":"GW/A"})", false},
                                                      {R"({"scope":""})", false},
                                                      {R"({"scope":null})", false},
                                                      {R"({})", false}});
}

TEST(AllowedScopes, RefusesAsDeniedAndTheOthersAsUnauthenticated) {
  const auto rules =
      compile_rules(configuration(R"("allowedScopes":["s"],"allowedClients":["c"])")).value();
  const auto no_scope = check_claims(rules, read(R"({"client_id":"c"})"));
  EXPECT_EQ(no_scope.error().code, Code::denied);
  EXPECT_EQ(no_scope.error().name, "insufficient_scope");
  const auto no_client = check_claims(rules, read(R"({"scope":"s"})"));
  EXPECT_EQ(no_client.error().code, Code::unauthenticated);
  EXPECT_EQ(no_client.error().message, "Invalid Bearer token");
  EXPECT_NE(no_client.error().detail, "");
  // Wrong in both ways: another scope would not help.
  EXPECT_EQ(check_claims(rules, read("{}")).error().code, Code::unauthenticated);
}

TEST(CustomClaims, OfTypeStringAreEqual) {
  expect_cases(custom("STRING", "EQUALS", R"({"matchValueString":"v"})"),
               {{R"({"c":"v"})", true},
                {R"({"c":"V"})", false},
                {R"({"c":"vv"})", false},
                {R"({"c":["v"]})", false},
                {R"({"c":1})", false},
                {R"({"d":"v"})", false}});
}

TEST(CustomClaims, OfTypeStringArrayContain) {
  expect_cases(custom("STRING_ARRAY", "CONTAINS", R"({"matchValueString":"v"})"),
               {{R"({"c":["u","v"]})", true},
                {R"({"c":["u"]})", false},
                {R"({"c":[]})", false},
                {R"({"c":"v"})", false},
                {R"({"c":[1,{"v":1}]})", false},
                {R"({})", false}});
  expect_cases(custom("STRING_ARRAY", "CONTAINS_ANY", R"({"matchValueStringList":["v","w"]})"),
               {{R"({"c":["w"]})", true}, {R"({"c":["v","x"]})", true}, {R"({"c":["x"]})", false}});
}

TEST(CustomClaims, MustAllMatch) {
  const std::string rule =
      R"({"inboundTokenClaimName":"NAME","inboundTokenClaimValueType":"STRING",)"
      R"("authorizingClaimMatchValue":{"claimMatchOperator":"EQUALS","claimMatchValue":)"
      R"({"matchValueString":"v"}}})";
  std::string first = rule;
  std::string second = rule;
  first.replace(first.find("NAME"), 4, "cognito:one");
  second.replace(second.find("NAME"), 4, "two");
  expect_cases("\"customClaims\":[" + first + "," + second + "]",
               {{R"({"cognito:one":"v","two":"v"})", true},
                {R"({"cognito:one":"v"})", false},
                {R"({"two":"v"})", false}});
}

TEST(Rules, MustAllBeContent) {
  expect_cases(R"("allowedAudience":["a"],"allowedClients":["c"])",
               {{R"({"aud":"a","client_id":"c"})", true},
                {R"({"aud":"a"})", false},
                {R"({"client_id":"c"})", false}});
}

TEST(CompileRules, RefusesWhatDoesNotFit) {
  const std::pair<std::string_view, std::string> cases[] = {
      {"customJWTAuthorizer", R"("x":1)"},
      {"allowedAudience", R"("allowedAudience":[])"},
      {"allowedAudience", R"("allowedAudience":"a")"},
      {"allowedAudience", R"("allowedAudience":[1])"},
      {"allowedClients", R"("allowedClients":[""])"},
      {"allowedScopes", R"("allowedScopes":["a b"])"},
      {"allowedScopes", R"("allowedScopes":["a\"b"])"},
      {"customClaims", R"("customClaims":[])"},
      {"customClaims.0.inboundTokenClaimName", R"("customClaims":[{}])"},
      {"customClaims.0.inboundTokenClaimValueType",
       custom("NUMBER", "EQUALS", R"({"matchValueString":"v"})")},
      {"customClaims.0.authorizingClaimMatchValue.claimMatchOperator",
       custom("STRING", "CONTAINS", R"({"matchValueString":"v"})")},
      {"customClaims.0.authorizingClaimMatchValue.claimMatchOperator",
       custom("STRING_ARRAY", "EQUALS", R"({"matchValueString":"v"})")},
      {"customClaims.0.authorizingClaimMatchValue.claimMatchValue.matchValueString",
       custom("STRING", "EQUALS", R"({"matchValueStringList":["v"]})")},
      {"customClaims.0.authorizingClaimMatchValue.claimMatchValue.matchValueStringList",
       custom("STRING_ARRAY", "CONTAINS_ANY", R"({"matchValueString":"v"})")},
      {"customClaims.0.authorizingClaimMatchValue.claimMatchValue",
       R"("customClaims":[{"inboundTokenClaimName":"c","inboundTokenClaimValueType":"STRING"}])"},
      {"advertisedScopeMapping", R"("allowedScopes":["a"],"advertisedScopeMapping":[])"},
      {"advertisedScopeMapping", R"("allowedScopes":["a"],"advertisedScopeMapping":{"a":"x y"})"},
  };
  for (const auto& [path, text] : cases) {
    const auto rules = compile_rules(configuration(text));
    ASSERT_FALSE(rules) << text;
    EXPECT_EQ(rules.error().code, Code::invalid);
    ASSERT_EQ(rules.error().fields.size(), 1U) << text;
    EXPECT_EQ(rules.error().fields[0].path, path) << text;
    EXPECT_TRUE(rules.error().message.starts_with(path)) << rules.error().message;
  }
}

TEST(CompileRules, AsksForADiscoveryUrl) {
  const auto compiles = [](std::string_view url) {
    return compile_rules(JsonObject{{"discoveryUrl", url}, {"allowedClients", JsonArray{"c"}}})
        .has_value();
  };
  EXPECT_TRUE(compiles(discovery));
  EXPECT_TRUE(compiles("http://127.0.0.1:80/p/.well-known/openid-configuration"));
  EXPECT_TRUE(compiles("https://idp/.well-known/oauth-authorization-server/tenant"));
  EXPECT_FALSE(compiles("https://idp/openid-configuration"));
  EXPECT_FALSE(compiles("ftp://idp/.well-known/openid-configuration"));
  EXPECT_FALSE(compiles("https://user@idp/.well-known/openid-configuration"));
  EXPECT_FALSE(compiles(""));
  EXPECT_FALSE(compile_rules(read(R"({"allowedClients":["c"]})")));
  EXPECT_FALSE(compile_rules(read("[]")));
}

TEST(AdvertisedScopes, AreTheMappedOnes) {
  const auto rules =
      compile_rules(configuration(R"("allowedScopes":["a","b","c"],)"
                                  R"("advertisedScopeMapping":{"a":"api://a","c":"api://a"})"))
          .value();
  EXPECT_EQ(rules.advertised_scopes, (std::vector<std::string>{"api://a", "b"}));
  EXPECT_TRUE(check_claims(rules, read(R"({"scope":"a"})"))) << "the key is what is asked";
  EXPECT_FALSE(check_claims(rules, read(R"({"scope":"api://a"})")));
  EXPECT_TRUE(compile_rules(configuration(R"("allowedClients":["c"])"))->advertised_scopes.empty());
}

TEST(CheckTimes, GivesAMinuteOfLeeway) {
  const std::int64_t second = seconds_of(now);
  const auto times = [&](const JsonObject& claims) { return check_times(claims, now).has_value(); };
  EXPECT_EQ(check_times(JsonObject{{"exp", second + 5}}, now).value(), now + 5s);
  EXPECT_TRUE(times({{"exp", second - 59}}));
  EXPECT_FALSE(times({{"exp", second - 60}}));
  EXPECT_TRUE(times({{"exp", second + 5}, {"nbf", second + 60}}));
  EXPECT_FALSE(times({{"exp", second + 500}, {"nbf", second + 61}}));
  EXPECT_TRUE(times({{"exp", static_cast<double>(second) + 0.5}}));
  EXPECT_TRUE(times({{"exp", 1e300}})) << "very late is late, not undefined";
}

TEST(CheckTimes, RefusesWhatIsNoTime) {
  for (const auto claims :
       {R"({})", R"({"exp":"1900000000"})", R"({"exp":null})", R"({"exp":-1})", R"({"exp":-1e300})",
        R"({"exp":1900000000,"nbf":"x"})", R"({"exp":1900000000,"nbf":null})"}) {
    const auto times = check_times(read(claims), now);
    ASSERT_FALSE(times) << claims;
    EXPECT_EQ(times.error().code, Code::unauthenticated);
    EXPECT_EQ(times.error().message, "Invalid Bearer token");
  }
}

TEST(QuotedForLog, MakesOneShortLine) {
  EXPECT_EQ(quoted_for_log("a\nb\"c"), R"("a\nb\"c")");
  EXPECT_LT(quoted_for_log(std::string(10'000, 'x')).size(), 300U);
}

}  // namespace
}  // namespace toolgate::identity
