// Checks JSON texts against a JSON Schema: 2020-12 and draft 7, by $schema; other drafts are read
// as the nearer of the two. The schema is compiled once; checking builds no document and copies
// nothing but error texts.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace toolgate::json {

// One thing wrong with an instance.
struct SchemaError {
  enum class Kind : unsigned char { missing, type, additional, other };
  Kind kind = Kind::other;
  std::string path;   // JSON pointer of the instance's member: "/amount_cents"; empty for the root
  std::string found;  // Kind::type: the type found, "string"
  std::string
      expected;  // Kind::type: the type expected, "integer"; Kind::missing/additional: the name
  std::string message;  // a whole sentence of what was expected
};

// Immutable, any thread.
class Schema {
 public:
  struct Bounds {
    std::size_t schema_bytes_max = 1024 * 1024;
    std::size_t references_followed_max = 1'000;  // while checking one instance, per path
    std::size_t errors_max = 20;
  };

  // Compiles. Fails with Code::invalid only when the text is no JSON or no schema at all (neither
  // object nor boolean). What cannot be enforced (an unknown pattern syntax, a reference outside
  // the document, a format) does not fail: it is left out and named in unenforced(). References are
  // resolved inside the document only ($id, $anchor, $dynamicRef included); nothing is ever
  // fetched.
  static Result<Schema> compile(std::string_view text, Bounds bounds);
  static Result<Schema> compile(std::string_view text);

  // Checks one instance (well-formed JSON, padded by limits::json_padding_bytes). Empty: it fits.
  [[nodiscard]] std::vector<SchemaError> check(std::string_view instance) const;

  // "pattern '(?<=a)b' at /properties/x: lookbehind is not supported"
  [[nodiscard]] const std::vector<std::string>& unenforced() const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

}  // namespace toolgate::json
