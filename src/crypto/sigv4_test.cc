#include "crypto/sigv4.h"

#include "crypto/hash.h"
#include "crypto/sigv4_canonical.h"
#include "crypto/sigv4_testing.h"

namespace toolgate::crypto {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace testing;

// Signs a request as a client would, so that only what a test changes afterwards is wrong.
Request signed_again(Request request, std::string_view service = "bedrock-agentcore") {
  drop_header(request, "authorization");
  drop_header(request, "x-amz-date");
  drop_header(request, "x-amz-content-sha256");
  for (auto& [name, value] : sign(view(request),
                                  {.access_key_id = "AKIDEXAMPLEKEY000001",
                                   .secret_access_key = std::string{long_secret},
                                   .session_token = {},
                                   .region = "us-west-2",
                                   .service = std::string{service}},
                                  signed_at)) {
    request.headers.emplace_back(name, value);
  }
  return request;
}

TEST(VerifySignature, AcceptsWhatBotocoreSigned) {
  for (const auto& request : vectors::requests()) {
    EXPECT_EQ(outcome(request, request.secret, request.signed_at), "") << request.name;
    EXPECT_EQ(outcome(request, "another secret", request.signed_at), "SignatureDoesNotMatch")
        << request.name;
  }
}

TEST(VerifySignature, RefusesEveryChangedPart) {
  const auto refuses = [](const char* why, auto change) {
    Request request = plain();
    change(request);
    EXPECT_EQ(outcome(request, long_secret), "SignatureDoesNotMatch") << why;
  };
  refuses("method", [](Request& r) { r.method = "PUT"; });
  refuses("path", [](Request& r) { r.path += "x"; });
  refuses("path meaning", [](Request& r) { replace(r.path, "%2F", "/"); });
  refuses("path spelling", [](Request& r) { replace(r.path, "%2F", "%2f"); });
  refuses("query", [](Request& r) { r.query += "1"; });
  refuses("more query", [](Request& r) { r.query += "&a"; });
  refuses("less query", [](Request& r) { r.query = ""; });
  refuses("body", [](Request& r) { r.body += " "; });
  refuses("host", [](Request& r) { header(r, "host") += "x"; });
  refuses("signed header", [](Request& r) { header(r, "content-type") += "x"; });
  refuses("signed header twice", [](Request& r) { r.headers.emplace_back("Content-Type", "x"); });
  refuses("signed header gone", [](Request& r) { drop_header(r, "content-type"); });
  refuses("time", [](Request& r) { header(r, "x-amz-date") = "20261121T093001Z"; });
  refuses("region", [](Request& r) { replace(header(r, "authorization"), "west-2", "west-1"); });
  refuses("service", [](Request& r) { replace(header(r, "authorization"), "-agentcore", ""); });
  refuses("date of the scope",
          [](Request& r) { replace(header(r, "authorization"), "/20261121/", "/20261120/"); });
  refuses("list of headers",
          [](Request& r) { replace(header(r, "authorization"), "content-type;host", "host"); });
}

// A signature made with the secret, over what the claim says, right or wrong.
std::string outcome_of_claim(const Request& request, SignatureClaim claim) {
  const std::string hash = sha256_hex(request.body);
  const std::string time = iso_time(claim.signed_at);
  claim.signature =
      signature_of(view(request),
                   {.scope = {.date = claim.date, .region = claim.region, .service = claim.service},
                    .time = time,
                    .signed_headers = claim.signed_headers,
                    .payload_hash = hash},
                   long_secret);
  const auto verified = verify_signature(view(request), claim, long_secret, signed_at);
  return verified ? "" : verified.error().name;
}

TEST(VerifySignature, RefusesWhatWasSignedWrongly) {
  const Request request = plain();
  const auto claim = parse_signature(view(request)).value().value();
  EXPECT_EQ(outcome_of_claim(request, claim), "");
  SignatureClaim other_day = claim;
  other_day.date = "20261120";
  EXPECT_EQ(outcome_of_claim(request, other_day), "SignatureDoesNotMatch");
  SignatureClaim header_that_is_not_there = claim;
  header_that_is_not_there.signed_headers.emplace_back("z");
  EXPECT_EQ(outcome_of_claim(request, header_that_is_not_there), "SignatureDoesNotMatch");
}

TEST(VerifySignature, JoinsTheValuesOfARepeatedHeader) {
  Request request = plain();
  request.headers.emplace_back("X-Two", " a  b ");
  request.headers.emplace_back("x-two", "c");
  request = signed_again(request);
  drop_header(request, "x-two");
  request.headers.emplace_back("x-two", "a b,c");
  EXPECT_EQ(outcome(request, long_secret), "");
  header(request, "x-two") = "a bc";
  EXPECT_EQ(outcome(request, long_secret), "SignatureDoesNotMatch");
}

TEST(VerifySignature, LetsUnsignedHeadersPass) {
  Request request = plain();
  request.headers.emplace_back("User-Agent", "changed by a proxy");
  EXPECT_EQ(outcome(request, long_secret), "");
}

TEST(VerifySignature, RefusesAnUnsignedAmazonHeader) {
  Request request = plain();
  request.headers.emplace_back("X-Amz-Security-Token", "someone else's");
  EXPECT_EQ(outcome(request, long_secret), "SignatureDoesNotMatch");
  Request in_query = presigned();
  in_query.headers.emplace_back("x-amz-target", "x");
  EXPECT_EQ(outcome(in_query, in_query.secret), "SignatureDoesNotMatch");
}

TEST(VerifySignature, NeedsAHostThatIsSigned) {
  Request request = plain();
  replace(header(request, "authorization"), ";host;", ";");
  EXPECT_EQ(outcome(request, long_secret), "IncompleteSignature");
}

TEST(VerifySignature, AllowsAQuarterOfAnHourOfSkew) {
  EXPECT_EQ(outcome(plain(), long_secret, signed_at + 15min), "");
  EXPECT_EQ(outcome(plain(), long_secret, signed_at - 15min), "");
  EXPECT_EQ(outcome(plain(), long_secret, signed_at + 15min + 1ms), "RequestTimeTooSkewed");
  EXPECT_EQ(outcome(plain(), long_secret, signed_at - 15min - 1ms), "RequestTimeTooSkewed");
}

TEST(VerifySignature, EndsWithTheQuerysOwnExpiry) {
  const Request request = presigned();
  EXPECT_EQ(outcome(request, request.secret, signed_at + 60s), "");
  EXPECT_EQ(outcome(request, request.secret, signed_at + 61s), "RequestExpired");
  EXPECT_EQ(outcome(request, request.secret, signed_at - 15min), "");
  EXPECT_EQ(outcome(request, request.secret, signed_at - 16min), "RequestExpired");
}

TEST(VerifySignature, RefusesEveryChangedQueryParameter) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"GetCallerIdentity", "GetCallerIdentitx"},
      {"X-Amz-Expires=60", "X-Amz-Expires=61"},
      {"T093000Z", "T093001Z"},
      {"session%2Btoken", "session%2Ctoken"},
      {"ASIAEXAMPLE", "ASIAEXAMPLF"},
      {"us-east-1", "us-east-2"},
      {"?", "?x=1&"}};
  for (const auto& [what, by] : cases) {
    Request request = presigned();
    request.query.insert(0, "?");
    replace(request.query, what, by);
    request.query.erase(0, 1);
    EXPECT_EQ(outcome(request, request.secret), "SignatureDoesNotMatch") << what << " -> " << by;
  }
}

TEST(VerifySignature, TakesQueryParametersInAnyOrder) {
  Request request = plain();
  request.query = "b=2&a=%20&c&a=1&B=";
  request = signed_again(request);
  EXPECT_EQ(outcome(request, long_secret), "");
  request.query = "c=&a=1&B=&a=%20&b=2";
  EXPECT_EQ(outcome(request, long_secret), "");
  request.query = "c=&a=1&B=&a=&b=2";
  EXPECT_EQ(outcome(request, long_secret), "SignatureDoesNotMatch");
}

TEST(VerifySignature, ChecksADeclaredPayloadHash) {
  Request request = signed_again(plain());
  EXPECT_EQ(outcome(request, long_secret), "");
  request.body += "x";
  EXPECT_EQ(outcome(request, long_secret), "SignatureDoesNotMatch");
}

TEST(VerifySignature, AcceptsAnUnsignedPayloadOnlyWhereTheClientSaidSo) {
  Request request = vector_of("an unsigned payload");
  request.body = "whatever else";
  EXPECT_EQ(outcome(request, request.secret), "");
  drop_header(request, "x-amz-content-sha256");
  EXPECT_EQ(outcome(request, request.secret), "SignatureDoesNotMatch");
  Request claimed = plain();
  claimed.headers.emplace_back("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
  EXPECT_EQ(outcome(claimed, long_secret), "SignatureDoesNotMatch");
}

TEST(VerifySignature, SaysThatChunkedPayloadsAreNotSupported) {
  Request request = vector_of("an unsigned payload");
  for (const auto form :
       {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}) {
    header(request, "x-amz-content-sha256") = form;
    const auto claim = parse_signature(view(request)).value().value();
    const auto verified = verify_signature(view(request), claim, request.secret, signed_at);
    ASSERT_FALSE(verified);
    EXPECT_EQ(verified.error().name, "IncompleteSignature");
    EXPECT_NE(verified.error().message.find(form), std::string::npos);
  }
}

TEST(VerifySignature, IgnoresThePayloadOfAPresignedS3RequestOnly) {
  Request object = vector_of("a presigned S3 object");
  object.body = "x";
  EXPECT_EQ(outcome(object, object.secret), "");
  Request call = presigned();
  call.body = "x";
  EXPECT_EQ(outcome(call, call.secret), "SignatureDoesNotMatch");
}

TEST(VerifySignature, UnderstandsTheDateHeader) {
  Request request = vector_of("a Date header");
  EXPECT_EQ(outcome(request, request.secret, request.signed_at), "");
  header(request, "date") = "Sun, 30 Aug 2015 12:36:01 GMT";
  EXPECT_EQ(outcome(request, request.secret, request.signed_at), "SignatureDoesNotMatch");
  for (const auto date : {"Sun, 30 Foo 2015 12:36:00 GMT", "Sunday, 30-Aug-15 12:36:00 GMT",
                          "Sun, 31 Feb 2015 12:36:00 GMT", "Sun, 30 Aug 2015 12:36:00 CET"}) {
    header(request, "date") = date;
    EXPECT_EQ(outcome(request, request.secret, request.signed_at), "IncompleteSignature") << date;
  }
}

TEST(Sign, IsVerifiedForEveryShapeOfRequest) {
  for (const auto service : {"bedrock-agentcore", "s3"}) {
    for (const auto path : {"/", "/a%2Fb/c", "/a%20b//c/", "/a/../b", "/%C3%BC+x", "/100%"}) {
      for (const auto query : {"", "a", "a=", "b=1&a=%2F+", "=x", "&&a=1&"}) {
        Request request = plain();
        request.path = path;
        request.query = query;
        request.headers.emplace_back("X-Two", " a  b ");
        request.headers.emplace_back("X-Two", "c");
        EXPECT_EQ(outcome(signed_again(request, service), long_secret), "")
            << service << path << query;
      }
    }
  }
}

TEST(Sign, GivesTheHeadersToAdd) {
  Request request = plain();
  drop_header(request, "x-amz-date");
  drop_header(request, "authorization");
  request.headers.emplace_back("User-Agent", "x");
  const auto added = sign(view(request),
                          {.access_key_id = "ASIA1",
                           .secret_access_key = "s",
                           .session_token = "tok",
                           .region = "eu-west-1",
                           .service = "lambda"},
                          signed_at);
  ASSERT_EQ(added.size(), 4U);
  EXPECT_EQ(added[0], std::pair("x-amz-date"s, "20261121T093000Z"s));
  EXPECT_EQ(added[1], std::pair("x-amz-content-sha256"s, sha256_hex(request.body)));
  EXPECT_EQ(added[2], std::pair("x-amz-security-token"s, "tok"s));
  EXPECT_EQ(added[3].first, "authorization");
  EXPECT_TRUE(added[3].second.starts_with(
      "AWS4-HMAC-SHA256 Credential=ASIA1/20261121/eu-west-1/lambda/aws4_request, "
      "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token;"
      "x-amzn-bedrock-agentcore-runtime-session-id, Signature="));
}

}  // namespace
}  // namespace toolgate::crypto
