// Documents of others: whatever they hold, the tree keeps its bounds, its texts are UTF-8, and what
// is written of it again is read as the same tree.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/xml.h"
#include "json/scan.h"
#include "xml/document.h"

using namespace toolgate;

namespace {

void check(const xml::Element& element, std::size_t level) {
  ASSERT(level <= xml::levels_count_max && json::is_utf8(element.text) && !element.name.empty());
  ASSERT(element.attributes.size() <= xml::attributes_count_max);
  for (const auto& child : element.children) check(child, level + 1);
}

// Prefixes and attributes are left out: a name without its prefix need not be one.
void write(std::string& out, const xml::Element& element) {
  out += "<e>";
  escape_xml_to(out, element.text);
  for (const auto& child : element.children) write(out, child);
  out += "</e>";
}

bool same(const xml::Element& one, const xml::Element& other) {
  return one.text == other.text && std::ranges::equal(one.children, other.children, same);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto root = xml::parse({reinterpret_cast<const char*>(data), size});
  if (!root) return 0;
  check(*root, 1);
  std::string text;
  write(text, *root);
  const auto again = xml::parse(text);
  ASSERT(again && same(*root, *again));
  return 0;
}
