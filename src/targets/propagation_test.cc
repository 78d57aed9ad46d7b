#include "targets/propagation.h"

#include <gtest/gtest.h>

#include "targets/http_exchange.h"

namespace toolgate::targets {
namespace {

Result<void> check(std::string_view metadata, std::string_view credentials = "null") {
  const Json given = *json::parse(metadata);
  const Json wanted = *json::parse(credentials);
  return check_propagation(given, &wanted);
}

// A request with these header fields and query.
struct Asked {
  net::Request request;
  Asked(std::initializer_list<net::HeaderView> fields, std::string_view query = "") {
    for (const auto& field : fields) request.headers.add(field);
    request.query = query;
  }
};

std::shared_ptr<const Propagation> rules_of(std::string_view metadata) {
  const Json given = *json::parse(metadata);
  return read_propagation(&given);
}

TEST(CheckPropagation, RefusesWhatIsRestrictedAndSaysWhere) {
  for (const std::string_view name : {"Authorization",
                                      "COOKIE",
                                      "set-cookie",
                                      "Host",
                                      "Content-Length",
                                      "Accept",
                                      "Connection",
                                      "X-Forwarded-For",
                                      "X-Served-By",
                                      "X-XSS-Protection",
                                      "Sec-WebSocket-Key",
                                      "TE",
                                      "Origin",
                                      "Access-Control-Allow-Origin",
                                      "X-Amzn-Trace-Id",
                                      "x-amz-security-token",
                                      "Mcp-Session-Id",
                                      "mcp-protocol-version",
                                      "Expect",
                                      "Via",
                                      "a b",
                                      "a:b",
                                      ":path",
                                      "X-Ü"}) {
    for (const std::string_view member : {"allowedRequestHeaders", "allowedResponseHeaders"}) {
      const auto checked =
          check(R"({")" + std::string{member} + R"(":["X-Fine",)" + json::quote(name) + "]}");
      ASSERT_FALSE(checked) << name;
      EXPECT_EQ(checked.error().code, Code::invalid);
      ASSERT_EQ(checked.error().fields.size(), 1) << name;
      EXPECT_EQ(checked.error().fields.front().path,
                "metadataConfiguration." + std::string{member} + "[1]");
    }
  }
  EXPECT_FALSE(check(R"({"allowedQueryParameters":["a","b\n"]})"));
}

TEST(CheckPropagation, TakesOtherNames) {
  EXPECT_TRUE(check(R"({"allowedRequestHeaders":["X-Tenant","x_under","traceparent",)"
                    R"("X-Amzn-Bedrock-AgentCore-Runtime-Custom-Id","X-Api-Key"],)"
                    R"("allowedQueryParameters":["version","filter[x]"],)"
                    R"("allowedResponseHeaders":["x-rate-limit-remaining"]})"));
}

TEST(CheckPropagation, KeepsThePlaceOfAnApiKey) {
  const auto key = [](std::string_view place) {
    return R"([{"credentialProviderType":"API_KEY","credentialProvider":{)"
           R"("apiKeyCredentialProvider":{"providerArn":"a")" +
           std::string{place} + "}}}]";
  };
  const auto header = check(R"({"allowedRequestHeaders":["x-API-key"]})",
                            key(R"(,"credentialParameterName":"X-Api-Key")"));
  ASSERT_FALSE(header);
  EXPECT_EQ(header.error().fields.front().path, "metadataConfiguration.allowedRequestHeaders[0]");
  const std::string in_query = R"(,"credentialLocation":"QUERY_PARAMETER")";
  EXPECT_FALSE(check(R"({"allowedQueryParameters":["api_key"]})", key(in_query)));
  EXPECT_FALSE(check(R"({"allowedQueryParameters":["k"]})",
                     key(in_query + R"(,"credentialParameterName":"k")")));
  EXPECT_TRUE(check(R"({"allowedQueryParameters":["X-Api-Key"]})",
                    key(R"(,"credentialParameterName":"X-Api-Key")")));
}

TEST(ReadPropagation, IsNothingWhereNothingIsListed) {
  EXPECT_EQ(read_propagation(nullptr), nullptr);
  EXPECT_EQ(rules_of("{}"), nullptr);
  const auto rules = rules_of(R"({"allowedRequestHeaders":["X-A","x-a","X-B"]})");
  ASSERT_NE(rules, nullptr);
  EXPECT_EQ(rules->request_headers, (std::vector<std::string>{"X-A", "X-B"}));
}

TEST(PassageOf, TakesWhatIsListedAndNothingElse) {
  const auto rules =
      rules_of(R"({"allowedRequestHeaders":["X-Tenant","X-None"],"allowedQueryParameters":["v"]})");
  const Asked asked{{{"x-tenant", "a"}, {"x-other", "secret"}, {"X-TENANT", "b"}},
                    "v=1%202&w=3&V=4&v=+5&v"};
  const auto passage = passage_of(*rules, asked.request);
  ASSERT_TRUE(passage);
  ASSERT_EQ(passage->headers.size(), 1);
  EXPECT_EQ(passage->headers[0].name, "X-Tenant");
  EXPECT_EQ(passage->headers[0].value, "a, b");
  HttpCall call{.url = *net::Url::parse("http://h/p?w=own"), .headers = {{"accept", "x"}}};
  passage->put_on(call);
  EXPECT_EQ(call.url.target, "/p?w=own&v=1%202&v=%205&v=");
  EXPECT_EQ(net::find_header(call.headers, "x-tenant"), "a, b");
  EXPECT_EQ(call.headers.size(), 2);
}

TEST(PassageOf, LeavesWhatTheToolsArgumentsSay) {
  const auto rules =
      rules_of(R"({"allowedRequestHeaders":["X-Tenant"],"allowedQueryParameters":["a b"]})");
  const Asked asked{{{"x-tenant", "client"}}, "a%20b=client"};
  const auto passage = passage_of(*rules, asked.request);
  ASSERT_TRUE(passage);
  HttpCall call{.url = *net::Url::parse("http://h/p?a+b=own"), .headers = {{"x-Tenant", "own"}}};
  passage->put_on(call);
  EXPECT_EQ(call.url.target, "/p?a+b=own");
  EXPECT_EQ(call.headers.size(), 1);
  EXPECT_EQ(call.headers[0].value, "own");
}

TEST(PassageOf, RefusesValuesThatAreTooLongOrNoText) {
  const auto rules =
      rules_of(R"({"allowedRequestHeaders":["X-A"],"allowedQueryParameters":["q"]})");
  const std::string longest(4'096, 'x');
  EXPECT_TRUE(passage_of(*rules, Asked({{"x-a", longest}}, "q=" + longest).request));
  const std::string longer = longest + 'x';
  const auto refused = passage_of(*rules, Asked({{"x-a", longer}}).request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "Header 'X-A' is longer than 4096 bytes");
  for (const std::string_view query : {"q=%0d%0aX:y", "q=%", "q=%C3%BC"}) {
    EXPECT_FALSE(passage_of(*rules, Asked({}, query).request)) << query;
  }
  EXPECT_FALSE(passage_of(*rules, Asked({{"x-a", "\xc3\xbc"}}).request));
}

TEST(Passage, BringsBackWhatIsListed) {
  const auto rules = rules_of(R"({"allowedResponseHeaders":["X-Left","X-Long"]})");
  auto passage = *passage_of(*rules, Asked({}).request);
  EXPECT_FALSE(passage.sends());
  EXPECT_EQ(passage.mark(), "");
  net::HeaderViews first;
  const std::string longer(4'097, 'x');
  first.add({"x-left", "3"});
  first.add({"x-secret", "s"});
  first.add({"x-long", longer});
  passage.take_back(first);
  ASSERT_EQ(passage.back.size(), 1);
  EXPECT_EQ(passage.back[0].name, "X-Left");
  EXPECT_EQ(passage.back[0].value, "3");
  passage.take_back({});  // the answer to a second try
  EXPECT_TRUE(passage.back.empty());
}

TEST(Passage, HasAMarkOfWhatItTells) {
  const auto rules =
      rules_of(R"({"allowedRequestHeaders":["X-A"],"allowedQueryParameters":["q"]})");
  const auto mark = [&](std::string_view value, std::string_view query) {
    return passage_of(*rules, Asked({{"x-a", value}}, query).request)->mark();
  };
  EXPECT_EQ(mark("1", "q=2"), mark("1", "q=%32"));
  EXPECT_NE(mark("1", "q=2"), mark("2", "q=2"));
  EXPECT_NE(mark("1", "q=2"), mark("1", "q=3"));
}

}  // namespace
}  // namespace toolgate::targets
