#include "targets/openapi/xml_body.h"

#include <fmt/format.h>

#include "base/xml.h"
#include "targets/openapi/styles.h"

namespace toolgate::targets::openapi {
namespace {

using json::Tape;

const Json no_hints{JsonObject{}};

const Json& hints_of(const Json& hints, std::string_view property) {
  const Json* found = json::find(hints, "members", property);
  return found != nullptr ? *found : no_hints;
}

bool is_name(std::string_view name) {
  if (name.empty()) return false;
  const auto begins = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  for (const char c : name) {
    if (!begins(c) && !(c >= '0' && c <= '9') && c != '-' && c != '.' && c != ':') return false;
  }
  return begins(name.front());
}

class Writer {
 public:
  explicit Writer(const Tape& tape) : tape_{tape} {}

  Result<void> element(const Json& hints, std::string_view usual_name, Tape::Index value) {
    if (tape_[value].kind == Tape::Kind::array) return list(hints, usual_name, value);
    if (tape_[value].kind != Tape::Kind::object) {
      TRY(const std::string name, open(hints, usual_name));
      out_ += '>';
      TRY_DO(escape(text_of(tape_, value)));
      close(name);
      return {};
    }
    std::vector<Property> properties;
    auto at = value + 1;
    for (std::uint32_t i = 0; i < tape_[value].count; ++i) {
      const auto member = tape_[at].next;
      properties.push_back(
          {.name = *json::unescape(tape_[at].text(), json::Surrogates::replace), .value = member});
      at = tape_[member].next;
    }
    return object(hints, usual_name, properties);
  }

  Result<void> object(const Json& hints, std::string_view usual_name,
                      const std::vector<Property>& properties) {
    TRY(const std::string name, open(hints, usual_name));
    for (const auto& property : properties) {
      const Json& own = hints_of(hints, property.name);
      if (json::find_bool(own, "attribute") != true) continue;
      TRY(const std::string attribute, name_in(own, property.name));
      out_ += ' ' + attribute + "=\"";
      TRY_DO(escape(text_of(tape_, property.value)));
      out_ += '"';
    }
    out_ += '>';
    for (const auto& property : properties) {
      const Json& own = hints_of(hints, property.name);
      if (json::find_bool(own, "attribute") == true) continue;
      if (tape_[property.value].kind == Tape::Kind::null) continue;
      TRY_DO(element(own, property.name, property.value));
    }
    close(name);
    return {};
  }

  [[nodiscard]] std::string text() && {
    return R"(<?xml version="1.0" encoding="UTF-8"?>)" + std::move(out_);
  }

 private:
  // A wrapped list is an element of its own around its items; their names are the items' own, else
  // the list's.
  Result<void> list(const Json& hints, std::string_view usual_name, Tape::Index array) {
    const bool wrapped = json::find_bool(hints, "wrapped") == true;
    const Json* found = json::find(hints, "items");
    const Json& items = found != nullptr ? *found : no_hints;
    const auto own_name = json::find_string(hints, "name");
    const std::string_view item_name = wrapped ? usual_name : own_name.value_or(usual_name);
    std::string name;
    if (wrapped) {
      TRY(name, open(hints, usual_name));
      out_ += '>';
    }
    auto item = array + 1;
    for (std::uint32_t i = 0; i < tape_[array].count; ++i) {
      TRY_DO(element(items, item_name, item));
      item = tape_[item].next;
    }
    if (wrapped) close(name);
    return {};
  }

  static Result<std::string> name_in(const Json& hints, std::string_view usual_name) {
    std::string name{json::find_string(hints, "name").value_or(usual_name)};
    if (const auto prefix = json::find_string(hints, "prefix")) {
      name = std::string{*prefix} + ':' + name;
    }
    if (!is_name(name)) {
      return fail(Code::invalid, fmt::format("'{}' cannot be the name of an XML element", name));
    }
    return name;
  }

  // "<name xmlns=…", still open for attributes.
  Result<std::string> open(const Json& hints, std::string_view usual_name) {
    TRY(std::string name, name_in(hints, usual_name));
    out_ += '<' + name;
    if (const auto space = json::find_string(hints, "namespace")) {
      const auto prefix = json::find_string(hints, "prefix");
      out_ += prefix ? fmt::format(" xmlns:{}=\"", *prefix) : " xmlns=\"";
      TRY_DO(escape(*space));
      out_ += '"';
    }
    return name;
  }
  void close(const std::string& name) { out_ += "</" + name + '>'; }

  Result<void> escape(std::string_view text) {
    if (!fits_xml(text)) return fail(Code::invalid, "XML cannot hold control characters");
    escape_xml_to(out_, text);
    return {};
  }

  const Tape& tape_;
  std::string out_;
};

}  // namespace

Result<std::string> xml_of(const Json& hints, const Tape& tape, Tape::Index value) {
  Writer writer{tape};
  TRY_DO(writer.element(hints, "root", value));
  return std::move(writer).text();
}

Result<std::string> xml_of(const Json& hints, const Tape& tape,
                           const std::vector<Property>& properties) {
  Writer writer{tape};
  TRY_DO(writer.object(hints, "root", properties));
  return std::move(writer).text();
}

}  // namespace toolgate::targets::openapi
