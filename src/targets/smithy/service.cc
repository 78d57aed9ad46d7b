#include "targets/smithy/service.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include <fmt/format.h>

#include "base/text.h"

namespace toolgate::targets::smithy {
namespace {

struct ProtocolTrait {
  std::string_view id;
  Protocol protocol;
};
// In the order in which they are taken when a service speaks several.
constexpr std::array protocol_traits{
    ProtocolTrait{"aws.protocols#awsJson1_0", Protocol::aws_json_1_0},
    ProtocolTrait{"aws.protocols#awsJson1_1", Protocol::aws_json_1_1},
    ProtocolTrait{"aws.protocols#restJson1", Protocol::rest_json_1},
    ProtocolTrait{"aws.protocols#restXml", Protocol::rest_xml},
    ProtocolTrait{"aws.protocols#awsQuery", Protocol::aws_query},
    ProtocolTrait{"aws.protocols#ec2Query", Protocol::ec2_query},
};

// Members of a service or resource that name operations, alone or in lists.
constexpr std::array<std::string_view, 6> single_operations{"create", "put",    "read",
                                                            "update", "delete", "list"};
constexpr std::array<std::string_view, 2> operation_lists{"operations", "collectionOperations"};

// Collects operations; a resource is looked into once, however often it is named.
class Collector {
 public:
  Collector(const Model& model, Service& service) : model_{model}, service_{service} {}

  Result<void> all() {
    open_.push_back(service_.shape);
    while (!open_.empty()) {
      const Shape* owner = open_.back();
      open_.pop_back();
      for (const auto name : operation_lists) {
        const Json* list = owner->node->if_contains(name);
        if (list == nullptr || !list->is_array()) continue;
        for (const auto& each : list->get_array()) TRY_DO(add(*owner, each, Type::operation));
      }
      for (const auto name : single_operations) {
        const Json* one = owner->node->if_contains(name);
        if (one != nullptr) TRY_DO(add(*owner, *one, Type::operation));
      }
      const Json* resources = owner->node->if_contains("resources");
      if (resources == nullptr || !resources->is_array()) continue;
      for (const auto& each : resources->get_array()) TRY_DO(add(*owner, each, Type::resource));
    }
    return {};
  }

 private:
  Result<void> add(const Shape& owner, const Json& reference, Type type) {
    const auto id = json::find_string(reference, "target").value_or("");
    const Shape* found = model_.find(id);
    if (found == nullptr || found->type != type) {
      return fail(Code::invalid,
                  fmt::format("Smithy model: shape {}: no {} {}", owner.id,
                              type == Type::operation ? "operation" : "resource", id));
    }
    if (!seen_.insert(found).second) return {};
    if (type == Type::operation) {
      service_.operations.push_back(found);
    } else {
      open_.push_back(found);
    }
    return {};
  }

  const Model& model_;
  Service& service_;
  std::unordered_set<const Shape*> seen_;
  std::vector<const Shape*> open_;
};

Result<const Shape*> only_service(const Model& model) {
  const Shape* found = nullptr;
  for (const auto& shape : model.shapes()) {
    if (shape.type != Type::service) continue;
    if (found != nullptr) {
      return fail(Code::invalid, fmt::format("Smithy model: two services, {} and {}; expected one",
                                             found->id, shape.id));
    }
    found = &shape;
  }
  if (found == nullptr) {
    return fail(Code::invalid, "Smithy model: no shape of type service; expected one");
  }
  return found;
}

Result<Protocol> protocol_of(const Shape& service) {
  std::vector<std::string> named;
  for (const auto& each : protocol_traits) {
    if (trait(service.traits, each.id) != nullptr) return each.protocol;
  }
  if (service.traits != nullptr) {
    for (const auto& each : *service.traits) {
      const std::string_view id = each.key();
      if (id.starts_with("aws.protocols#") || id.starts_with("smithy.protocols#") ||
          id.starts_with("alloy#")) {
        named.emplace_back(id);
      }
    }
  }
  return fail(Code::invalid,
              fmt::format("Smithy model: service {}: its protocol is not served ({}); served: "
                          "awsJson1_0, awsJson1_1, restJson1, restXml, awsQuery, ec2Query",
                          service.id, named.empty() ? "none named" : join(named, ", ")));
}

}  // namespace

std::string_view name_of(Protocol protocol) {
  const auto* const found = std::ranges::find(protocol_traits, protocol, &ProtocolTrait::protocol);
  return found->id.substr(found->id.find('#') + 1);
}

bool is_rest(Protocol protocol) {
  return protocol == Protocol::rest_json_1 || protocol == Protocol::rest_xml;
}

Result<Service> read_service(const Model& model) {
  TRY(const Shape* shape, only_service(model));
  Service service{.shape = shape};
  TRY(service.protocol, protocol_of(*shape));
  if (const Json* version = shape->node->if_contains("version"); version && version->is_string()) {
    service.version = version->get_string();
  }
  const Json* aws = trait(shape->traits, "aws.api#service");
  if (aws != nullptr) {
    service.sdk_id = json::find_string(*aws, "sdkId").value_or("");
    service.endpoint_prefix = json::find_string(*aws, "endpointPrefix").value_or("");
    if (service.endpoint_prefix.empty()) {
      service.endpoint_prefix = json::find_string(*aws, "arnNamespace").value_or("");
    }
  }
  if (const Json* sigv4 = trait(shape->traits, "aws.auth#sigv4")) {
    service.signing_name = json::find_string(*sigv4, "name").value_or("");
  }
  if (service.signing_name.empty()) service.signing_name = service.endpoint_prefix;
  TRY_DO(Collector(model, service).all());
  std::ranges::sort(service.operations, {}, [](const Shape* each) { return each->name(); });
  return service;
}

const Shape* part_of(const Model& model, const Shape& operation, std::string_view part) {
  const Json* reference = operation.node->if_contains(part);
  if (reference == nullptr) return nullptr;
  const auto id = json::find_string(*reference, "target").value_or("smithy.api#Unit");
  if (id == "smithy.api#Unit") return nullptr;
  const Shape* found = model.find(id);
  return found != nullptr && found->is_structure() ? found : nullptr;
}

}  // namespace toolgate::targets::smithy
