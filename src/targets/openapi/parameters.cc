#include "targets/openapi/parameters.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/text.h"
#include "targets/http_result.h"
#include "targets/openapi/request_body.h"

namespace toolgate::targets::openapi {
namespace {

// What a parameter costs (References::spend), beside its schema.
constexpr std::size_t values_a_parameter = 8;

struct Found {
  const Json* value = nullptr;
  std::string name;
  In in = In::query;
};

// RFC 9110 §5.6.2.
bool is_field_name(std::string_view text) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.contains(c);
  });
}

// Accept, Content-Type and Authorization are ignored as parameters (OpenAPI 3.1.1, Parameter
// Object); the others are written by the HTTP client.
bool is_ours(std::string_view header) {
  for (const std::string_view name :
       {"accept", "content-type", "authorization", "host", "content-length", "transfer-encoding",
        "connection", "keep-alive", "te", "trailer", "upgrade", "proxy-authorization", "expect"}) {
    if (equal_ignoring_case(header, name)) return true;
  }
  return false;
}

bool is_credential(const net::Credential& credential, const Found& found) {
  if (const auto* header = std::get_if<net::HeaderCredential>(&credential.show)) {
    const bool cookie = found.in == In::cookie && equal_ignoring_case(header->name, "cookie");
    return cookie || (found.in == In::header && equal_ignoring_case(header->name, found.name));
  }
  const auto* query = std::get_if<net::QueryCredential>(&credential.show);
  return query != nullptr && found.in == In::query && query->name == found.name;
}

Result<Found> read(const Json& item, const std::string& where, const References& references) {
  TRY(const Place place, references.resolve({.value = &item, .pointer = where}));
  const auto name = json::find_string(*place.value, "name");
  const auto in = json::find_string(*place.value, "in");
  if (!name || name->empty()) return fail(Code::invalid, where + " has no name");
  if (!in) return fail(Code::invalid, fmt::format("{} ('{}') has no 'in'", where, *name));
  const auto known = in_named(*in);
  if (!known) {
    return fail(Code::invalid,
                fmt::format("{} ('{}') is in '{}'; expected path, query, header or cookie", where,
                            *name, *in));
  }
  return Found{.value = place.value, .name = std::string{*name}, .in = *known};
}

// An operation's parameter takes the place of its path's of the same name and kind.
Result<std::vector<Found>> collect(const Operation& operation, const References& references) {
  std::vector<Found> all;
  std::map<std::pair<In, std::string>, std::size_t> known;
  for (const Json* level : {operation.item, operation.operation}) {
    const JsonArray* list = json::find_array(*level, "parameters");
    if (list == nullptr) continue;
    references.spend(values_a_parameter * list->size());
    for (std::size_t i = 0; i < list->size(); ++i) {
      TRY(Found found, read((*list)[i], fmt::format("parameter {}", i + 1), references));
      const auto [place, fresh] = known.emplace(std::pair{found.in, found.name}, all.size());
      if (fresh) {
        all.push_back(std::move(found));
      } else {
        all[place->second] = std::move(found);
      }
    }
  }
  std::vector<Found> ordered;
  for (const auto in : {In::path, In::query, In::header, In::cookie}) {
    for (const auto& found : all) {
      if (found.in == in) ordered.push_back(found);
    }
  }
  return ordered;
}

bool allows(In in, Style style) {
  switch (in) {
    case In::path:
      return style == Style::simple || style == Style::label || style == Style::matrix;
    case In::header:
      return style == Style::simple;
    case In::cookie:
      return style == Style::form;
    case In::query:
      return style != Style::simple && style != Style::label && style != Style::matrix;
  }
  return false;
}

// The schema is the parameter's own or that of its one media type.
Result<const Json*> read_spelling(const Found& found, Spelling& spelling) {
  const bool form = found.in == In::query || found.in == In::cookie;
  spelling.style = form ? Style::form : Style::simple;
  if (const auto name = json::find_string(*found.value, "style")) {
    const auto style = style_named(*name);
    if (!style || !allows(found.in, *style)) {
      return fail(Code::invalid,
                  fmt::format("parameter '{}' in {} has the style '{}', which is not "
                              "for there",
                              found.name, name_of(found.in), *name));
    }
    spelling.style = *style;
  }
  spelling.explode =
      json::find_bool(*found.value, "explode").value_or(spelling.style == Style::form);
  spelling.reserved = json::find_bool(*found.value, "allowReserved").value_or(false);
  const Json* content = json::find(*found.value, "content");
  if (content == nullptr || !content->is_object() || content->get_object().empty()) {
    return json::find(*found.value, "schema");
  }
  const auto media = preferred_media(content->get_object());
  spelling.as_json = is_json_type(media_type_of(media->key()));
  return json::find(media->value(), "schema");
}

Json schema_of(const Found& found, const Json* schema, Workshop& workshop, Arguments& arguments) {
  Json converted =
      schema != nullptr ? workshop.requests.convert(*schema, arguments.uses) : Json(JsonObject{});
  if (!converted.is_object()) return converted;
  auto& members = converted.get_object();
  if (const auto text = json::find_string(*found.value, "description"); text && !text->empty()) {
    members["description"] = boost::json::string{*text};
  }
  if (json::find_bool(*found.value, "deprecated") == true) members["deprecated"] = true;
  if (const Json* example = json::find(*found.value, "example")) {
    workshop.references.spend(size_of(*example));
    if (!members.contains("examples")) members["examples"] = JsonArray{*example};
  }
  return converted;
}

// Each {name} of the path is a parameter.
Result<void> check_path(const std::string& path, const std::vector<Parameter>& parameters) {
  for (std::string_view rest = path; rest.contains('{');) {
    rest.remove_prefix(rest.find('{') + 1);
    const auto close = rest.find('}');
    const auto name = rest.substr(0, close);
    const bool known = std::ranges::any_of(
        parameters, [&](const Parameter& one) { return one.in == In::path && one.name == name; });
    if (close == rest.npos || !known) {
      return fail(Code::invalid,
                  fmt::format("its path names {{{}}}, which is not among its parameters", name));
    }
  }
  return {};
}

}  // namespace

Result<std::vector<Parameter>> take_parameters(const Operation& operation, Workshop& workshop,
                                               Arguments& arguments) {
  TRY(const auto all, collect(operation, workshop.references));
  std::vector<Parameter> taken;
  for (const auto& found : all) {
    const bool header = found.in == In::header;
    if (header && (is_ours(found.name) || !is_field_name(found.name))) continue;
    if (is_credential(workshop.credential, found)) continue;
    const bool in_path = found.in == In::path;
    if (in_path && !operation.path.contains('{' + found.name + '}')) continue;
    Parameter parameter{.argument = {}, .name = found.name, .in = found.in, .spelling = {}};
    TRY(const Json* schema, read_spelling(found, parameter.spelling));
    const bool required = in_path || json::find_bool(*found.value, "required").value_or(false);
    parameter.argument =
        arguments.add(found.name, name_of(found.in), schema_of(found, schema, workshop, arguments),
                      required ? Arguments::Need::required : Arguments::Need::optional);
    taken.push_back(std::move(parameter));
  }
  TRY_DO(check_path(operation.path, taken));
  return taken;
}

}  // namespace toolgate::targets::openapi
