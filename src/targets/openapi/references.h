// Finds what a document's `$ref`s point to. Nothing is ever fetched: a reference leads to a place
// of the same document, or it is a failure that names it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "json/json.h"

namespace toolgate::targets::openapi {

// Text costs as much effort as a value for each so many bytes (References::spend).
inline constexpr std::size_t bytes_a_value = 32;

// A value and where it stands.
struct Place {
  const Json* value = nullptr;
  std::string pointer;  // RFC 6901, "" for the root
};

// A JSON pointer's next step: "a/b" → "~1".
[[nodiscard]] std::string pointer_step(std::string_view pointer, std::string_view member);
// The last member's name, unescaped.
[[nodiscard]] std::string last_step(std::string_view pointer);

class References {
 public:
  // `root` outlives this.
  explicit References(const Json& root) : root_{root} {}

  // The value as it is, or what its `$ref` leads to, through as many as references_count_max. Fails
  // with Code::invalid: outside of the document, nothing there, a circle.
  [[nodiscard]] Result<Place> resolve(Place place) const;
  // What "#/components/schemas/Pet" names.
  [[nodiscard]] Result<Place> find(std::string_view reference) const;

  [[nodiscard]] const Json& root() const { return root_; }

  // What was done with the document so far, in values that were looked at or copied. References
  // can make that far more than the document is long, and nothing else bounds it.
  [[nodiscard]] std::size_t effort() const { return effort_; }
  void spend(std::size_t values) const { effort_ += values; }

 private:
  const Json& root_;
  mutable std::size_t effort_ = 0;  // of the one thread that converts the document
};

// What a copy of the value costs (References::spend).
[[nodiscard]] std::size_t size_of(const Json& value);

// The value's `$ref`, when it is an object with one that is text.
[[nodiscard]] const Json* reference_of(const Json& value);

}  // namespace toolgate::targets::openapi
