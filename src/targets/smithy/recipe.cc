#include "targets/smithy/recipe.h"

#include <fmt/format.h>

#include "targets/smithy/schema.h"
#include "targets/smithy/traits.h"

namespace toolgate::targets::smithy {
namespace {

JsonObject wire_traits(const JsonObject* traits) {
  JsonObject out;
  if (traits == nullptr) return out;
  for (const auto& each : *traits) {
    if (is_wire_trait(each.key())) out[each.key()] = each.value();
  }
  return out;
}

void put_traits(JsonObject& node, const JsonObject* traits) {
  if (JsonObject kept = wire_traits(traits); !kept.empty()) node["traits"] = std::move(kept);
}

// Prelude shapes are in every model; enumerations are texts or numbers on the wire.
void put_simple(JsonObject& shapes, const Shape& shape) {
  if (shape.node == nullptr || shapes.contains(shape.id)) return;
  std::string_view type = shape.simple;
  if (shape.type == Type::enumeration) type = "string";
  if (shape.type == Type::int_enumeration) type = "integer";
  JsonObject node{{"type", type}};
  put_traits(node, shape.traits);
  shapes[shape.id] = std::move(node);
}

JsonObject member_node(const Member& member) {
  JsonObject node{{"target", member.target->id}};
  put_traits(node, member.traits);
  return node;
}

void put_shapes(JsonObject& shapes, const Shape* root) {
  if (root == nullptr) return;
  for (const auto& [shape, times] : reach(*root, shapes_per_tool_max)) {
    if (shape->node == nullptr || shapes.contains(shape->id)) continue;
    JsonObject node{{"type", shape->simple}};
    put_traits(node, shape->traits);
    if (shape->is_structure()) {
      JsonObject members;
      for (const auto& each : shape->members) members[each.name] = member_node(each);
      node["members"] = std::move(members);
    } else {
      for (const auto& each : shape->members) node[each.name] = member_node(each);
    }
    shapes[shape->id] = std::move(node);
    for (const auto& each : shape->members) {
      if (!each.target->is_aggregate()) put_simple(shapes, *each.target);
    }
  }
}

// The parameters' values that are known before a call. What the input binds is not; what nobody
// binds has its default or is not set.
Scope scope_of(const RecipeSource& source, const Json& rule_set, const Shape* input) {
  Scope scope;
  const Json* parameters = json::find(rule_set, "parameters");
  if (parameters == nullptr || !parameters->is_object()) return scope;
  const Json* fixed = trait(source.operation.traits, "smithy.rules#staticContextParams");
  const Json* paths = trait(source.operation.traits, "smithy.rules#operationContextParams");
  for (const auto& each : parameters->get_object()) {
    const std::string_view name = each.key();
    if (json::find_string(each.value(), "builtIn") == "AWS::Region") {
      scope.set(name, Json(source.region));
      continue;
    }
    const Json* literal = fixed == nullptr ? nullptr : json::find(*fixed, name, "value");
    const Json* value = json::find(each.value(), "default");
    if (literal != nullptr) value = literal;
    bool bound = paths != nullptr && json::find(*paths, name) != nullptr;
    if (input != nullptr) {
      for (const auto& member : input->members) bound = bound || member.context_param == name;
    }
    if (bound && literal == nullptr) {
      scope.set(name, std::nullopt);
    } else {
      scope.set(name, value == nullptr ? Json(nullptr) : *value);
    }
  }
  return scope;
}

Result<void> put_endpoint(const RecipeSource& source, const Shape* input, JsonObject& call) {
  const Json* rule_set = trait(source.service.shape->traits, "smithy.rules#endpointRuleSet");
  const JsonArray* rules = rule_set == nullptr ? nullptr : json::find_array(*rule_set, "rules");
  if (rules == nullptr) {
    if (source.service.endpoint_prefix.empty()) {
      return fail(Code::invalid,
                  fmt::format("Smithy model: service {}: neither endpoint rules nor "
                              "aws.api#service with an endpointPrefix, so its host is not known",
                              source.service.shape->id));
    }
    const Json partition = partition_of(source.region);
    call["endpoint"] = JsonObject{
        {"url", fmt::format("https://{}.{}.{}", source.service.endpoint_prefix, source.region,
                            json::find_string(partition, "dnsSuffix").value_or(""))}};
    return {};
  }
  Scope scope = scope_of(source, *rule_set, input);
  TRY(JsonArray left, simplify(*rules, scope, source.budget));
  TRY(const auto endpoint, decided(left));
  if (!endpoint) {
    call["rules"] = std::move(left);
    return {};
  }
  JsonArray headers;
  for (const auto& [name, value] : endpoint->headers) headers.push_back(JsonArray{name, value});
  call["endpoint"] = JsonObject{{"url", endpoint->url},
                                {"headers", std::move(headers)},
                                {"signingName", endpoint->signing_name},
                                {"signingRegion", endpoint->signing_region}};
  return {};
}

// S3's rules put the bucket into the URL; its operations name it in their paths too.
bool names_bucket_twice(const RecipeSource& source, std::string_view uri) {
  return source.service.sdk_id == "S3" && uri.starts_with(bucket_label) &&
         trait(source.service.shape->traits, "smithy.rules#endpointRuleSet") != nullptr;
}

bool is_unsigned(const RecipeSource& source) {
  const Json* auth = trait(source.operation.traits, "smithy.api#auth");
  return trait(source.operation.traits, "smithy.api#optionalAuth") != nullptr ||
         (auth != nullptr && auth->is_array() && auth->get_array().empty());
}

}  // namespace

Result<std::string> make_recipe(const RecipeSource& source) {
  const Shape* const input = part_of(source.model, source.operation, "input");
  const Shape* const output = part_of(source.model, source.operation, "output");
  const JsonObject* const service_traits = source.service.shape->traits;
  JsonObject shapes;
  put_shapes(shapes, input);
  put_shapes(shapes, output);
  JsonObject call{{"operation", source.operation.name()},
                  {"service", source.service.shape->name()},
                  {"protocol", name_of(source.service.protocol)},
                  {"version", source.service.version},
                  {"signingName", source.service.signing_name},
                  {"endpointPrefix", source.service.endpoint_prefix},
                  {"region", source.region}};
  if (input != nullptr) call["input"] = input->id;
  if (output != nullptr) call["output"] = output->id;
  const Json* http = trait(source.operation.traits, "smithy.api#http");
  if (is_rest(source.service.protocol)) {
    if (http == nullptr) {
      return fail(Code::invalid,
                  fmt::format("operation {} has no http trait, which {} needs",
                              source.operation.name(), name_of(source.service.protocol)));
    }
    call["method"] = json::find_string(*http, "method").value_or("POST");
    const auto uri = json::find_string(*http, "uri").value_or("/");
    call["uri"] = uri;
    if (names_bucket_twice(source, uri)) call["bucketInPath"] = true;
    if (source.service.sdk_id == "Route 53") call["shortIds"] = true;
  }
  if (is_unsigned(source)) call["unsigned"] = true;
  if (trait(service_traits, "aws.protocols#awsQueryCompatible") != nullptr) {
    call["queryCompatible"] = true;
  }
  if (const Json* space = trait(service_traits, "smithy.api#xmlNamespace")) {
    call["xmlNamespace"] = *space;
  }
  if (const Json* paths = trait(source.operation.traits, "smithy.rules#operationContextParams")) {
    call["context"] = *paths;
  }
  call["traits"] = wire_traits(source.operation.traits);
  TRY_DO(put_endpoint(source, input, call));
  return json::print(
      JsonObject{{"smithy", "2.0"}, {"shapes", std::move(shapes)}, {"call", std::move(call)}});
}

}  // namespace toolgate::targets::smithy
