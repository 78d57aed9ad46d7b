// What a client says of an object beside its bytes.
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "json/members.h"
#include "services/s3/write_object.h"

namespace toolgate::services::s3 {
namespace {

constexpr std::size_t metadata_bytes_max = 2'048;  // "Working with object metadata", S3 User Guide
// "Categorizing your storage using tags", S3 User Guide.
constexpr std::size_t object_tags_max = 10;
constexpr std::size_t tag_key_max = 128;
constexpr std::size_t tag_value_max = 256;

constexpr std::array<std::string_view, 7> kept_members{
    "CacheControl", "ContentDisposition",      "ContentLanguage", "ContentType",
    "Expires",      "WebsiteRedirectLocation", "StorageClass"};

// aws-chunked is how the body came, not what it is.
std::string content_encoding(std::string_view value) {
  std::vector<std::string> kept;
  for (const auto part : split(value, ',')) {
    if (!equal_ignoring_case(trim(part), "aws-chunked")) kept.emplace_back(trim(part));
  }
  return join(kept, ",");
}

Result<JsonObject> metadata_of(const aws::Call& call) {
  JsonObject out;
  std::size_t bytes = 0;
  if (const Json* given = json::find(call.input, "Metadata")) {
    for (const auto& [name, value] : given->get_object()) {
      bytes += name.size() + value.get_string().size();
      out[lower(name)] = value;
    }
  }
  if (bytes > metadata_bytes_max) {
    return refuse(Code::invalid, "MetadataTooLarge",
                  "Your metadata headers exceed the maximum allowed metadata size");
  }
  return out;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

Result<void> check_supported(const aws::Call& call) {
  for (const auto acl = aws::text_if(call, "ACL");
       acl && *acl != "private" && *acl != "bucket-owner-full-control";) {
    return not_implemented(fmt::format("ACL {}: every bucket of toolgate is private.", *acl));
  }
  // Who asks for a key of their own is not to believe that it was used.
  if (const auto sealing = aws::text_if(call, "ServerSideEncryption");
      sealing && *sealing != "AES256") {
    return not_implemented(
        fmt::format("ServerSideEncryption {}: toolgate seals no object under a KMS key. Leave it "
                    "out, or ask for AES256.",
                    *sealing));
  }
  for (const std::string_view member :
       {"SSEKMSKeyId", "SSEKMSEncryptionContext", "GrantFullControl", "GrantRead", "GrantReadACP",
        "GrantWriteACP", "SSECustomerAlgorithm", "CopySourceSSECustomerAlgorithm", "ObjectLockMode",
        "ObjectLockLegalHoldStatus", "WriteOffsetBytes"}) {
    if (json::find(call.input, member) != nullptr) {
      return not_implemented(fmt::format("{} is not served by toolgate.", member));
    }
  }
  return {};
}

Result<void> check_tags(const JsonArray& tags, std::size_t count_max) {
  if (tags.size() > count_max) {
    return refuse(Code::invalid, "BadRequest",
                  fmt::format("Object tags cannot be greater than {}", count_max));
  }
  std::vector<std::string> keys;
  for (const auto& tag : tags) {
    auto key = json::member(tag, "Key");
    if (key.empty() || characters(key) > tag_key_max || key.starts_with("aws:")) {
      return refuse(Code::invalid, "InvalidTag", "The TagKey you have provided is invalid");
    }
    if (characters(json::member(tag, "Value")) > tag_value_max) {
      return refuse(Code::invalid, "InvalidTag", "The TagValue you have provided is invalid");
    }
    if (std::ranges::find(keys, key) != keys.end()) {
      return refuse(Code::invalid, "InvalidTag", "Cannot provide multiple Tags with the same key");
    }
    keys.push_back(std::move(key));
  }
  return {};
}

Result<JsonArray> tags_of_header(std::string_view header) {
  JsonArray tags;
  for (const auto part : split(header, '&')) {
    if (part.empty()) continue;
    const auto equals = part.find('=');
    const auto key = percent_decode(part.substr(0, equals), Plus::is_space);
    const auto value = equals == std::string_view::npos
                           ? std::string{}
                           : percent_decode(part.substr(equals + 1), Plus::is_space);
    if (!key || !value) {
      return refuse(Code::invalid, "InvalidArgument",
                    "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL "
                    "query parameters without tag name duplicates.");
    }
    tags.push_back(JsonObject{{"Key", *key}, {"Value", *value}});
  }
  TRY_DO(check_tags(tags, object_tags_max));
  return tags;
}

Result<JsonObject> described(const aws::Call& call) {
  TRY_DO(check_supported(call));
  JsonObject members;
  for (const auto name : kept_members) {
    if (const Json* given = json::find(call.input, name)) members[name] = *given;
  }
  // What is kept is the same for all classes; only the name is ("Storage classes").
  if (json::member(members, "StorageClass") == "STANDARD") members.erase("StorageClass");
  if (const auto given = aws::text_if(call, "ContentEncoding")) {
    if (auto encoding = content_encoding(*given); !encoding.empty()) {
      members["ContentEncoding"] = std::move(encoding);
    }
  }
  TRY(auto metadata, metadata_of(call));
  JsonObject row{{"members", std::move(members)}, {"metadata", std::move(metadata)}};
  if (const auto tagging = aws::text_if(call, "Tagging")) {
    TRY(row["tags"], tags_of_header(*tagging));
  }
  return row;
}

}  // namespace toolgate::services::s3
