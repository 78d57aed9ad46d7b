// The contract of a service: operations and shapes, read from the embedded model. Immutable once
// read; any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/pattern.h"
#include "aws/uri.h"
#include "base/text.h"
#include "json/json.h"

namespace toolgate::aws {

enum class Type : std::uint8_t {
  structure, list, map, string, integer, long_integer, floating, boolean, timestamp, blob,
  document,  // any JSON
};
// Where a member of an operation's input or output stands in the HTTP message.
enum class Place : std::uint8_t { body, uri, query, header, headers, status };
enum class TimeFormat : std::uint8_t { by_protocol, iso8601, epoch_seconds, rfc822 };

struct Shape;

struct Member {
  std::string_view name;       // in the contract and in Call::input
  std::string_view wire_name;  // locationName, else the name
  bool renamed = false;        // has a locationName
  const Shape* shape = nullptr;
  Place place = Place::body;
  TimeFormat time = TimeFormat::by_protocol;
  bool required = false;
  bool json_value = false;     // a header that holds base64 of JSON
  bool attribute = false;      // of its XML element
  bool flattened = false;
  bool streaming = false;      // of its own; ask streams()

  [[nodiscard]] bool streams() const;
};

struct Shape {
  std::string_view name;
  Type type = Type::structure;
  std::vector<Member> members;         // of structures
  std::optional<Member> element;       // of lists; a map's value
  std::optional<Member> key;           // of maps
  const Member* payload = nullptr;     // the member that is the whole body
  std::optional<double> min;           // length, size or value
  std::optional<double> max;
  std::unique_ptr<Pattern> pattern;
  std::vector<std::string_view> values;  // of enums
  TimeFormat time = TimeFormat::by_protocol;
  bool sensitive = false;
  bool is_union = false;
  bool flattened = false;
  bool streaming = false;
  bool event_stream = false;   // a union of events (event_stream.h)
  // Of error shapes.
  bool exception = false;
  int status = 0;               // 0: the protocol's default
  std::string_view error_code;  // on the wire; the name when the model has none

  [[nodiscard]] const Member* find(std::string_view member) const;
};

inline bool Member::streams() const { return streaming || shape->streaming; }

struct OperationShape {
  std::string_view name;
  std::string_view method;
  UriTemplate uri;
  bool served = false;  // only then are the following set
  bool unsigned_allowed = false;
  int status = 200;
  const Shape* input = nullptr;   // null: no members
  const Shape* output = nullptr;  // null: no members
  std::string_view result_wrapper;
};

enum class ProtocolName : std::uint8_t { rest_json, json, query, rest_xml };

class Contract {
 public:
  // Reads a cut model. A model that breaks its own format is a bug of the build, not an input.
  Contract(std::string_view service, std::string_view text);
  Contract(const Contract&) = delete;
  Contract& operator=(const Contract&) = delete;

  std::string_view service;  // "bedrock-agentcore-control"
  ProtocolName protocol = ProtocolName::rest_json;
  std::string_view target_prefix;    // of X-Amz-Target; json only
  std::string_view json_version;     // "1.1"
  std::string_view endpoint_prefix;  // first labels of its host names
  std::string_view signing_name;     // in credential scopes
  std::string_view api_version;
  std::string_view xml_namespace;

  [[nodiscard]] const std::vector<OperationShape>& operations() const { return operations_; }
  [[nodiscard]] const OperationShape* find(std::string_view operation) const;
  [[nodiscard]] const std::deque<Shape>& shapes() const { return shapes_; }
  [[nodiscard]] const Shape* shape(std::string_view name) const;
  // The error shape of that name or wire code ("DeleteConflict", "DeleteConflictException").
  [[nodiscard]] const Shape* error(std::string_view name_or_code) const;

 private:
  void read_metadata(const JsonObject& metadata);
  void read_shapes(const JsonObject& shapes);
  void read_operations(const JsonObject& operations);

  Json model_;  // what the string_views point into
  std::deque<Shape> shapes_;
  TextMap<Shape*> shapes_by_name_;
  TextMap<const Shape*> errors_;
  std::vector<OperationShape> operations_;
  TextMap<std::size_t> operations_by_name_;
};

// The contracts of all services that the door knows, each read at its first use. Any thread.
[[nodiscard]] const Contract* contract_of(std::string_view service);
[[nodiscard]] const std::vector<std::string_view>& contract_names();

}  // namespace toolgate::aws
