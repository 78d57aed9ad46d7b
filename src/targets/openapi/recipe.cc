#include "targets/openapi/recipe.h"

#include <algorithm>

#include <fmt/format.h>

#include "json/members.h"

namespace toolgate::targets::openapi {
namespace {

constexpr std::array<std::string_view, 7> style_names{
    "simple", "label", "matrix", "form", "spaceDelimited", "pipeDelimited", "deepObject"};
constexpr std::array<std::string_view, 4> in_names{"path", "query", "header", "cookie"};
constexpr std::array<std::string_view, 7> kind_names{"none", "json", "form",  "multipart",
                                                     "text", "xml",  "binary"};

template <class Value, std::size_t count>
std::optional<Value> named(const std::array<std::string_view, count>& names,
                           std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Value>(found - names.begin());
}

JsonObject members_in(const Json& value, std::string_view name) {
  const Json* member = json::find(value, name);
  return member != nullptr && member->is_object() ? member->get_object() : JsonObject{};
}

void put_spelling(JsonObject& out, const Spelling& spelling) {
  out["style"] = name_of(spelling.style);
  if (spelling.explode) out["explode"] = true;
  if (spelling.reserved) out["reserved"] = true;
  if (spelling.as_json) out["json"] = true;
}

Result<Spelling> read_spelling(const Json& value) {
  const auto style = style_named(json::member(value, "style"));
  if (!style) return fail(Code::invalid, "a recipe without a style");
  return Spelling{.style = *style,
                  .explode = json::is_true(value, "explode"),
                  .reserved = json::is_true(value, "reserved"),
                  .as_json = json::is_true(value, "json")};
}

Json to_json(const BodyRecipe& body) {
  JsonObject out{{"kind", kind_names[static_cast<std::size_t>(body.kind)]}, {"type", body.type}};
  if (body.required) out["required"] = true;
  if (body.rest) out["rest"] = true;
  if (!body.argument.empty()) out["argument"] = body.argument;
  if (!body.properties.empty()) {
    JsonObject properties;
    for (const auto& [argument, name] : body.properties) properties[argument] = name;
    out["properties"] = std::move(properties);
  }
  JsonObject rules;
  for (const auto& [name, rule] : body.rules) {
    JsonObject one;
    put_spelling(one, rule.spelling);
    if (!rule.content_type.empty()) one["type"] = rule.content_type;
    if (rule.binary) one["binary"] = true;
    rules[name] = std::move(one);
  }
  if (!rules.empty()) out["rules"] = std::move(rules);
  if (!body.xml.is_null()) out["xml"] = body.xml;
  return out;
}

Result<BodyRecipe> read_body(const Json& value) {
  BodyRecipe body;
  const auto kind = named<BodyKind>(kind_names, json::member(value, "kind"));
  if (!kind) return fail(Code::invalid, "a recipe with a body of no kind");
  body.kind = *kind;
  body.type = json::member(value, "type");
  body.required = json::is_true(value, "required");
  body.rest = json::is_true(value, "rest");
  body.argument = json::member(value, "argument");
  for (const auto& member : members_in(value, "properties")) {
    if (const auto* name = member.value().if_string()) body.properties.emplace(member.key(), *name);
  }
  for (const auto& member : members_in(value, "rules")) {
    TRY(const Spelling spelling, read_spelling(member.value()));
    body.rules.emplace(member.key(), PartRule{.spelling = spelling,
                                              .content_type = json::member(member.value(), "type"),
                                              .binary = json::is_true(member.value(), "binary")});
  }
  if (const Json* xml = json::find(value, "xml"); xml != nullptr) body.xml = *xml;
  return body;
}

Result<void> read_parameters(const Json& recipe, CallRecipe& made) {
  const JsonArray* list = json::find_array(recipe, "parameters");
  if (list == nullptr) return {};
  for (const auto& item : *list) {
    const auto in = in_named(json::member(item, "in"));
    if (!in) return fail(Code::invalid, "a recipe with a parameter that is nowhere");
    TRY(const Spelling spelling, read_spelling(item));
    made.by_argument.emplace(json::member(item, "argument"), made.parameters.size());
    made.parameters.push_back({.argument = json::member(item, "argument"),
                               .name = json::member(item, "name"),
                               .in = *in,
                               .spelling = spelling});
  }
  return {};
}

// "/pets/{id}" → "/pets/", id.
Result<void> read_path(std::string_view path, CallRecipe& made) {
  while (!path.empty()) {
    const auto open = path.find('{');
    if (open != 0)
      made.pieces.push_back({.literal = std::string{path.substr(0, open)}, .parameter = {}});
    if (open == path.npos) break;
    const auto close = path.find('}', open);
    const auto name = path.substr(open + 1, close == path.npos ? path.npos : close - open - 1);
    const auto parameter = std::ranges::find_if(made.parameters, [&](const Parameter& one) {
      return one.in == In::path && one.name == name;
    });
    if (close == path.npos || parameter == made.parameters.end()) {
      return fail(Code::invalid, fmt::format("a recipe without the path parameter {}", name));
    }
    const auto index = static_cast<std::size_t>(parameter - made.parameters.begin());
    made.pieces.push_back({.literal = {}, .parameter = index});
    path.remove_prefix(close + 1);
  }
  return {};
}

}  // namespace

std::string_view name_of(Style style) { return style_names[static_cast<std::size_t>(style)]; }
std::optional<Style> style_named(std::string_view name) { return named<Style>(style_names, name); }
std::string_view name_of(In in) { return in_names[static_cast<std::size_t>(in)]; }
std::optional<In> in_named(std::string_view name) { return named<In>(in_names, name); }

std::string recipe_text(const RecipeDraft& draft) {
  JsonObject out{{"method", draft.method}, {"url", draft.url}, {"accept", draft.accept}};
  JsonArray parameters;
  for (const auto& parameter : draft.parameters) {
    JsonObject one{
        {"argument", parameter.argument}, {"name", parameter.name}, {"in", name_of(parameter.in)}};
    put_spelling(one, parameter.spelling);
    parameters.push_back(std::move(one));
  }
  if (!parameters.empty()) out["parameters"] = std::move(parameters);
  if (draft.body.kind != BodyKind::none) out["body"] = to_json(draft.body);
  return json::print(out);
}

Result<std::shared_ptr<CallRecipe>> read_recipe(std::string_view text) {
  TRY(const Json recipe, json::parse(text));
  auto made = std::make_shared<CallRecipe>();
  made->method = json::member(recipe, "method");
  made->accept = json::member(recipe, "accept");
  const std::string url = json::member(recipe, "url");
  const auto authority = url.find("://");
  if (authority == url.npos) return fail(Code::invalid, "a recipe without a URL");
  const auto slash = std::min(url.find('/', authority + 3), url.size());
  TRY(made->base, net::Url::parse(std::string_view{url}.substr(0, slash)));
  TRY_DO(read_parameters(recipe, *made));
  TRY_DO(read_path(std::string_view{url}.substr(slash), *made));
  if (const Json* body = json::find(recipe, "body"); body != nullptr) {
    TRY(made->body, read_body(*body));
  }
  return made;
}

}  // namespace toolgate::targets::openapi
