#include "targets/smithy/xml.h"

#include <expat.h>

#include <algorithm>
#include <memory>

#include <fmt/format.h>

namespace toolgate::targets::smithy {
namespace {

constexpr std::size_t depth_max = 64;
constexpr std::size_t elements_count_max = 300'000;

struct Building {
  XML_Parser parser = nullptr;
  XmlElement root;
  // A child is kept aside until its end, so that no pointer into a growing list is held.
  std::vector<XmlElement> open;
  std::size_t count = 0;
  const char* refused = nullptr;

  void refuse(const char* why) {
    if (refused == nullptr) refused = why;
    XML_StopParser(parser, XML_FALSE);
  }
};

void on_start(void* user, const XML_Char* name, const XML_Char** attributes) {
  auto& building = *static_cast<Building*>(user);
  if (building.refused != nullptr) return;
  if (building.open.size() == depth_max) return building.refuse("more than 64 levels");
  if (++building.count > elements_count_max) return building.refuse("more than 300,000 elements");
  std::string_view full = name;
  XmlElement& element = building.open.emplace_back();
  const auto colon = full.find(':');
  element.name = colon == full.npos ? full : full.substr(colon + 1);
  for (; *attributes != nullptr; attributes += 2) {
    element.attributes.emplace_back(attributes[0], attributes[1]);
  }
}

void on_end(void* user, const XML_Char* /*name*/) {
  auto& building = *static_cast<Building*>(user);
  if (building.refused != nullptr || building.open.empty()) return;
  XmlElement done = std::move(building.open.back());
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

const XmlElement* XmlElement::find(std::string_view child) const {
  const auto found = std::ranges::find(children, child, &XmlElement::name);
  return found == children.end() ? nullptr : &*found;
}

std::string_view XmlElement::text_of(std::string_view child) const {
  const XmlElement* found = find(child);
  return found == nullptr ? std::string_view{} : std::string_view{found->text};
}

Result<XmlElement> parse_xml(std::string_view text) {
  const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser{
      XML_ParserCreate(nullptr), XML_ParserFree};
  ASSERT(parser != nullptr);
  Building building{.parser = parser.get()};
  XML_SetUserData(parser.get(), &building);
  XML_SetElementHandler(parser.get(), on_start, on_end);
  XML_SetCharacterDataHandler(parser.get(), on_text);
  XML_SetStartDoctypeDeclHandler(parser.get(), on_doctype);
  const auto status = XML_Parse(parser.get(), text.data(), static_cast<int>(text.size()), XML_TRUE);
  if (building.refused != nullptr) {
    return fail(Code::upstream, fmt::format("the answer's XML holds {}", building.refused));
  }
  if (status != XML_STATUS_OK) {
    return fail(Code::upstream, fmt::format("the answer is no XML: line {}: {}",
                                            XML_GetCurrentLineNumber(parser.get()),
                                            XML_ErrorString(XML_GetErrorCode(parser.get()))));
  }
  return std::move(building.root);
}

}  // namespace toolgate::targets::smithy
