// Schema Objects of OpenAPI 3.0 and 3.1 as JSON Schema 2020-12, as tools carry them.
#pragma once

#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/text.h"
#include "json/json.h"
#include "targets/openapi/references.h"

namespace toolgate::targets::openapi {

// What a schema is for: requests leave out what is readOnly, answers what is writeOnly.
enum class Side : unsigned char { request, answer };

// Whether a property's schema, behind its references, is readOnly in a request or writeOnly in an
// answer.
[[nodiscard]] bool is_left_out(const Json& schema, const References& references, Side side);

// The definitions that something refers to, and what stood in the way.
struct Uses {
  std::set<std::size_t> definitions;
  std::string problem;  // the first; empty: none
};

// The schemas of one document for one side. What is referred to becomes a definition, which is
// converted once and carried by each tool that needs it.
class Schemas {
 public:
  Schemas(const References& references, Side side);

  // The JSON Schema of a schema; `uses` learns what it refers to.
  [[nodiscard]] Json convert(const Json& schema, Uses& uses);

  // `,"$defs":{…}` with all that `uses` reaches, nearest first, or nothing. What does not fit into
  // `bytes_max` is there as {}, which admits everything, and `cut` says so. Problems of what is
  // reached come to `uses`.
  [[nodiscard]] std::string definitions(Uses& uses, std::size_t bytes_max, bool& cut);

 private:
  struct Definition {
    std::string name;
    const Json* schema = nullptr;
    bool converted = false;
    std::string text;
    Uses uses;
  };

  std::size_t definition_of(std::string_view reference, Uses& uses);
  const Definition& converted(std::size_t index);
  [[nodiscard]] std::string free_name(std::string_view pointer);

  void convert_members(const JsonObject& schema, JsonObject& out, Uses& uses);
  void convert_properties(const Json& properties, JsonObject& out, Uses& uses);
  void convert_required(const JsonObject& schema, JsonObject& out) const;
  void convert_bounds(JsonObject& out, const JsonObject& schema) const;
  void convert_discriminator(const JsonObject& schema, JsonObject& out) const;
  [[nodiscard]] Json convert_list(const JsonArray& schemas, Uses& uses);

  const References& references_;
  const Side side_;
  std::vector<std::unique_ptr<Definition>> definitions_;
  TextMap<std::size_t> by_reference_;  // as it is written
  TextMap<std::size_t> by_pointer_;    // of what it leads to
  TextMap<std::size_t> names_;
};

}  // namespace toolgate::targets::openapi
