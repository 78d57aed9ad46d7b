#include "aws/read_xml.h"

#include <gtest/gtest.h>

#include "aws/bucket_uri.h"
#include "aws/router.h"
#include "aws/testing.h"

namespace toolgate::aws {
namespace {

TEST(ParseXml, SaysInS3sWordsWhatIsWrong) {
  const auto root = parse_xml("<a></b>");
  ASSERT_FALSE(root);
  EXPECT_EQ(root.error().code, Code::invalid);
  EXPECT_EQ(root.error().name, "MalformedXML");
  EXPECT_EQ(root.error().message,
            "The XML you provided was not well-formed or did not validate against our published "
            "schema (line 1: mismatched tag).");
}

TEST(ReadXmlPayload, WantsTheContractsRootInAnyNamespace) {
  const Member& tagging = *contract_of("s3")->find("PutBucketTagging")->input->payload;
  const std::string set = "<TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet>";
  const Json wanted = testing::parsed(R"({"TagSet":[{"Key":"a","Value":"1"}]})");
  for (const std::string& text :
       {"<Tagging>" + set + "</Tagging>",
        "<Tagging xmlns='http://s3.amazonaws.com/doc/2006-03-01/'>" + set + "</Tagging>",
        "<s:Tagging xmlns:s='http://s3.amazonaws.com/doc/2006-03-01/'>" + set + "</s:Tagging>"}) {
    const auto read = read_xml_payload(tagging, text);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, wanted);
  }
  const auto other = read_xml_payload(tagging, "<Tags>" + set + "</Tags>");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().name, "MalformedXML");
  EXPECT_TRUE(other.error().message.ends_with("(the root element is Tags; expected Tagging)."))
      << other.error().message;
}

TEST(ValueOfXml, GoesByTheContractsNames) {
  const Contract* s3 = contract_of("s3");
  const auto root = parse_xml(
      "<Delete xmlns='http://s3.amazonaws.com/doc/2006-03-01/'><Object><Key>a</Key></Object>"
      "<Other/><Quiet>true</Quiet><Object><Key>b</Key><VersionId>null</VersionId></Object>"
      "</Delete>");
  ASSERT_TRUE(root);
  EXPECT_EQ(*value_of_xml(*s3->shape("Delete"), *root, ""),
            testing::parsed(R"({"Objects":[{"Key":"a"},{"Key":"b","VersionId":"null"}],
                                "Quiet":true})"));
  const auto wrong = parse_xml("<Delete><Quiet>perhaps</Quiet></Delete>");
  EXPECT_EQ(value_of_xml(*s3->shape("Delete"), *wrong, "").error().name, "MalformedXML");
  const auto twice = parse_xml("<Tag><Key>a</Key><Key>b</Key></Tag>");
  EXPECT_EQ(value_of_xml(*s3->shape("Tag"), *twice, "").error().name, "MalformedXML");
}

std::string bucket_of(std::string_view host) {
  const auto found = bucket_host(host);
  return found ? "[" + found->bucket + "]" : "-";
}

TEST(BucketHost, KnowsTheStylesOfS3sNames) {
  EXPECT_EQ(bucket_of("s3.amazonaws.com"), "[]");
  EXPECT_EQ(bucket_of("s3.eu-west-1.amazonaws.com:443"), "[]");
  EXPECT_EQ(bucket_of("s3.dualstack.us-east-1.amazonaws.com"), "[]");
  EXPECT_EQ(bucket_of("my.bucket.s3.amazonaws.com"), "[my.bucket]");
  EXPECT_EQ(bucket_of("b.s3.us-west-2.amazonaws.com"), "[b]");
  EXPECT_EQ(bucket_of("b.s3-fips.us-west-2.amazonaws.com"), "[b]");
  EXPECT_EQ(bucket_of("s3.s3.us-west-2.amazonaws.com"), "[s3]");
  for (const std::string_view host :
       {"iam.amazonaws.com", "s3.example.com", "b.s3.x.y.amazonaws.com", "127.0.0.1:7878",
        "s3-control.us-east-1.amazonaws.com", "amazonaws.com"}) {
    EXPECT_EQ(bucket_of(host), "-") << host;
  }
}

TEST(BucketUri, KeepsTheKeyAsItIs) {
  const auto parts = [](std::string target, std::string host = "127.0.0.1:7878") {
    testing::Sent sent{.method = "GET", .target = std::move(target), .host = std::move(host)};
    const auto uri = bucket_uri(sent.request());
    std::string out;
    if (!uri) return std::string{"-"};
    for (const auto& segment : uri->segments) out += "[" + segment + "]";
    return out;
  };
  EXPECT_EQ(parts("/"), "");
  EXPECT_EQ(parts("/b"), "[b]");
  EXPECT_EQ(parts("/b/"), "[b]");
  EXPECT_EQ(parts("/b/a//c/../d/"), "[b][a//c/../d/]");
  EXPECT_EQ(parts("/b//a"), "[b][/a]");
  EXPECT_EQ(parts("/b/a%2Fc+d"), "[b][a/c+d]");
  EXPECT_EQ(parts("/a/b", "x.s3.amazonaws.com"), "[x][a/b]");
  EXPECT_EQ(parts("/", "x.s3.amazonaws.com"), "[x]");
  EXPECT_EQ(parts("/b/%"), "-");
  EXPECT_EQ(parts("/b/%FF"), "-");
}

std::string routed(testing::Sent sent) {
  sent.host = "s3.us-east-1.amazonaws.com";
  const auto request = sent.request();
  const auto route = find_route(request, RequestUri{});
  return route.operation == nullptr ? "-" : std::string{route.operation->name};
}

TEST(FindRoute, TellsS3sOperationsOfOneUriApartByWhatTheyRequire) {
  EXPECT_EQ(routed({.method = "GET", .target = "/"}), "ListBuckets");
  EXPECT_EQ(routed({.method = "GET", .target = "/b"}), "ListObjects");
  EXPECT_EQ(routed({.method = "GET", .target = "/b?list-type=2"}), "ListObjectsV2");
  EXPECT_EQ(routed({.method = "GET", .target = "/b?lifecycle"}), "GetBucketLifecycleConfiguration");
  EXPECT_EQ(routed({.method = "GET", .target = "/b?acl"}), "GetBucketAcl");
  EXPECT_EQ(routed({.method = "PUT", .target = "/b/k"}), "PutObject");
  EXPECT_EQ(routed({.method = "PUT", .target = "/b/k?x-id=PutObject"}), "PutObject");
  EXPECT_EQ(routed({.method = "PUT", .target = "/b/k", .headers = {{"x-amz-copy-source", "b/o"}}}),
            "CopyObject");
  const std::string part = "/b/k?partNumber=1&uploadId=u";
  EXPECT_EQ(routed({.method = "PUT", .target = part}), "UploadPart");
  EXPECT_EQ(routed({.method = "PUT", .target = part, .headers = {{"x-amz-copy-source", "b/o"}}}),
            "UploadPartCopy");
  EXPECT_EQ(routed({.method = "GET", .target = "/b/k?uploadId=u"}), "ListParts");
  EXPECT_EQ(routed({.method = "DELETE", .target = "/b/k?uploadId=u"}), "AbortMultipartUpload");
  EXPECT_EQ(routed({.method = "DELETE", .target = "/b/k"}), "DeleteObject");
  EXPECT_EQ(routed({.method = "POST", .target = "/b/k?uploads"}), "CreateMultipartUpload");
  EXPECT_EQ(routed({.method = "POST", .target = "/b/k?uploadId=u"}), "CompleteMultipartUpload");
  EXPECT_EQ(routed({.method = "POST", .target = "/b?delete"}), "DeleteObjects");
}

}  // namespace
}  // namespace toolgate::aws
