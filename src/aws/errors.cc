#include "aws/errors.h"

#include <span>

#include <fmt/format.h>

namespace toolgate::aws {
namespace {

struct CodeRow {
  Code code;
  std::string_view name;
  int status;
};

// bedrock-agentcore, and every other service that speaks REST.
constexpr std::array rest_codes{
    CodeRow{Code::invalid, "ValidationException", 400},
    CodeRow{Code::unauthenticated, "UnrecognizedClientException", 403},
    CodeRow{Code::denied, "AccessDeniedException", 403},
    CodeRow{Code::not_found, "ResourceNotFoundException", 404},
    CodeRow{Code::conflict, "ConflictException", 409},
    CodeRow{Code::quota, "ServiceQuotaExceededException", 402},
    CodeRow{Code::throttled, "ThrottlingException", 429},
    CodeRow{Code::too_large, "RequestEntityTooLargeException", 413},
    // The other side is the caller's own choice; a 5xx would make SDKs try again.
    CodeRow{Code::upstream, "ValidationException", 400},
    CodeRow{Code::timeout, "ServiceUnavailableException", 503},
    CodeRow{Code::unavailable, "ServiceUnavailableException", 503},
    CodeRow{Code::internal, "InternalServerException", 500},
};

// cognito-idp, and every other service that speaks json 1.1.
constexpr std::array json_codes{
    CodeRow{Code::invalid, "InvalidParameterException", 400},
    CodeRow{Code::unauthenticated, "UnrecognizedClientException", 400},
    CodeRow{Code::denied, "NotAuthorizedException", 400},
    CodeRow{Code::not_found, "ResourceNotFoundException", 400},
    CodeRow{Code::conflict, "ConcurrentModificationException", 400},
    CodeRow{Code::quota, "LimitExceededException", 400},
    CodeRow{Code::throttled, "TooManyRequestsException", 400},
    CodeRow{Code::too_large, "RequestEntityTooLargeException", 413},
    CodeRow{Code::upstream, "InvalidParameterException", 400},
    CodeRow{Code::timeout, "ServiceUnavailableException", 503},
    CodeRow{Code::unavailable, "ServiceUnavailableException", 503},
    CodeRow{Code::internal, "InternalErrorException", 500},
};

// iam and sts.
constexpr std::array query_codes{
    CodeRow{Code::invalid, "ValidationError", 400},
    CodeRow{Code::unauthenticated, "InvalidClientTokenId", 403},
    CodeRow{Code::denied, "AccessDenied", 403},
    CodeRow{Code::not_found, "NoSuchEntity", 404},
    CodeRow{Code::conflict, "EntityAlreadyExists", 409},
    CodeRow{Code::quota, "LimitExceeded", 409},
    CodeRow{Code::throttled, "Throttling", 400},
    CodeRow{Code::too_large, "RequestEntityTooLarge", 413},
    CodeRow{Code::upstream, "ValidationError", 400},
    CodeRow{Code::timeout, "ServiceUnavailable", 503},
    CodeRow{Code::unavailable, "ServiceUnavailable", 503},
    CodeRow{Code::internal, "ServiceFailure", 500},
};

// s3, which is the one that speaks rest-xml.
constexpr std::array xml_codes{
    CodeRow{Code::invalid, "InvalidArgument", 400},
    CodeRow{Code::unauthenticated, "AccessDenied", 403},
    CodeRow{Code::denied, "AccessDenied", 403},
    CodeRow{Code::not_found, "NoSuchKey", 404},
    CodeRow{Code::conflict, "OperationAborted", 409},
    CodeRow{Code::quota, "InvalidRequest", 400},
    CodeRow{Code::throttled, "SlowDown", 503},
    CodeRow{Code::too_large, "EntityTooLarge", 400},
    CodeRow{Code::upstream, "IncompleteBody", 400},
    CodeRow{Code::timeout, "RequestTimeout", 400},
    CodeRow{Code::unavailable, "ServiceUnavailable", 503},
    CodeRow{Code::internal, "InternalError", 500},
};

// The same for its errors by name ("Error responses", S3 API), where the contract does not have
// them; names of other services first, in S3's words.
struct XmlRow {
  std::string_view name;  // Error::name
  std::string_view code;
  int status;
};
constexpr std::array xml_errors{
    XmlRow{"MissingAuthenticationToken", "AccessDenied", 403},
    XmlRow{"IncompleteSignature", "AuthorizationHeaderMalformed", 400},
    XmlRow{"UnrecognizedClientException", "InvalidAccessKeyId", 403},
    XmlRow{"InvalidClientTokenId", "InvalidAccessKeyId", 403},
    XmlRow{"RequestExpired", "AccessDenied", 403},
    XmlRow{"RequestTimeTooSkewed", "RequestTimeTooSkewed", 403},
    XmlRow{"ExpiredToken", "ExpiredToken", 400},
    XmlRow{"AccessDenied", "AccessDenied", 403},
    XmlRow{"AccessDeniedException", "AccessDenied", 403},
    XmlRow{"ThrottlingException", "SlowDown", 503},
    XmlRow{"InternalFailure", "InternalError", 500},
    XmlRow{"UnknownOperationException", "NotImplemented", 501},
    XmlRow{"SerializationException", "InvalidArgument", 400},
    XmlRow{"ValidationException", "InvalidArgument", 400},
    XmlRow{"BadDigest", "BadDigest", 400},
    XmlRow{"BucketAlreadyExists", "BucketAlreadyExists", 409},
    XmlRow{"BucketAlreadyOwnedByYou", "BucketAlreadyOwnedByYou", 409},
    XmlRow{"BucketNotEmpty", "BucketNotEmpty", 409},
    XmlRow{"EntityTooLarge", "EntityTooLarge", 400},
    XmlRow{"EntityTooSmall", "EntityTooSmall", 400},
    XmlRow{"IllegalLocationConstraintException", "IllegalLocationConstraintException", 400},
    XmlRow{"IncompleteBody", "IncompleteBody", 400},
    XmlRow{"InvalidBucketName", "InvalidBucketName", 400},
    XmlRow{"InvalidDigest", "InvalidDigest", 400},
    XmlRow{"InvalidLocationConstraint", "InvalidLocationConstraint", 400},
    XmlRow{"InvalidPart", "InvalidPart", 400},
    XmlRow{"InvalidPartNumber", "InvalidPartNumber", 416},
    XmlRow{"InvalidPartOrder", "InvalidPartOrder", 400},
    XmlRow{"InvalidRange", "InvalidRange", 416},
    XmlRow{"InvalidRequest", "InvalidRequest", 400},
    XmlRow{"InvalidTag", "InvalidTag", 400},
    XmlRow{"KeyTooLongError", "KeyTooLongError", 400},
    XmlRow{"MalformedTrailerError", "MalformedTrailerError", 400},
    XmlRow{"MalformedXML", "MalformedXML", 400},
    XmlRow{"MetadataTooLarge", "MetadataTooLarge", 400},
    XmlRow{"MissingContentLength", "MissingContentLength", 411},
    XmlRow{"NoSuchBucket", "NoSuchBucket", 404},
    XmlRow{"NoSuchKey", "NoSuchKey", 404},
    XmlRow{"NoSuchLifecycleConfiguration", "NoSuchLifecycleConfiguration", 404},
    XmlRow{"NoSuchPublicAccessBlockConfiguration", "NoSuchPublicAccessBlockConfiguration", 404},
    XmlRow{"NoSuchTagSet", "NoSuchTagSet", 404},
    XmlRow{"NoSuchUpload", "NoSuchUpload", 404},
    XmlRow{"NoSuchVersion", "NoSuchVersion", 404},
    XmlRow{"NotImplemented", "NotImplemented", 501},
    XmlRow{"OperationAborted", "OperationAborted", 409},
    XmlRow{"PreconditionFailed", "PreconditionFailed", 412},
    XmlRow{"SignatureDoesNotMatch", "SignatureDoesNotMatch", 403},
    XmlRow{"TooManyBuckets", "TooManyBuckets", 400},
    XmlRow{"XAmzContentSHA256Mismatch", "XAmzContentSHA256Mismatch", 400},
};

// kms, which has words of its own.
constexpr std::array kms_codes{
    CodeRow{Code::invalid, "ValidationException", 400},
    CodeRow{Code::unauthenticated, "UnrecognizedClientException", 400},
    CodeRow{Code::denied, "AccessDeniedException", 400},
    CodeRow{Code::not_found, "NotFoundException", 400},
    CodeRow{Code::conflict, "KMSInvalidStateException", 400},
    CodeRow{Code::quota, "LimitExceededException", 400},
    CodeRow{Code::throttled, "ThrottlingException", 400},
    CodeRow{Code::too_large, "RequestEntityTooLargeException", 413},
    CodeRow{Code::upstream, "ValidationException", 400},
    CodeRow{Code::timeout, "DependencyTimeoutException", 500},
    CodeRow{Code::unavailable, "KMSInternalException", 500},
    CodeRow{Code::internal, "KMSInternalException", 500},
};

std::span<const CodeRow> codes_of(const Contract& contract) {
  if (contract.service == "kms") return kms_codes;
  switch (contract.protocol) {
    case ProtocolName::json:
      return json_codes;
    case ProtocolName::query:
      return query_codes;
    case ProtocolName::rest_xml:
      return xml_codes;
    case ProtocolName::rest_json:
      break;
  }
  return rest_codes;
}

// Names that every service answers, whatever its own contract says ("Common Errors" of the API
// references), as each family of protocols spells them.
struct Spelling {
  std::string_view code;
  int status;
};
struct CommonRow {
  std::string_view name;  // Error::name
  Spelling rest;
  Spelling json;
  Spelling query;
};
constexpr std::array common_errors{
    CommonRow{"MissingAuthenticationToken",
              {"MissingAuthenticationTokenException", 403},
              {"MissingAuthenticationTokenException", 400},
              {"MissingAuthenticationToken", 403}},
    CommonRow{"IncompleteSignature",
              {"IncompleteSignatureException", 403},
              {"IncompleteSignatureException", 400},
              {"IncompleteSignature", 400}},
    CommonRow{"UnrecognizedClientException",
              {"UnrecognizedClientException", 403},
              {"UnrecognizedClientException", 400},
              {"InvalidClientTokenId", 403}},
    CommonRow{"InvalidClientTokenId",
              {"UnrecognizedClientException", 403},
              {"UnrecognizedClientException", 400},
              {"InvalidClientTokenId", 403}},
    CommonRow{"SignatureDoesNotMatch",
              {"InvalidSignatureException", 403},
              {"InvalidSignatureException", 400},
              {"SignatureDoesNotMatch", 403}},
    CommonRow{"RequestExpired",
              {"InvalidSignatureException", 403},
              {"InvalidSignatureException", 400},
              {"RequestExpired", 400}},
    CommonRow{"RequestTimeTooSkewed",
              {"InvalidSignatureException", 403},
              {"InvalidSignatureException", 400},
              {"RequestExpired", 400}},
    CommonRow{"ExpiredToken",
              {"ExpiredTokenException", 403},
              {"ExpiredTokenException", 400},
              {"ExpiredToken", 403}},
    CommonRow{"AccessDenied",
              {"AccessDeniedException", 403},
              {"AccessDeniedException", 400},
              {"AccessDenied", 403}},
    CommonRow{"AccessDeniedException",
              {"AccessDeniedException", 403},
              {"AccessDeniedException", 400},
              {"AccessDenied", 403}},
    CommonRow{"UnknownOperationException",
              {"UnknownOperationException", 404},
              {"UnknownOperationException", 404},
              {"UnknownOperationException", 404}},
    CommonRow{"SerializationException",
              {"SerializationException", 400},
              {"SerializationException", 400},
              {"MalformedInput", 400}},
    CommonRow{"InvalidParameterValue",
              {"ValidationException", 400},
              {"InvalidParameterException", 400},
              {"InvalidParameterValue", 400}},
    CommonRow{"InvalidInput",
              {"ValidationException", 400},
              {"InvalidParameterException", 400},
              {"InvalidInput", 400}},
    CommonRow{"ThrottlingException",
              {"ThrottlingException", 429},
              {"ThrottlingException", 400},
              {"Throttling", 400}},
    CommonRow{"ServiceUnavailable",
              {"ServiceUnavailableException", 503},
              {"ServiceUnavailableException", 503},
              {"ServiceUnavailable", 503}},
    CommonRow{"InternalFailure",
              {"InternalFailure", 500},
              {"InternalFailure", 500},
              {"InternalFailure", 500}},
};

const Spelling& spelled(const CommonRow& row, ProtocolName protocol) {
  if (protocol == ProtocolName::query) return row.query;
  return protocol == ProtocolName::json ? row.json : row.rest;
}

// The reasons that the service's ValidationException may give; none for most services.
std::span<const std::string_view> reasons_of(const Contract& contract) {
  const Shape* shape = contract.error("ValidationException");
  const Member* reason = shape == nullptr ? nullptr : shape->find("reason");
  return reason == nullptr ? std::span<const std::string_view>{}
                           : std::span<const std::string_view>{reason->shape->values};
}

// The table's error for this code alone.
WireError by_code(const Contract& contract, Code code) {
  const auto rows = codes_of(contract);
  const auto row = std::ranges::find(rows, code, &CodeRow::code);
  return {.status = row->status,
          .code = std::string{row->name},
          .message = {},
          .reason = {},
          .fields = {}};
}

// By the error's own name, when the contract or the common errors know it.
std::optional<WireError> by_name(const Contract& contract, std::string_view name) {
  if (contract.protocol == ProtocolName::rest_xml) {
    const auto row = std::ranges::find(xml_errors, name, &XmlRow::name);
    if (row != xml_errors.end()) {
      return WireError{.status = row->status,
                       .code = std::string{row->code},
                       .message = {},
                       .reason = {},
                       .fields = {}};
    }
  }
  const auto common = std::ranges::find(common_errors, name, &CommonRow::name);
  if (common != common_errors.end()) {
    const auto& spelling = spelled(*common, contract.protocol);
    return WireError{.status = spelling.status,
                     .code = std::string{spelling.code},
                     .message = {},
                     .reason = {},
                     .fields = {}};
  }
  if (const Shape* shape = contract.error(name)) {
    return WireError{.status = shape->status == 0 ? 400 : shape->status,
                     .code = std::string{shape->error_code},
                     .message = {},
                     .reason = {},
                     .fields = {}};
  }
  return std::nullopt;
}

}  // namespace

WireError wire_error(const Contract& contract, const Error& error) {
  const auto reasons = reasons_of(contract);
  const auto is_reason = [&](std::string_view name) {
    return std::ranges::find(reasons, name) != reasons.end();
  };
  WireError out = by_code(contract, error.code);
  if (!reasons.empty() && error.code == Code::invalid &&
      (error.name == "SerializationException" || is_reason(error.name))) {
    out.reason = is_reason(error.name) ? error.name : "CannotParse";
  } else if (auto named = by_name(contract, error.name)) {
    out = std::move(*named);
  }
  if (!reasons.empty() && out.code == "ValidationException" && out.reason.empty()) {
    out.reason = "FieldValidationFailed";
  }
  out.message = error.message;
  out.fields = error.fields;
  return out;
}

Error unknown_operation(const Contract& contract, std::string_view operation) {
  return no_such_operation(
      fmt::format("Operation {} of {} is not served by toolgate", operation, contract.service));
}

Error no_such_operation(std::string message) {
  return {.code = Code::not_found,
          .message = std::move(message),
          .detail = {},
          .name = "UnknownOperationException",
          .fields = {}};
}

}  // namespace toolgate::aws
