// A JSON text laid out flat: one entry a value, in the order of the text, each a slice of it. Costs
// one pass and, when the tape is used again, no allocation. For the schema checker.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "json/scan.h"

namespace toolgate::json {

class Tape {
 public:
  using Index = std::uint32_t;  // the root is 0
  static constexpr Index none = ~Index{0};

  enum class Kind : std::uint8_t { null, boolean, integer, number, string, array, object };

  struct Value {
    const char* begin = nullptr;  // of a string: after its quote
    std::uint32_t size = 0;       // bytes; of a string: between its quotes
    Index next = 0;               // the entry after this value and all in it
    std::uint32_t count = 0;      // items of an array, members of an object
    Kind kind = Kind::null;       // integer: written without fraction and exponent
    bool escaped = false;         // a string with a backslash

    [[nodiscard]] std::string_view raw() const { return {begin, size}; }
    [[nodiscard]] Text text() const { return {.raw = raw(), .escaped = escaped}; }
  };

  // Reads one whole text, which must outlive the use of the tape; at most limits::json_depth_max
  // levels. UTF-8 is not checked. False: it is no JSON, and the tape is empty.
  [[nodiscard]] bool read(std::string_view text);

  [[nodiscard]] const Value& operator[](Index index) const { return values_[index]; }
  [[nodiscard]] std::size_t size() const { return values_.size(); }

  // The value of an object's member, the last one of that name; none also when it is no object.
  [[nodiscard]] Index find(Index object, std::string_view name) const;
  // The JSON pointer (RFC 6901) of a value, or of the member whose name stands there.
  [[nodiscard]] std::string pointer_to(Index index) const;

  // Frees what a large text has made it hold.
  void shrink(std::size_t values_max);

 private:
  std::vector<Value> values_;
};

// "a/b~c" → "a~1b~0c" (RFC 6901), appended after a slash.
void append_pointer(std::string& pointer, std::string_view segment);

// The same JSON value: members in any order, numbers by their value.
[[nodiscard]] bool equal(const Tape& a, Tape::Index at_a, const Tape& b, Tape::Index at_b);
// Equal values have equal hashes.
[[nodiscard]] std::uint64_t hash(const Tape& tape, Tape::Index at);

}  // namespace toolgate::json
