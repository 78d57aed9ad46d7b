#include "aws/contract.h"

#include <array>
#include <mutex>

#include "aws/contract_data.h"
#include "aws/departures.h"
#include "json/members.h"

namespace toolgate::aws {
namespace {

template <class Value>
using Words = std::vector<std::pair<std::string_view, Value>>;

// A word that the model uses and we do not know is a bug of the build (tools/contract.py).
template <class Value>
Value value_of(const Words<Value>& words, std::string_view word) {
  for (const auto& [known, value] : words) {
    if (known == word) return value;
  }
  ASSERT(!"a word of the contract that we know");
  return words.front().second;
}

const Words<ProtocolName>& protocols() {
  static const Words<ProtocolName> words{{"rest-json", ProtocolName::rest_json},
                                         {"json", ProtocolName::json},
                                         {"query", ProtocolName::query},
                                         {"rest-xml", ProtocolName::rest_xml}};
  return words;
}

const Words<Type>& types() {
  static const Words<Type> words{
      {"structure", Type::structure}, {"list", Type::list},        {"map", Type::map},
      {"string", Type::string},       {"character", Type::string}, {"integer", Type::integer},
      {"short", Type::integer},       {"byte", Type::integer},     {"long", Type::long_integer},
      {"float", Type::floating},      {"double", Type::floating},  {"boolean", Type::boolean},
      {"timestamp", Type::timestamp}, {"blob", Type::blob}};
  return words;
}

const Words<Place>& places() {
  static const Words<Place> words{{"uri", Place::uri},           {"querystring", Place::query},
                                  {"header", Place::header},     {"headers", Place::headers},
                                  {"statusCode", Place::status}, {"", Place::body}};
  return words;
}

const Words<TimeFormat>& time_formats() {
  static const Words<TimeFormat> words{{"iso8601", TimeFormat::iso8601},
                                       {"unixTimestamp", TimeFormat::epoch_seconds},
                                       {"rfc822", TimeFormat::rfc822},
                                       {"", TimeFormat::by_protocol}};
  return words;
}

std::string_view word(const JsonObject& object, std::string_view name) {
  const Json* found = object.if_contains(name);
  if (found == nullptr || !found->is_string()) return {};
  return std::string_view{found->get_string()};
}

std::optional<double> number(const JsonObject& object, std::string_view name) {
  const Json* found = object.if_contains(name);
  if (found == nullptr || !found->is_number()) return std::nullopt;
  return found->to_number<double>();
}

Member read_member(std::string_view name, const JsonObject& model, const Shape* shape) {
  Member out;
  out.name = name;
  out.shape = shape;
  const auto wire_name = word(model, "locationName");
  out.renamed = !wire_name.empty();
  out.wire_name = out.renamed ? wire_name : name;
  out.place = value_of(places(), word(model, "location"));
  out.time = value_of(time_formats(), word(model, "timestampFormat"));
  out.json_value = json::is_true(model, "jsonvalue");
  out.attribute = json::is_true(model, "xmlAttribute");
  out.flattened = json::is_true(model, "flattened");
  out.streaming = json::is_true(model, "streaming");
  return out;
}

void read_limits(Shape& shape, const JsonObject& model) {
  shape.min = number(model, "min");
  shape.max = number(model, "max");
  shape.sensitive = json::is_true(model, "sensitive");
  shape.is_union = json::is_true(model, "union");
  shape.flattened = json::is_true(model, "flattened");
  shape.streaming = json::is_true(model, "streaming");
  shape.event_stream = json::is_true(model, "eventstream");
  shape.exception = json::is_true(model, "exception");
  shape.time = value_of(time_formats(), word(model, "timestampFormat"));
  if (const Json* values = model.if_contains("enum")) {
    for (const auto& value : values->get_array()) shape.values.emplace_back(value.get_string());
  }
  shape.error_code = shape.name;
  if (const Json* error = model.if_contains("error")) {
    const auto code = word(error->get_object(), "code");
    if (!code.empty()) shape.error_code = code;
    shape.status = static_cast<int>(number(error->get_object(), "httpStatusCode").value_or(0));
  }
  if (shape.status == 0 && json::is_true(model, "fault")) shape.status = 500;
}

}  // namespace

const Member* Shape::find(std::string_view member) const {
  for (const auto& known : members) {
    if (known.name == member) return &known;
  }
  return nullptr;
}

Contract::Contract(std::string_view name, std::string_view text) : service{name} {
  auto parsed = json::parse(text);
  ASSERT(parsed.has_value());
  model_ = std::move(*parsed);
  const auto& model = model_.get_object();
  read_metadata(model.at("metadata").get_object());
  read_shapes(model.at("shapes").get_object());
  read_operations(model.at("operations").get_object());
}

void Contract::read_metadata(const JsonObject& metadata) {
  protocol = value_of(protocols(), word(metadata, "protocol"));
  target_prefix = word(metadata, "targetPrefix");
  json_version = word(metadata, "jsonVersion");
  endpoint_prefix = word(metadata, "endpointPrefix");
  signing_name = word(metadata, "signingName");
  if (signing_name.empty()) signing_name = endpoint_prefix;
  api_version = word(metadata, "apiVersion");
  if (const Json* space = metadata.if_contains("xmlNamespace")) {
    xml_namespace = space->is_object() ? word(space->get_object(), "uri")
                                       : std::string_view{space->get_string()};
  }
}

void Contract::read_shapes(const JsonObject& shapes) {
  for (const auto& entry : shapes) {  // all names first: shapes refer to each other in circles
    auto& shape = shapes_.emplace_back();
    shape.name = entry.key();
    shapes_by_name_.emplace(shape.name, &shape);
  }
  for (const auto& entry : shapes) {
    auto& shape = *shapes_by_name_.find(entry.key())->second;
    const auto& model = entry.value().get_object();
    const bool any_json = json::is_true(model, "document") || is_open(service, shape.name);
    shape.type = any_json ? Type::document : value_of(types(), word(model, "type"));
    read_limits(shape, model);
    if (const auto pattern = word(model, "pattern"); !pattern.empty()) {
      shape.pattern = std::make_unique<Pattern>(pattern_for(service, shape.name, pattern));
    }
    const auto member_of = [&](std::string_view name, const JsonObject& member) {
      return read_member(name, member, shapes_by_name_.find(word(member, "shape"))->second);
    };
    if (const Json* members = model.if_contains("members")) {
      for (const auto& [member, value] : members->get_object()) {
        shape.members.push_back(member_of(member, value.get_object()));
      }
    }
    for (const std::string_view part : {"member", "value"}) {
      if (const Json* member = model.if_contains(part)) {
        shape.element = member_of(part, member->get_object());
      }
    }
    if (const Json* key = model.if_contains("key")) shape.key = member_of("key", key->get_object());
    if (const Json* required = model.if_contains("required")) {
      for (const auto& name : required->get_array()) {
        for (auto& member : shape.members) member.required |= name.get_string() == member.name;
      }
    }
    if (const auto payload = word(model, "payload"); !payload.empty()) {
      shape.payload = shape.find(payload);
    }
    if (shape.exception) {
      errors_.emplace(shape.name, &shape);
      errors_.emplace(shape.error_code, &shape);
    }
  }
}

void Contract::read_operations(const JsonObject& operations) {
  for (const auto& entry : operations) {
    const auto& model = entry.value().get_object();
    operations_by_name_.emplace(entry.key(), operations_.size());
    auto& operation = operations_.emplace_back();
    operation.name = entry.key();
    operation.method = word(model, "method");
    operation.uri = UriTemplate::parse(word(model, "uri"));
    operation.served = json::is_true(model, "served");
    operation.unsigned_allowed = json::is_true(model, "unsigned");
    operation.status = static_cast<int>(number(model, "status").value_or(200));
    operation.input = shape(word(model, "input"));
    operation.output = shape(word(model, "output"));
    operation.result_wrapper = word(model, "resultWrapper");
  }
}

const OperationShape* Contract::find(std::string_view operation) const {
  const auto found = operations_by_name_.find(operation);
  return found == operations_by_name_.end() ? nullptr : &operations_[found->second];
}

const Shape* Contract::shape(std::string_view name) const {
  const auto found = shapes_by_name_.find(name);
  return found == shapes_by_name_.end() ? nullptr : found->second;
}

const Shape* Contract::error(std::string_view name_or_code) const {
  const auto found = errors_.find(name_or_code);
  return found == errors_.end() ? nullptr : found->second;
}

namespace {

// Each contract is read once, by whoever asks first.
struct Shelf {
  struct Entry {
    ContractData data;
    std::once_flag once;
    std::unique_ptr<const Contract> contract;
  };
  std::deque<Entry> entries;
  std::vector<std::string_view> names;

  Shelf() {
    for (const auto& data : contract_data()) {
      entries.emplace_back().data = data;
      names.push_back(data.service);
    }
  }
};

Shelf& shelf() {
  static Shelf shelf;
  return shelf;
}

}  // namespace

const Contract* contract_of(std::string_view service) {
  for (auto& entry : shelf().entries) {
    if (entry.data.service != service) continue;
    std::call_once(entry.once, [&entry] {
      entry.contract = std::make_unique<const Contract>(entry.data.service, entry.data.text);
    });
    return entry.contract.get();
  }
  return nullptr;
}

const std::vector<std::string_view>& contract_names() { return shelf().names; }

}  // namespace toolgate::aws
