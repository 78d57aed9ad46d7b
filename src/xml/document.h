// XML of others as a tree of elements, read by Expat. A document type is refused, so there are no
// entities but XML's own five and nothing expands; whatever the encoding, texts are UTF-8.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace toolgate::xml {

// As many as the largest answers of AWS have; an element costs 150 bytes and more.
inline constexpr std::size_t elements_count_max = 300'000;
inline constexpr std::size_t levels_count_max = 64;
inline constexpr std::size_t attributes_count_max = 64;  // of one element
inline constexpr std::size_t document_bytes_max = 64 * 1024 * 1024;

struct Element {
  std::string name;                                             // without its prefix
  std::string text;                                             // all character data in it
  std::vector<std::pair<std::string, std::string>> attributes;  // with their prefixes
  std::vector<Element> children;

  // The first child of that name, or null.
  [[nodiscard]] const Element* find(std::string_view child) const;
  // The text of a child; empty without one.
  [[nodiscard]] std::string_view text_of(std::string_view child) const;
};

// The root of a document. Fails with Code::invalid and a message that says the line, or which of
// the bounds: "line 3: mismatched tag".
[[nodiscard]] Result<Element> parse(std::string_view text);

}  // namespace toolgate::xml
