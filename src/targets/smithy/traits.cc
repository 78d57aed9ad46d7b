#include "targets/smithy/traits.h"

#include <algorithm>
#include <array>

namespace toolgate::targets::smithy {
namespace {

constexpr std::array<std::string_view, 26> wire_traits{
    "aws.protocols#ec2QueryName",
    "aws.protocols#httpChecksum",
    "smithy.api#endpoint",
    "smithy.api#error",
    "smithy.api#hostLabel",
    "smithy.api#http",
    "smithy.api#httpChecksumRequired",
    "smithy.api#httpHeader",
    "smithy.api#httpLabel",
    "smithy.api#httpPayload",
    "smithy.api#httpPrefixHeaders",
    "smithy.api#httpQuery",
    "smithy.api#httpQueryParams",
    "smithy.api#httpResponseCode",
    "smithy.api#idempotencyToken",
    "smithy.api#jsonName",
    "smithy.api#mediaType",
    "smithy.api#required",
    "smithy.api#sparse",
    "smithy.api#timestampFormat",
    "smithy.api#xmlAttribute",
    "smithy.api#xmlFlattened",
    "smithy.api#xmlName",
    "smithy.api#xmlNamespace",
    "smithy.rules#contextParam",
    "aws.customizations#s3UnwrappedXmlOutput",
};

TimeFormat time_format(const JsonObject* traits) {
  const auto format = text_trait(traits, "smithy.api#timestampFormat");
  if (format == "date-time") return TimeFormat::date_time;
  if (format == "http-date") return TimeFormat::http_date;
  if (format == "epoch-seconds") return TimeFormat::epoch_seconds;
  return TimeFormat::by_place;
}

XmlNamespace xml_namespace(const JsonObject* traits) {
  const Json* value = trait(traits, "smithy.api#xmlNamespace");
  if (value == nullptr) return {};
  return {.prefix = json::find_string(*value, "prefix").value_or(""),
          .uri = json::find_string(*value, "uri").value_or("")};
}

struct PlaceTrait {
  std::string_view id;
  Place place;
};
constexpr std::array place_traits{
    PlaceTrait{"smithy.api#httpLabel", Place::label},
    PlaceTrait{"smithy.api#httpQuery", Place::query},
    PlaceTrait{"smithy.api#httpQueryParams", Place::query_map},
    PlaceTrait{"smithy.api#httpHeader", Place::header},
    PlaceTrait{"smithy.api#httpPrefixHeaders", Place::header_map},
    PlaceTrait{"smithy.api#httpPayload", Place::payload},
    PlaceTrait{"smithy.api#httpResponseCode", Place::status},
};

}  // namespace

const Json* trait(const JsonObject* traits, std::string_view id) {
  return traits == nullptr ? nullptr : traits->if_contains(id);
}

std::string_view text_trait(const JsonObject* traits, std::string_view id) {
  const Json* value = trait(traits, id);
  if (value == nullptr || !value->is_string()) return {};
  return value->get_string();
}

void read_traits(Shape& shape) {
  shape.xml_name = text_trait(shape.traits, "smithy.api#xmlName");
  shape.xml_namespace = xml_namespace(shape.traits);
  shape.sparse = trait(shape.traits, "smithy.api#sparse") != nullptr;
  shape.streaming = trait(shape.traits, "smithy.api#streaming") != nullptr;
}

void read_traits(Member& member) {
  const JsonObject* const traits = member.traits;
  const JsonObject* const inherited = member.target->traits;
  member.media_type = text_trait(traits, "smithy.api#mediaType");
  if (member.media_type.empty()) {
    member.media_type = text_trait(inherited, "smithy.api#mediaType");
  }
  member.time = time_format(traits);
  if (member.time == TimeFormat::by_place) member.time = time_format(inherited);
  if (traits == nullptr) return;
  member.json_name = text_trait(traits, "smithy.api#jsonName");
  member.xml_name = text_trait(traits, "smithy.api#xmlName");
  member.ec2_name = text_trait(traits, "aws.protocols#ec2QueryName");
  member.xml_namespace = xml_namespace(traits);
  for (const auto& each : place_traits) {
    const Json* value = traits->if_contains(each.id);
    if (value == nullptr) continue;
    member.place = each.place;
    if (value->is_string()) member.place_name = value->get_string();
  }
  member.required = traits->contains("smithy.api#required") || member.place == Place::label;
  member.flattened = traits->contains("smithy.api#xmlFlattened");
  member.attribute = traits->contains("smithy.api#xmlAttribute");
  member.host_label = traits->contains("smithy.api#hostLabel");
  member.idempotency_token = traits->contains("smithy.api#idempotencyToken");
  if (const Json* context = traits->if_contains("smithy.rules#contextParam")) {
    member.context_param = json::find_string(*context, "name").value_or("");
  }
}

bool is_wire_trait(std::string_view id) {
  return std::ranges::find(wire_traits, id) != wire_traits.end();
}

}  // namespace toolgate::targets::smithy
