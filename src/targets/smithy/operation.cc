// An operation of its recipe: read once, when the target is served.
#include <algorithm>
#include <array>

#include "targets/smithy/recipe.h"

namespace toolgate::targets::smithy {
namespace {

constexpr std::array protocols{Protocol::aws_json_1_0, Protocol::aws_json_1_1,
                               Protocol::rest_json_1,  Protocol::rest_xml,
                               Protocol::aws_query,    Protocol::ec2_query};

// What json::member gives is a copy; these point into the document, which the operation keeps.
std::string_view text_of(const Json& call, std::string_view name) {
  return json::find_string(call, name).value_or("");
}

std::optional<Endpoint> endpoint_of(const Json& call) {
  const Json* value = json::find(call, "endpoint");
  if (value == nullptr) return std::nullopt;
  Endpoint out{.url = std::string{text_of(*value, "url")},
               .signing_name = std::string{text_of(*value, "signingName")},
               .signing_region = std::string{text_of(*value, "signingRegion")}};
  if (const JsonArray* headers = json::find_array(*value, "headers")) {
    for (const auto& each : *headers) {
      const auto* pair = each.if_array();
      if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_string() ||
          !(*pair)[1].is_string()) {
        continue;
      }
      out.headers.emplace_back((*pair)[0].get_string(), (*pair)[1].get_string());
    }
  }
  return out;
}

void read_traits_of(const Json& call, Operation& out) {
  const Json* node = json::find(call, "traits");
  const JsonObject* traits = node == nullptr ? nullptr : node->if_object();
  if (const Json* endpoint = trait(traits, "smithy.api#endpoint")) {
    out.host_prefix = text_of(*endpoint, "hostPrefix");
  }
  out.checksum_required = trait(traits, "smithy.api#httpChecksumRequired") != nullptr;
  if (const Json* checksum = trait(traits, "aws.protocols#httpChecksum")) {
    out.checksum_member = text_of(*checksum, "requestAlgorithmMember");
    out.checksum_required = out.checksum_required ||
                            json::find_bool(*checksum, "requestChecksumRequired").value_or(false);
    out.checksum_supported = !out.checksum_member.empty();
  }
  out.unwrapped_output = trait(traits, "aws.customizations#s3UnwrappedXmlOutput") != nullptr;
}

}  // namespace

Result<std::shared_ptr<const Operation>> Operation::parse(std::string_view recipe) {
  auto out = std::make_shared<Operation>();
  TRY(out->model, Model::parse(recipe));
  const Json* call = json::find(out->model->document(), "call");
  if (call == nullptr) return fail(Code::invalid, "Smithy recipe: expected a member call");
  const auto protocol = std::ranges::find(protocols, text_of(*call, "protocol"), name_of);
  if (protocol == protocols.end()) return fail(Code::invalid, "Smithy recipe: unknown protocol");
  out->protocol = *protocol;
  out->name = text_of(*call, "operation");
  out->service_name = text_of(*call, "service");
  out->version = text_of(*call, "version");
  out->signing_name = text_of(*call, "signingName");
  out->endpoint_name = text_of(*call, "endpointPrefix");
  out->region = text_of(*call, "region");
  out->input = out->model->find(text_of(*call, "input"));
  out->output = out->model->find(text_of(*call, "output"));
  if (const auto method = json::find_string(*call, "method")) out->method = *method;
  if (const auto uri = json::find_string(*call, "uri")) out->uri = *uri;
  out->query_compatible = json::find_bool(*call, "queryCompatible").value_or(false);
  out->bucket_in_path = json::find_bool(*call, "bucketInPath").value_or(false);
  out->short_ids = json::find_bool(*call, "shortIds").value_or(false);
  out->is_unsigned = json::find_bool(*call, "unsigned").value_or(false);
  if (const Json* space = json::find(*call, "xmlNamespace")) {
    out->xml_namespace = {.prefix = text_of(*space, "prefix"), .uri = text_of(*space, "uri")};
  }
  read_traits_of(*call, *out);
  out->endpoint = endpoint_of(*call);
  if (const JsonArray* rules = json::find_array(*call, "rules")) out->rules = *rules;
  if (const Json* context = json::find(*call, "context")) out->context = context->if_object();
  return std::shared_ptr<const Operation>{std::move(out)};
}

}  // namespace toolgate::targets::smithy
