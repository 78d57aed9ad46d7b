#include "xml/document.h"

#include <expat.h>

#include <algorithm>
#include <limits>
#include <memory>

#include <fmt/format.h>

namespace toolgate::xml {
namespace {

static_assert(document_bytes_max <= std::numeric_limits<int>::max());  // Expat's type of sizes

struct Building {
  XML_Parser parser = nullptr;
  Element root;
  // A child is kept aside until its end, so that no pointer into a growing list is held.
  std::vector<Element> open;
  std::size_t count = 0;
  std::string refused;

  void refuse(std::string why) {
    if (refused.empty()) refused = std::move(why);
    XML_StopParser(parser, XML_FALSE);
  }
};

void on_start(void* user, const XML_Char* name, const XML_Char** attributes) {
  auto& building = *static_cast<Building*>(user);
  if (!building.refused.empty()) return;
  if (building.open.size() == levels_count_max) {
    return building.refuse(fmt::format("more than {} levels", levels_count_max));
  }
  if (++building.count > elements_count_max) {
    return building.refuse(fmt::format("more than {} elements", elements_count_max));
  }
  const std::string_view full = name;
  Element& element = building.open.emplace_back();
  const auto prefix = full.find(':') + 1;
  element.name = prefix == full.size() ? full : full.substr(prefix);  // "a:" has no other name
  for (; *attributes != nullptr; attributes += 2) {
    if (element.attributes.size() == attributes_count_max) {
      return building.refuse(fmt::format("more than {} attributes", attributes_count_max));
    }
    element.attributes.emplace_back(attributes[0], attributes[1]);
  }
}

void on_end(void* user, const XML_Char* /*name*/) {
  auto& building = *static_cast<Building*>(user);
  if (!building.refused.empty() || building.open.empty()) return;
  Element done = std::move(building.open.back());
  building.open.pop_back();
  if (building.open.empty()) {
    building.root = std::move(done);
  } else {
    building.open.back().children.push_back(std::move(done));
  }
}

void on_text(void* user, const XML_Char* text, int size) {
  auto& building = *static_cast<Building*>(user);
  if (building.open.empty()) return;
  building.open.back().text.append(text, static_cast<std::size_t>(size));
}

void on_doctype(void* user, const XML_Char*, const XML_Char*, const XML_Char*, int) {
  static_cast<Building*>(user)->refuse("a document type");
}

}  // namespace

const Element* Element::find(std::string_view child) const {
  const auto found = std::ranges::find(children, child, &Element::name);
  return found == children.end() ? nullptr : &*found;
}

std::string_view Element::text_of(std::string_view child) const {
  const Element* found = find(child);
  return found == nullptr ? std::string_view{} : std::string_view{found->text};
}

Result<Element> parse(std::string_view text) {
  if (text.size() > document_bytes_max) {
    return fail(Code::invalid, fmt::format("more than {} bytes", document_bytes_max));
  }
  const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser{
      XML_ParserCreate(nullptr), XML_ParserFree};
  ASSERT(parser != nullptr);
  Building building;
  building.parser = parser.get();
  XML_SetUserData(parser.get(), &building);
  XML_SetElementHandler(parser.get(), on_start, on_end);
  XML_SetCharacterDataHandler(parser.get(), on_text);
  XML_SetStartDoctypeDeclHandler(parser.get(), on_doctype);
  const auto status = XML_Parse(parser.get(), text.data(), static_cast<int>(text.size()), XML_TRUE);
  if (status == XML_STATUS_OK && building.refused.empty()) return std::move(building.root);
  return fail(Code::invalid,
              fmt::format("line {}: {}", XML_GetCurrentLineNumber(parser.get()),
                          building.refused.empty() ? XML_ErrorString(XML_GetErrorCode(parser.get()))
                                                   : building.refused));
}

}  // namespace toolgate::xml
