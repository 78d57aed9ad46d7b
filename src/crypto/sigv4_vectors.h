// Requests signed by botocore 1.44.5; three of them are the examples that AWS documents. For the
// tests of this room.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace toolgate::crypto::vectors {

struct Request {
  std::string name;
  std::string method;
  std::string path;
  std::string query;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string secret;
  Time signed_at;
};

inline Time at(int year, unsigned month, unsigned day, int minute) {
  return Time{std::chrono::sys_days{std::chrono::year{year} / static_cast<int>(month) /
                                    static_cast<int>(day)}} +
         std::chrono::minutes{minute};
}

inline const std::vector<Request>& requests() {
  static const std::vector<Request> all{
      {.name = "a form with a session token",
       .method = "POST",
       .path = "/",
       .query = "",
       .headers =
           {
               {"Host", "sts.us-east-1.amazonaws.com"},
               {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
               {"X-Amz-Date", "20261121T093000Z"},
               {"X-Amz-Security-Token", "FwoGZX/session+token=="},
               {"Authorization",
                "AWS4-HMAC-SHA256 Credential=ASIAEXAMPLEKEY000002/20261121/us-east-1/sts/aw"
                "s4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-toke"
                "n, Signature=1ee9d46333aed7abf035531731a954866fdb69ed3ecb430702ebec0e80ac1"
                "391"},
           },
       .body = "Action=GetCallerIdentity&Version=2011-06-15",
       .secret = "temporary/secret",
       .signed_at = at(2026, 11, 21, 570)},
      {.name = "query parameters in any order, empty, repeated, encoded",
       .method = "GET",
       .path = "/gateways/",
       .query = "nextToken=b%2Fz%3D%3D&maxResults=10&flag&empty=&x=2&x=10&X=1&a%20b=%C3%BC",
       .headers =
           {
               {"Host", "bedrock-agentcore-control.eu-central-1.amazonaws.com"},
               {"X-Amz-Date", "20261121T093000Z"},
               {"Authorization",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLEKEY000001/20261121/eu-central-1/bed"
                "rock-agentcore/aws4_request, SignedHeaders=host;x-amz-date, Signature=0268"
                "1914bf108fc2e1cbba0edb6193b3ff9d2e56c93aa4da4c32a0c715780d39"},
           },
       .body = "",
       .secret = "wJalr/EXAMPLE+secret0000000000000000000",
       .signed_at = at(2026, 11, 21, 570)},
      {.name = "an encoded ARN in the path",
       .method = "POST",
       .path = "/runtimes/arn%3Aaws%3Abedrock-agentcore%3Aus-west-2%3A123456789012%3Aruntim"
               "e%2Fmy_agent-abc/invocations",
       .query = "qualifier=DEFAULT",
       .headers =
           {
               {"Host", "bedrock-agentcore.us-west-2.amazonaws.com"},
               {"Content-Type", "application/json"},
               {"X-Amzn-Bedrock-AgentCore-Runtime-Session-Id",
                "0123456789012345678901234567890123"},
               {"X-Amz-Date", "20261121T093000Z"},
               {"Authorization",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLEKEY000001/20261121/us-west-2/bedroc"
                "k-agentcore/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz"
                "n-bedrock-agentcore-runtime-session-id, Signature=83605772716935afe50dc5ad"
                "91cc2573247f8ffdedf88735e91af9de213373d8"},
           },
       .body = "{\"prompt\":\"hi\"}",
       .secret = "wJalr/EXAMPLE+secret0000000000000000000",
       .signed_at = at(2026, 11, 21, 570)},
      {.name = "dot segments and double slashes",
       .method = "GET",
       .path = "/a//b/./c/../d/",
       .query = "",
       .headers =
           {
               {"Host", "api.us-east-1.amazonaws.com"},
               {"X-Amz-Date", "20261121T093000Z"},
               {"Authorization",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLEKEY000001/20261121/us-east-1/execut"
                "e-api/aws4_request, SignedHeaders=host;x-amz-date, Signature=7dc3890d8cb63"
                "8b3e83821459d0290c141025f6931848d79498ca683a0033a35"},
           },
       .body = "",
       .secret = "wJalr/EXAMPLE+secret0000000000000000000",
       .signed_at = at(2026, 11, 21, 570)},
      {.name = "runs of spaces in a header",
       .method = "POST",
       .path = "/",
       .query = "",
       .headers =
           {
               {"Host", "iam.amazonaws.com"},
               {"X-Amz-Meta", "  a   b  c "},
               {"Content-Type", "text/plain"},
               {"X-Amz-Date", "20261121T093000Z"},
               {"Authorization",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLEKEY000001/20261121/us-east-1/iam/aw"
                "s4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-meta, Signatu"
                "re=7b3b0ab3101d4da2d52028d5ed7c31a25fd0d63255d93fbe9c3c7f8c75804b5b"},
           },
       .body = "x",
       .secret = "wJalr/EXAMPLE+secret0000000000000000000",
       .signed_at = at(2026, 11, 21, 570)},
      {.name = "an S3 object with spaces and signs",
       .method = "PUT",
       .path = "/folder//a%20b/%C3%BC%2Bz.txt",
       .query = "",
       .headers =
           {
               {"Host", "bucket.s3.us-east-1.amazonaws.com"},
               {"x-amz-acl", "private"},
               {"X-Amz-Date", "20261121T093000Z"},
               {"X-Amz-Content-SHA256",
                "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"},
               {"Authorization",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLEKEY000001/20261121/us-east-1/s3/aws"
                "4_request, SignedHeaders=host;x-amz-acl;x-amz-content-sha256;x-amz-date, S"
                "ignature=11e915ca467ddcf4ab3a7a25f004238687c4a081e3f4e95bc5cb79ed86140a6c"},
           },
       .body = "content",
       .secret = "wJalr/EXAMPLE+secret0000000000000000000",
       .signed_at = at(2026, 11, 21, 570)},
      {.name = "a presigned call",
       .method = "GET",
       .path = "/",
       .query = "Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA2"
                "56&X-Amz-Credential=ASIAEXAMPLEKEY000002%2F20261121%2Fus-east-1%2Fsts%2Faw"
                "s4_request&X-Amz-Date=20261121T093000Z&X-Amz-Expires=60&X-Amz-SignedHeader"
                "s=host&X-Amz-Security-Token=FwoGZX%2Fsession%2Btoken%3D%3D&X-Amz-Signature"
                "=1465e3fe40b775c5442abf97afbc2190801080d978b07b839877eaa97182eacf",
       .headers =
           {
               {"Host", "sts.us-east-1.amazonaws.com"},
           },
       .body = "",
       .secret = "temporary/secret",
       .signed_at = at(2026, 11, 21, 570)},
      {.name = "a presigned S3 object",
       .method = "GET",
       .path = "/a/b%20c",
       .query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLEKEY000001%2F2"
                "0261121%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20261121T093000Z&X-Amz-"
                "Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=4e8fef50afe959496783"
                "6fb78a3b9ff195c62c507702d4330506ac9ccb42cde7",
       .headers =
           {
               {"Host", "bucket.s3.us-east-1.amazonaws.com"},
           },
       .body = "",
       .secret = "wJalr/EXAMPLE+secret0000000000000000000",
       .signed_at = at(2026, 11, 21, 570)},
      {.name = "an unsigned payload",
       .method = "POST",
       .path = "/x",
       .query = "",
       .headers =
           {
               {"Host", "bedrock-agentcore.us-east-1.amazonaws.com"},
               {"X-Amz-Date", "20261121T093000Z"},
               {"X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD"},
               {"Authorization",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLEKEY000001/20261121/us-east-1/bedroc"
                "k-agentcore/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-da"
                "te, Signature=6575570ec22e1112b1737860cf96e40b55b94c3d03e872d77849f0760afb"
                "27a2"},
           },
       .body = "anything",
       .secret = "wJalr/EXAMPLE+secret0000000000000000000",
       .signed_at = at(2026, 11, 21, 570)},
      {.name = "an empty body",
       .method = "DELETE",
       .path = "/gateways/g-0123456789/",
       .query = "",
       .headers =
           {
               {"Host", "bedrock-agentcore-control.us-east-1.amazonaws.com"},
               {"X-Amz-Target", "a"},
               {"X-Amz-Date", "20261121T093000Z"},
               {"Authorization",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLEKEY000001/20261121/us-east-1/bedroc"
                "k-agentcore/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Sign"
                "ature=b2351c436d236940c67e78d931b03bcfac208ac7603ae326ea41308533dcf2db"},
           },
       .body = "",
       .secret = "wJalr/EXAMPLE+secret0000000000000000000",
       .signed_at = at(2026, 11, 21, 570)},
      {.name = "IAM User Guide, ListUsers",
       .method = "GET",
       .path = "/",
       .query = "Action=ListUsers&Version=2010-05-08",
       .headers =
           {
               {"Host", "iam.amazonaws.com"},
               {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
               {"X-Amz-Date", "20150830T123600Z"},
               {"Authorization",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_reques"
                "t, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162"
                "d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"},
           },
       .body = "",
       .secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
       .signed_at = at(2015, 8, 30, 756)},
      {.name = "S3 API, GET object",
       .method = "GET",
       .path = "/test.txt",
       .query = "",
       .headers =
           {
               {"Host", "examplebucket.s3.amazonaws.com"},
               {"Range", "bytes=0-9"},
               {"X-Amz-Date", "20130524T000000Z"},
               {"X-Amz-Content-SHA256",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
               {"Authorization",
                "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws"
                "4_request, SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, Signa"
                "ture=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
           },
       .body = "",
       .secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
       .signed_at = at(2013, 5, 24, 0)},
      {.name = "S3 API, presigned GET",
       .method = "GET",
       .path = "/test.txt",
       .query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F2"
                "0130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-"
                "Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c"
                "0109b86d86835f995330da4c265957d157751f604d404",
       .headers =
           {
               {"Host", "examplebucket.s3.amazonaws.com"},
           },
       .body = "",
       .secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
       .signed_at = at(2013, 5, 24, 0)},
      {.name = "a Date header",
       .method = "GET",
       .path = "/",
       .query = "",
       .headers =
           {
               {"Host", "iam.amazonaws.com"},
               {"Date", "Sun, 30 Aug 2015 12:36:00 -0000"},
               {"Authorization",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_reques"
                "t, SignedHeaders=date;host, Signature=408e5c2dbc35348418bc3d78fdc0f8abd85c"
                "baa2fc47abb432e483bb9ff22196"},
           },
       .body = "",
       .secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
       .signed_at = at(2015, 8, 30, 756)},
  };
  return all;
}

}  // namespace toolgate::crypto::vectors
