#include "targets/openapi/request_body.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "targets/http_result.h"
#include "targets/openapi/flat_object.h"
#include "targets/openapi/xml_hints.h"

namespace toolgate::targets::openapi {
namespace {

constexpr std::string_view body_argument = "body";

struct Ranked {
  BodyKind kind = BodyKind::binary;
  int rank = 9;  // the lower the better
};

Ranked rank(std::string_view content_type) {
  const std::string type = media_type_of(content_type);
  if (type == "application/json") return {.kind = BodyKind::json, .rank = 0};
  if (is_json_type(type)) return {.kind = BodyKind::json, .rank = 1};
  if (type == "*/*" || type == "application/*") return {.kind = BodyKind::json, .rank = 2};
  if (type == "application/x-www-form-urlencoded") return {.kind = BodyKind::form, .rank = 3};
  if (type.starts_with("multipart/")) return {.kind = BodyKind::multipart, .rank = 4};
  if (type.ends_with("/xml") || type.ends_with("+xml")) return {.kind = BodyKind::xml, .rank = 5};
  if (type.starts_with("text/") || type.ends_with("/yaml") || type.ends_with("ndjson") ||
      type.ends_with("/x-yaml")) {
    return {.kind = BodyKind::text, .rank = 6};
  }
  return {};
}

// What is sent as content-type: a range of types becomes the usual one of its kind.
std::string sent_type(BodyKind kind, std::string_view written) {
  if (!written.contains('*')) return std::string{trim(written)};
  switch (kind) {
    case BodyKind::json:
      return "application/json";
    case BodyKind::text:
      return "text/plain";
    default:
      return "application/octet-stream";
  }
}

// A string whose bytes are not text: format binary (3.0), or a media type without an encoding
// (3.1).
bool is_binary(const Json& schema, const References& references) {
  const auto place = references.resolve({.value = &schema, .pointer = {}});
  if (!place) return false;
  if (json::find_string(*place->value, "format") == "binary") return true;
  const auto type = json::find_string(*place->value, "contentMediaType");
  return type && !json::find_string(*place->value, "contentEncoding") &&
         !type->starts_with("text/") && !is_json_type(*type);
}

JsonObject binary_schema(std::string_view description) {
  std::string text{description};
  text += text.empty() ? "The bytes, as base64." : " (The bytes, as base64.)";
  return {{"type", "string"}, {"contentEncoding", "base64"}, {"description", text}};
}

class Taker {
 public:
  Taker(const References& references, Schemas& schemas, Arguments& arguments)
      : references_{references}, schemas_{schemas}, arguments_{arguments} {}

  Result<BodyRecipe> take(const Json& body, std::string_view written_type, const Json& media) {
    made_.kind = rank(written_type).kind;
    made_.type = sent_type(made_.kind, written_type);
    made_.required = json::find_bool(body, "required").value_or(false);
    if (made_.kind == BodyKind::multipart && !made_.type.starts_with("multipart/form-data")) {
      return fail(Code::invalid, fmt::format("a body of type {} cannot be made of arguments; of "
                                             "the multipart types only multipart/form-data can",
                                             made_.type));
    }
    const Json* schema = json::find(media, "schema");
    const Json& what = schema != nullptr ? *schema : nothing_;
    description_ = json::find_string(body, "description").value_or("");
    const bool opaque = made_.kind == BodyKind::text || made_.kind == BodyKind::binary;
    if (opaque) {
      take_opaque(what);
      return std::move(made_);
    }
    if (made_.kind == BodyKind::xml) made_.xml = xml_hints(what, references_);
    const auto flat = flatten(what, references_, Side::request);
    if (made_.kind == BodyKind::form || made_.kind == BodyKind::multipart) {
      add_rules(media, flat);
    }
    if (flat) {
      take_properties(*flat);
    } else {
      take_whole(what);
    }
    return std::move(made_);
  }

 private:
  [[nodiscard]] Arguments::Need need() const {
    return made_.required ? Arguments::Need::required : Arguments::Need::optional;
  }

  void take_opaque(const Json& what) {
    Json schema = JsonObject{{"type", "string"}, {"description", description_}};
    if (made_.kind == BodyKind::binary) {
      schema = binary_schema(description_);
      schema.get_object()["contentMediaType"] = made_.type;
    } else if (what.is_object()) {
      schema = described(schemas_.convert(what, arguments_.uses));
    }
    made_.argument = arguments_.add(body_argument, "request", std::move(schema), need());
  }

  void take_whole(const Json& what) {
    made_.argument = arguments_.add(body_argument, "request",
                                    described(schemas_.convert(what, arguments_.uses)), need());
  }

  // The requestBody's description stands in for one that its schema has not.
  [[nodiscard]] Json described(Json schema) const {
    if (schema.is_object() && !description_.empty() &&
        !schema.get_object().contains("description")) {
      schema.get_object()["description"] = description_;
    }
    return schema;
  }

  void take_properties(const FlatObject& flat) {
    for (const auto& [name, schema] : flat.properties) {
      const bool required = made_.required && flat.required.contains(name);
      const auto argument =
          arguments_.add(name, body_argument, property_schema(name, *schema),
                         required ? Arguments::Need::required : Arguments::Need::optional);
      made_.properties.emplace(argument, name);
    }
    if (flat.others == nullptr) return;
    made_.rest = true;
    arguments_.admit_others(schemas_.convert(*flat.others, arguments_.uses));
  }

  [[nodiscard]] Json property_schema(const std::string& name, const Json& schema) {
    const auto rule = made_.rules.find(name);
    if (rule == made_.rules.end() || !rule->second.binary) {
      return schemas_.convert(schema, arguments_.uses);
    }
    const auto description = json::find_string(schema, "description").value_or("");
    const Json* items = json::find(schema, "items");
    if (items == nullptr) return binary_schema(description);
    return JsonObject{{"type", "array"},
                      {"items", binary_schema("")},
                      {"description", boost::json::string{description}}};
  }

  void add_rules(const Json& media, const std::optional<FlatObject>& flat) {
    if (const Json* encoding = json::find(media, "encoding");
        encoding != nullptr && encoding->is_object()) {
      for (const auto& member : encoding->get_object()) add_rule(member.key(), member.value());
    }
    if (!flat || made_.kind != BodyKind::multipart) return;
    for (const auto& [name, schema] : flat->properties) {
      const Json* items = json::find(*schema, "items");
      const Json& one = items != nullptr ? *items : *schema;
      const auto rule = made_.rules.find(name);
      const bool typed = rule != made_.rules.end() && !rule->second.content_type.empty();
      const bool other_type = typed && rank(rule->second.content_type).kind == BodyKind::binary &&
                              json::find(one, "type") == nullptr && reference_of(one) == nullptr;
      if (is_binary(one, references_) || other_type) made_.rules[name].binary = true;
    }
  }

  void add_rule(std::string_view name, const Json& encoding) {
    const auto style = style_named(json::find_string(encoding, "style").value_or(""));
    const auto explode = json::find_bool(encoding, "explode");
    const auto reserved = json::find_bool(encoding, "allowReserved");
    const std::string_view types = json::find_string(encoding, "contentType").value_or("");
    const auto type = trim(types.substr(0, types.find(',')));
    const bool styled = style || explode || reserved;
    PartRule rule;
    rule.spelling.style = style.value_or(Style::form);
    rule.spelling.explode = explode.value_or(rule.spelling.style == Style::form);
    rule.spelling.reserved = reserved.value_or(false);
    rule.spelling.as_json = !styled && is_json_type(media_type_of(type));
    const bool printable = std::ranges::all_of(type, [](char c) { return c >= ' ' && c < '\x7f'; });
    if (!type.contains('*') && printable) rule.content_type = type;
    // In a form only what was said counts: without a rule objects are JSON.
    if (made_.kind == BodyKind::multipart || styled || rule.spelling.as_json) {
      made_.rules.insert_or_assign(std::string{name}, std::move(rule));
    }
  }

  const Json nothing_;
  const References& references_;
  Schemas& schemas_;
  Arguments& arguments_;
  BodyRecipe made_;
  std::string_view description_;
};

}  // namespace

JsonObject::const_iterator preferred_media(const JsonObject& content) {
  return std::ranges::min_element(content, {},
                                  [](const auto& media) { return rank(media.key()).rank; });
}

Result<BodyRecipe> take_body(const Json& request_body, const References& references,
                             Schemas& schemas, Arguments& arguments) {
  TRY(const Place place, references.resolve({.value = &request_body, .pointer = {}}));
  const Json* content = json::find(*place.value, "content");
  if (content == nullptr || !content->is_object() || content->get_object().empty()) {
    return fail(Code::invalid, "its requestBody has no content");
  }
  const auto media = preferred_media(content->get_object());
  return Taker{references, schemas, arguments}.take(*place.value, media->key(), media->value());
}

}  // namespace toolgate::targets::openapi
