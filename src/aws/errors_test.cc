#include "aws/errors.h"

#include <gtest/gtest.h>

#include "aws/testing.h"

namespace toolgate::aws {
namespace {

using testing::parsed;

Error error_of(Code code, std::string name = {}) {
  return {.code = code, .message = "why", .detail = {}, .name = std::move(name), .fields = {}};
}

std::string wire(std::string_view service, const Error& error) {
  const auto found = wire_error(*contract_of(service), error);
  return std::to_string(found.status) + " " + found.code +
         (found.reason.empty() ? "" : " " + found.reason);
}

struct Case {
  Code code;
  std::string_view name, wire;
};

void expect(std::string_view service, std::initializer_list<Case> cases) {
  for (const auto& [code, name, expected] : cases) {
    EXPECT_EQ(wire(service, error_of(code, std::string{name})), expected) << service << " " << name;
  }
}

TEST(WireError, OfAgentCore) {
  expect("bedrock-agentcore-control",
         {{Code::invalid, "", "400 ValidationException FieldValidationFailed"},
          {Code::invalid, "ValidationException", "400 ValidationException FieldValidationFailed"},
          {Code::invalid, "SerializationException", "400 ValidationException CannotParse"},
          {Code::invalid, "IdempotentParameterMismatchException",
           "400 ValidationException IdempotentParameterMismatchException"},
          {Code::invalid, "ResourceConflict", "400 ValidationException ResourceConflict"},
          {Code::invalid, "NobodyKnowsThis", "400 ValidationException FieldValidationFailed"},
          {Code::denied, "", "403 AccessDeniedException"},
          {Code::not_found, "", "404 ResourceNotFoundException"},
          {Code::conflict, "", "409 ConflictException"},
          {Code::throttled, "", "429 ThrottlingException"},
          {Code::quota, "", "402 ServiceQuotaExceededException"},
          {Code::quota, "ResourceLimitExceededException", "400 ResourceLimitExceededException"},
          {Code::internal, "", "500 InternalServerException"},
          {Code::internal, "EncryptionFailure", "400 EncryptionFailure"},
          {Code::unauthenticated, "MissingAuthenticationToken",
           "403 MissingAuthenticationTokenException"},
          {Code::unauthenticated, "IncompleteSignature", "403 IncompleteSignatureException"},
          {Code::unauthenticated, "UnrecognizedClientException", "403 UnrecognizedClientException"},
          {Code::unauthenticated, "SignatureDoesNotMatch", "403 InvalidSignatureException"},
          {Code::unauthenticated, "ExpiredToken", "403 ExpiredTokenException"},
          {Code::unauthenticated, "RequestTimeTooSkewed", "403 InvalidSignatureException"},
          {Code::not_found, "UnknownOperationException", "404 UnknownOperationException"}});
}

TEST(WireError, OfCognito) {
  expect("cognito-idp",
         {{Code::invalid, "", "400 InvalidParameterException"},
          {Code::invalid, "ValidationException", "400 InvalidParameterException"},
          {Code::invalid, "SerializationException", "400 SerializationException"},
          {Code::invalid, "ScopeDoesNotExistException", "400 ScopeDoesNotExistException"},
          {Code::not_found, "", "400 ResourceNotFoundException"},
          {Code::quota, "", "400 LimitExceededException"},
          {Code::throttled, "", "400 TooManyRequestsException"},
          {Code::denied, "", "400 NotAuthorizedException"},
          {Code::internal, "", "500 InternalErrorException"},
          {Code::unauthenticated, "SignatureDoesNotMatch", "400 InvalidSignatureException"}});
}

TEST(WireError, OfIamAndSts) {
  expect("iam",
         {{Code::invalid, "", "400 ValidationError"},
          {Code::invalid, "ValidationException", "400 ValidationError"},
          {Code::invalid, "MalformedPolicyDocument", "400 MalformedPolicyDocument"},
          {Code::not_found, "", "404 NoSuchEntity"},
          {Code::conflict, "", "409 EntityAlreadyExists"},
          {Code::conflict, "DeleteConflict", "409 DeleteConflict"},
          {Code::conflict, "DeleteConflictException", "409 DeleteConflict"},
          {Code::quota, "LimitExceeded", "409 LimitExceeded"},
          {Code::denied, "", "403 AccessDenied"},
          {Code::unauthenticated, "UnrecognizedClientException", "403 InvalidClientTokenId"},
          {Code::unauthenticated, "SignatureDoesNotMatch", "403 SignatureDoesNotMatch"},
          {Code::unauthenticated, "IncompleteSignature", "400 IncompleteSignature"},
          {Code::unauthenticated, "MissingAuthenticationToken", "403 MissingAuthenticationToken"},
          {Code::internal, "", "500 ServiceFailure"}});
  expect("sts", {{Code::unauthenticated, "ExpiredToken", "403 ExpiredToken"},
                 {Code::denied, "AccessDenied", "403 AccessDenied"},
                 {Code::invalid, "PackedPolicyTooLarge", "400 PackedPolicyTooLarge"}});
}

TEST(WireError, OfS3) {
  expect("s3", {{Code::denied, "", "403 AccessDenied"},
                {Code::denied, "AccessDenied", "403 AccessDenied"},
                {Code::denied, "AccessDeniedException", "403 AccessDenied"},
                {Code::unauthenticated, "RequestExpired", "403 AccessDenied"},
                {Code::unauthenticated, "RequestTimeTooSkewed", "403 RequestTimeTooSkewed"},
                {Code::throttled, "ThrottlingException", "503 SlowDown"},
                {Code::internal, "InternalFailure", "500 InternalError"}});
}

TEST(PrintError, WritesEachProtocolsForm) {
  Error error = error_of(Code::invalid);
  error.message = "a <b>";
  error.fields = {{"name", "too long"}};
  const auto body = [&](std::string_view service) {
    return std::string{net::buffered(print_error(*contract_of(service), error, "id-1"))};
  };
  EXPECT_EQ(parsed(body("bedrock-agentcore-control")),
            parsed(R"({"message":"a <b>","reason":"FieldValidationFailed",
                       "fieldList":[{"name":"name","message":"too long"}]})"));
  EXPECT_EQ(parsed(body("cognito-idp")),
            parsed(R"({"__type":"InvalidParameterException","message":"a <b>"})"));
  EXPECT_EQ(body("iam"),
            R"(<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error>)"
            "<Type>Sender</Type><Code>ValidationError</Code><Message>a &lt;b&gt;</Message></Error>"
            "<RequestId>id-1</RequestId></ErrorResponse>");
  EXPECT_EQ(body("s3"), R"(<?xml version="1.0" encoding="UTF-8"?><Error>)"
                        "<Code>InvalidArgument</Code><Message>a &lt;b&gt;</Message>"
                        "<RequestId>id-1</RequestId><HostId>"
                        "62bGI1cviipRZ84Bfe4FQcyOkBsPM0vq8mZb3poO1xE=</HostId></Error>");
  const auto response = print_error(*contract_of("bedrock-agentcore-control"), error, "id-1");
  EXPECT_EQ(net::find_header(response.headers, "x-amzn-errortype"), "ValidationException");
}

TEST(PrintError, KeepsDetailsToTheLog) {
  Error error = error_of(Code::internal);
  error.detail = "the inner secret";
  for (const auto service : contract_names()) {
    const auto response = print_error(*contract_of(service), error, "id-1");
    EXPECT_EQ(response.status, 500) << service;
    EXPECT_FALSE(net::buffered(response).contains("secret")) << service;
  }
}

}  // namespace
}  // namespace toolgate::aws
