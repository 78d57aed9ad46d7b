#include "crypto/sigv4_testing.h"

namespace toolgate::crypto {
namespace {

using namespace std::chrono_literals;
using namespace testing;

TEST(ParseSignature, GivesTheClaim) {
  const auto claim = parse_signature(view(plain())).value().value();
  EXPECT_EQ(claim.form, SignatureClaim::Form::header);
  EXPECT_EQ(claim.access_key_id, "AKIDEXAMPLEKEY000001");
  EXPECT_EQ(claim.date, "20261121");
  EXPECT_EQ(claim.region, "us-west-2");
  EXPECT_EQ(claim.service, "bedrock-agentcore");
  EXPECT_EQ(claim.signed_at, signed_at);
  EXPECT_EQ(claim.signed_headers.size(), 4U);
  EXPECT_EQ(claim.session_token, "");

  const auto in_query = parse_signature(view(presigned())).value().value();
  EXPECT_EQ(in_query.form, SignatureClaim::Form::query);
  EXPECT_EQ(in_query.access_key_id, "ASIAEXAMPLEKEY000002");
  EXPECT_EQ(in_query.session_token, "FwoGZX/session+token==");
  EXPECT_EQ(in_query.expires_in, 60s);
}

TEST(ParseSignature, FindsNoneInOtherRequests) {
  for (const auto value : {"Bearer abc", "Basic eDp5", ""}) {
    Request request = plain();
    header(request, "authorization") = value;
    EXPECT_EQ(outcome(request, long_secret), "not signed") << value;
  }
  Request request = plain();
  drop_header(request, "authorization");
  EXPECT_EQ(outcome(request, long_secret), "not signed");
}

TEST(ParseSignature, RefusesMalformedHeaders) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"},
      {"AWS4-HMAC-SHA256", "AWS AKIA:sig"},
      {"AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA256"},
      {"Credential=", "Credential"},
      {"Credential=", "Credential=,Credential="},
      {"Credential=", "Other=x, Credential="},
      {"AKIDEXAMPLEKEY000001", ""},
      {"AKIDEXAMPLEKEY000001", "AKID EXAMPLE"},
      {"/aws4_request", ""},
      {"/aws4_request", "/aws4"},
      {"/us-west-2", "/us-west-2/x"},
      {"/us-west-2", "/"},
      {"SignedHeaders=", "SignedHeaders=;"},
      {"content-type;host", "Content-Type;host"},
      {"content-type;host", "host;content-type"},
      {"content-type;host", "host;host"},
      {"SignedHeaders=content-type;host;", "X="},
      {"Signature=8", "Signature="},
      {"Signature=8", "Signature=G"},
      {"Signature=8", "Signature=88"},
      {", Signature=", ", Sig="},
  };
  for (const auto& [what, by] : cases) {
    Request request = plain();
    replace(header(request, "authorization"), what, by);
    EXPECT_EQ(outcome(request, long_secret), "IncompleteSignature") << what << " -> " << by;
  }
  Request twice = plain();
  twice.headers.emplace_back("authorization", header(twice, "Authorization"));
  EXPECT_EQ(outcome(twice, long_secret), "IncompleteSignature");
  Request both = presigned();
  both.headers.emplace_back("authorization", header(twice, "Authorization"));
  EXPECT_EQ(outcome(both, both.secret), "IncompleteSignature");
}

TEST(ParseSignature, RefusesMalformedDates) {
  for (const auto date :
       {"20261121T093000", "2026-11-21T09:30:00Z", "20261321T093000Z", "20260231T093000Z",
        "20261121T246000Z", "+0261121T093000Z", "", "20261121T093000Z,20261121T093000Z"}) {
    Request request = plain();
    header(request, "x-amz-date") = date;
    EXPECT_EQ(outcome(request, long_secret), "IncompleteSignature") << date;
  }
  Request request = plain();
  drop_header(request, "x-amz-date");
  EXPECT_EQ(outcome(request, long_secret), "IncompleteSignature");
}

TEST(ParseSignature, RefusesMalformedQueries) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Algorithm=AWS4-HMAC-SHA1"},
      {"X-Amz-Algorithm=AWS4-HMAC-SHA256&", ""},
      {"X-Amz-Credential=", "X="},
      {"X-Amz-Date=", "X-Amz-Date=9"},
      {"X-Amz-Expires=60", "X-Amz-Expires=0"},
      {"X-Amz-Expires=60", "X-Amz-Expires=-60"},
      {"X-Amz-Expires=60", "X-Amz-Expires=604801"},
      {"X-Amz-Expires=60", "X-Amz-Expires=60s"},
      {"X-Amz-Expires=60&", ""},
      {"X-Amz-Expires=60", "X-Amz-Expires=60&X-Amz-Expires=60"},
      {"X-Amz-SignedHeaders=host&", ""},
      {"&X-Amz-Signature=", "&Signature="},
      {"X-Amz-Security-Token=", "X-Amz-Security-Token=&x="},
  };
  for (const auto& [what, by] : cases) {
    Request request = presigned();
    replace(request.query, what, by);
    EXPECT_EQ(outcome(request, request.secret), "IncompleteSignature") << what << " -> " << by;
  }
}

}  // namespace
}  // namespace toolgate::crypto
