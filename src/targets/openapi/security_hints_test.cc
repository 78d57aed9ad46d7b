#include "targets/openapi/security_hints.h"

#include "targets/openapi/testing.h"

namespace toolgate::targets::openapi {
namespace {

constexpr std::string_view schemes = R"({"securitySchemes":{
  "key":{"type":"apiKey","in":"header","name":"X-Key"},
  "auth":{"type":"apiKey","in":"header","name":"Authorization"},
  "app":{"type":"apiKey","in":"header","name":"X-App"},
  "query":{"type":"apiKey","in":"query","name":"k"},
  "cookie":{"type":"apiKey","in":"cookie","name":"sid"},
  "bearer":{"type":"http","scheme":"Bearer"},
  "basic":{"type":"http","scheme":"basic"},
  "oauth":{"type":"oauth2","flows":{}},
  "again":{"$ref":"#/components/securitySchemes/key"},
  "tls":{"type":"mutualTLS"},
  "aws":{"type":"apiKey","in":"header","name":"Authorization",
         "x-amazon-apigateway-authtype":"awsSigv4"}}})";

// The notes of a document whose one operation asks for this.
std::string told(std::string_view security, const net::Credential& credential,
                 bool users_own = false) {
  const auto document = read_document(testing::document(
      R"({"/a":{"get":{"operationId":"a","security":)" + std::string{security} + "}}}", schemes));
  EXPECT_TRUE(document);
  const auto catalogue =
      convert(*document,
              {.target_name = "t", .credential = credential, .users_own = users_own, .choose = {}});
  EXPECT_TRUE(catalogue);
  std::string text;
  for (const auto& note : catalogue->notes) text += note;
  return text;
}

const net::Credential nothing;
const net::Credential key{.show = net::HeaderCredential{{"x-key", "secret"}}, .key = {}};
const net::Credential token{.show = net::HeaderCredential{{"authorization", "Bearer x"}},
                            .key = {}};
const net::Credential in_query{.show = net::QueryCredential{"k", "secret"}, .key = {}};
const net::Credential role{.show = crypto::SigningKey{}, .key = {}};

TEST(SecurityHints, SayNothingWhereTheTargetShowsWhatIsAskedFor) {
  const struct {
    std::string_view security;
    const net::Credential& credential;
  } table[] = {
      {R"([])", nothing},
      {R"([{}])", nothing},
      {R"([{"key":[]},{}])", nothing},
      {R"([{"key":[]}])", key},
      {R"([{"again":[]}])", key},
      {R"([{"oauth":[]},{"key":[]}])", key},
      {R"([{"query":[]}])", in_query},
      {R"([{"bearer":[]}])", token},
      {R"([{"basic":[]}])", token},
      {R"([{"oauth":["read"]}])", token},
      {R"([{"aws":[]}])", role},
      {R"([{"nowhere":[]}])", nothing},
  };
  for (const auto& row : table) EXPECT_EQ(told(row.security, row.credential), "") << row.security;
  EXPECT_EQ(told(R"([{"oauth":[]}])", nothing, true), "");
}

TEST(SecurityHints, NameWhatIsMissingAndHowItIsConfigured) {
  const struct {
    std::string_view security;
    const net::Credential& credential;
    std::string_view words;
  } table[] = {
      {R"([{"key":[]}])", nothing,
       "GET /a asks for an API key in the header X-Key, and this target shows no credential: "
       "expect "
       "such calls to be refused. What the document asks for is credentialProviderType API_KEY "
       "with credentialLocation HEADER and credentialParameterName X-Key."},
      {R"([{"query":[]}])", key,
       "an API key in the query parameter k, and this target shows the "
       "header x-key"},
      {R"([{"key":[]}])", in_query, "shows the query parameter k"},
      {R"([{"oauth":[]}])", role, "an OAuth token, and this target shows a signature of AWS"},
      {R"([{"oauth":[]}])", nothing, "is credentialProviderType OAUTH."},
      {R"([{"auth":[]}])", nothing, "Authorization (credentialPrefix is 'Bearer ' there unless"},
      {R"([{"aws":[]}])", nothing, "is credentialProviderType GATEWAY_IAM_ROLE."},
      {R"([{"basic":[]}])", nothing, "credentialPrefix 'Basic '"},
      {R"([{"key":[],"app":[]}])", key,
       "an API key in the header X-Key and an API key in the header X-App, and"},
      {R"([{"key":[],"app":[]},{"bearer":[]}])", nothing, "X-App, or a bearer token, and"},
      {R"([{"tls":[]}])", token, "a client certificate"},
      {R"([{"cookie":[]}])", nothing, "an API key in the cookie sid"},
  };
  for (const auto& row : table) {
    const auto text = told(row.security, row.credential);
    EXPECT_TRUE(text.contains(row.words)) << text;
    EXPECT_FALSE(text.contains("secret"));
  }
}

TEST(SecurityHints, CountTheOperationsOfADocument) {
  const auto document = read_document(R"({"openapi":"3.1.0","servers":[{"url":"https://x"}],
    "security":[{"key":[]}],"components":{"securitySchemes":{
      "key":{"type":"apiKey","in":"header","name":"X-Key"}}},
    "paths":{"/a":{"get":{"operationId":"a"},"put":{"operationId":"b"},
                   "post":{"operationId":"c","security":[]}}}})");
  ASSERT_TRUE(document);
  const auto catalogue =
      convert(*document, {.target_name = "t", .credential = nothing, .choose = {}});
  ASSERT_TRUE(catalogue);
  ASSERT_EQ(catalogue->notes.size(), 1);
  EXPECT_TRUE(catalogue->notes[0].starts_with("2 operations ask for an API key in the header"))
      << catalogue->notes[0];
}

}  // namespace
}  // namespace toolgate::targets::openapi
