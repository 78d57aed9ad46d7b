// How one operation is called: what stands between a tool's arguments and the HTTP request. Made of
// the document once (recipe_text), kept with the catalogue as JSON, compiled when the data plane
// takes the catalogue.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/text.h"
#include "json/json.h"
#include "json/schema.h"
#include "net/http.h"
#include "targets/target.h"

namespace toolgate::targets::openapi {

// OpenAPI 3.1.1, Style Values.
enum class Style : unsigned char {
  simple,
  label,
  matrix,
  form,
  space_delimited,
  pipe_delimited,
  deep_object,
};
[[nodiscard]] std::string_view name_of(Style style);
[[nodiscard]] std::optional<Style> style_named(std::string_view name);

enum class In : unsigned char { path, query, header, cookie };
[[nodiscard]] std::string_view name_of(In in);
[[nodiscard]] std::optional<In> in_named(std::string_view name);

// How a value is written under a name.
struct Spelling {
  Style style = Style::form;
  bool explode = true;
  bool reserved = false;  // reserved characters stay as they are
  bool as_json = false;   // the value is JSON text; style counts no more
};

struct Parameter {
  std::string argument;  // the tool's
  std::string name;      // the API's
  In in = In::query;
  Spelling spelling;
};

enum class BodyKind : unsigned char { none, json, form, multipart, text, xml, binary };

// A property of a form or of a multipart body.
struct PartRule {
  Spelling spelling;
  std::string content_type;  // of its part; empty: by the value
  bool binary = false;       // the argument is base64 of the bytes
};

struct BodyRecipe {
  BodyKind kind = BodyKind::none;
  std::string type;  // the content-type, without a multipart's boundary
  bool required = false;
  std::string argument;  // that holds the whole body; empty: its properties are arguments
  TextMap<std::string> properties;  // argument → property
  bool rest = false;                // arguments that are nothing else are properties
  TextMap<PartRule> rules;          // by property
  Json xml;                         // hints, see xml_body.h
};

struct CallRecipe final : Recipe {
  // A path's piece: literal text, or a parameter.
  struct Piece {
    std::string literal;
    std::optional<std::size_t> parameter;
  };

  std::string method;
  net::Url base;              // its target is "/"
  std::vector<Piece> pieces;  // path, and a query that the path itself has
  std::string accept;
  std::vector<Parameter> parameters;
  TextMap<std::size_t> by_argument;
  BodyRecipe body;
  std::optional<json::Schema> output;  // the tool's outputSchema
};

// The recipe's text. `url` is the server's URL and the path, its parameters in braces.
struct RecipeDraft {
  std::string method;
  std::string url;
  std::string accept;
  std::vector<Parameter> parameters;
  BodyRecipe body;
};
[[nodiscard]] std::string recipe_text(const RecipeDraft& draft);

// Compiles a recipe's text. Fails with Code::invalid: no recipe of ours.
[[nodiscard]] Result<std::shared_ptr<CallRecipe>> read_recipe(std::string_view text);

}  // namespace toolgate::targets::openapi
