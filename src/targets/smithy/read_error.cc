// The code and message of an answer that is an error, in each protocol.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "json/json.h"
#include "json/scan.h"
#include "targets/smithy/read.h"

namespace toolgate::targets::smithy {
namespace {

// "com.amazonaws.dynamodb#ResourceNotFoundException:http://…" → "ResourceNotFoundException".
std::string bare_code(std::string_view code) {
  const auto colon = code.find(':');
  code = code.substr(0, colon);
  const auto hash = code.rfind('#');
  if (hash != code.npos) code.remove_prefix(hash + 1);
  return std::string{trim(code)};
}

constexpr std::array<std::string_view, 6> own_members{"__type", "message", "Message",
                                                      "code",   "Code",    "errorMessage"};

ServiceError json_error(const net::ClientResponse& answer) {
  ServiceError out;
  if (const auto type = answer.headers.find("x-amzn-errortype")) out.code = bare_code(*type);
  const auto body = json::parse(answer.body);
  const auto* members = body ? body->if_object() : nullptr;
  if (members == nullptr) {
    out.message = json::replace_broken_utf8(answer.body.substr(0, 2'000));
    return out;
  }
  for (const std::string_view name : {"__type", "code", "Code"}) {
    if (!out.code.empty()) break;
    out.code = bare_code(json::find_string(*body, name).value_or(""));
  }
  for (const std::string_view name : {"message", "Message", "errorMessage"}) {
    if (!out.message.empty()) break;
    out.message = json::find_string(*body, name).value_or("");
  }
  JsonObject more;
  for (const auto& each : *members) {
    if (std::ranges::find(own_members, std::string_view{each.key()}) == own_members.end()) {
      more[each.key()] = each.value();
    }
  }
  if (!more.empty()) out.details = json::print(more);
  return out;
}

// <ErrorResponse><Error>, <Response><Errors><Error>, or <Error> itself.
const xml::Element* error_element(const xml::Element& root) {
  if (root.name == "Error") return &root;
  if (const xml::Element* errors = root.find("Errors")) return errors->find("Error");
  return root.find("Error");
}

ServiceError xml_error(const net::ClientResponse& answer) {
  ServiceError out;
  const auto root =
      answer.body.empty() ? Result<xml::Element>{xml::Element{}} : parse_xml(answer.body);
  const xml::Element* error = root ? error_element(*root) : nullptr;
  if (error == nullptr) {
    out.message = json::replace_broken_utf8(answer.body.substr(0, 2'000));
    return out;
  }
  out.code = error->text_of("Code");
  out.message = error->text_of("Message");
  if (out.message.empty()) out.message = error->text_of("message");
  return out;
}

}  // namespace

ServiceError read_error(const Operation& operation, const net::ClientResponse& answer) {
  const bool xml = operation.protocol == Protocol::rest_xml ||
                   operation.protocol == Protocol::aws_query ||
                   operation.protocol == Protocol::ec2_query;
  ServiceError out = xml ? xml_error(answer) : json_error(answer);
  // The code that clients of the older protocol know.
  if (const auto old = answer.headers.find("x-amzn-query-error");
      old && operation.query_compatible) {
    out.code = std::string{old->substr(0, old->find(';'))};
  }
  return out;
}

}  // namespace toolgate::targets::smithy
