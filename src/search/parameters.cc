// Finds the parameters in an input schema, wherever they are nested.
#include "json/scan.h"
#include "search/index.h"

namespace toolgate::search {
namespace {

using json::Scanner;
using json::Text;

// A schema larger than this many parameters says no more about its tool.
constexpr std::size_t parameters_count_max = 1'000;

std::string plain(Text text) { return *json::unescape(text, json::Surrogates::replace); }

// What the next object of the text is.
enum class Place : unsigned char {
  root,        // a schema whose own description says what the tool says already
  schema,      // a schema
  properties,  // names of parameters with their schemas
  schemas,     // names of something else with schemas: $defs
};

// A description belongs to the parameter that was named last, if that has none yet.
void describe(Doc& doc, std::string text) {
  auto& parameters = doc.parameters;
  if (!parameters.empty() && parameters.back().description.empty()) {
    parameters.back().description = std::move(text);
  } else if (parameters.size() < parameters_count_max) {
    parameters.push_back({.name = {}, .description = std::move(text)});
  }
}

void read_value(Scanner& scan, Place place, Doc& doc);

void read_member(Scanner& scan, Text key, Place place, Doc& doc) {
  std::string_view ignored;
  if (place == Place::properties || place == Place::schemas) {
    if (place == Place::properties && doc.parameters.size() < parameters_count_max) {
      doc.parameters.push_back({.name = plain(key), .description = {}});
    }
    return read_value(scan, Place::schema, doc);
  }
  const char next = scan.peek();
  if (next == '"') {
    Text text;
    const bool describes = json::equals(key, "description") || json::equals(key, "title");
    if (scan.string(text) && describes && place == Place::schema) describe(doc, plain(text));
  } else if (json::equals(key, "properties")) {
    read_value(scan, Place::properties, doc);
  } else if (json::equals(key, "$defs") || json::equals(key, "definitions")) {
    read_value(scan, Place::schemas, doc);
  } else if (json::equals(key, "items") || json::equals(key, "additionalProperties") ||
             json::equals(key, "allOf") || json::equals(key, "anyOf") ||
             json::equals(key, "oneOf") || json::equals(key, "prefixItems") ||
             json::equals(key, "then") || json::equals(key, "else")) {
    read_value(scan, place == Place::root && next == '[' ? Place::root : Place::schema, doc);
  } else {
    scan.skip(ignored);
  }
}

// Recursion is bounded by the depth that the scanner accepts.
void read_value(Scanner& scan, Place place, Doc& doc) {
  std::string_view ignored;
  if (scan.peek() == '[') {
    if (scan.enter('[')) {
      while (scan.next_item()) read_value(scan, place, doc);
    }
  } else if (scan.peek() == '{') {
    Text key;
    if (scan.enter('{')) {
      while (scan.next_member(key)) read_member(scan, key, place, doc);
    }
  } else {
    scan.skip(ignored);
  }
}

}  // namespace

void read_parameters(std::string_view input_schema, Doc& doc) {
  Scanner scan{input_schema};
  read_value(scan, Place::root, doc);
}

}  // namespace toolgate::search
