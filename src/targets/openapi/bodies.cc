#include "targets/openapi/bodies.h"

#include <fmt/format.h>

#include "base/text.h"
#include "crypto/hash.h"
#include "targets/http_result.h"
#include "targets/openapi/styles.h"
#include "targets/openapi/xml_body.h"

namespace toolgate::targets::openapi {
namespace {

using json::Tape;

constexpr std::size_t boundary_bytes = 16;

Result<std::string> bytes_of(const Tape& tape, Tape::Index value, std::string_view name) {
  if (tape[value].kind != Tape::Kind::string) {
    return fail(Code::invalid,
                fmt::format("Field '/{}' must be a string, the bytes as base64", name));
  }
  auto bytes = crypto::from_base64(text_of(tape, value));
  if (!bytes) {
    return fail(Code::invalid,
                fmt::format("Field '/{}' must be base64: {}", name, bytes.error().message));
  }
  return bytes;
}

std::string json_object(const Tape& tape, const std::vector<Property>& properties) {
  std::string out{"{"};
  for (const auto& property : properties) {
    if (out.size() > 1) out += ',';
    json::quote_to(out, property.name);
    out += ':';
    out += json_of(tape, property.value);
  }
  return out + '}';
}

std::string form(const BodyRecipe& recipe, const Tape& tape,
                 const std::vector<Property>& properties) {
  std::vector<Pair> pairs;
  for (const auto& property : properties) {
    const auto rule = recipe.rules.find(property.name);
    // OpenAPI 3.1.1, Encoding Object: objects are JSON unless a style is named.
    const Spelling spelling =
        rule != recipe.rules.end()
            ? rule->second.spelling
            : Spelling{.as_json = tape[property.value].kind == Tape::Kind::object};
    add_pairs(property.name, spelling, tape, property.value, pairs);
  }
  return joined(pairs);
}

// A name between quotes (WHATWG, HTML, "multipart/form-data").
std::string part_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '"') {
      out += "%22";
    } else if (c == '\r' || c == '\n') {
      out += c == '\r' ? "%0D" : "%0A";
    } else {
      out += c;
    }
  }
  return out;
}

class Multipart {
 public:
  Multipart(const BodyRecipe& recipe, const Tape& tape)
      : recipe_{recipe},
        tape_{tape},
        boundary_{crypto::hex(crypto::random_bytes(boundary_bytes))} {}

  // A list is as many parts of one name.
  Result<void> add(const Property& property) {
    const auto rule = recipe_.rules.find(property.name);
    const PartRule& how = rule != recipe_.rules.end() ? rule->second : usual_;
    if (tape_[property.value].kind == Tape::Kind::array && !is_json_type(how.content_type)) {
      auto item = property.value + 1;
      for (std::uint32_t i = 0; i < tape_[property.value].count; ++i) {
        TRY_DO(add_part(property.name, item, how));
        item = tape_[item].next;
      }
      return {};
    }
    return add_part(property.name, property.value, how);
  }

  void finish(HttpCall& call) {
    call.body = std::move(body_) + "--" + boundary_ + "--\r\n";
    call.headers.push_back({"content-type", "multipart/form-data; boundary=" + boundary_});
  }

 private:
  Result<void> add_part(std::string_view name, Tape::Index value, const PartRule& how) {
    const auto kind = tape_[value].kind;
    const bool container = kind == Tape::Kind::object || kind == Tape::Kind::array;
    if (kind == Tape::Kind::null) return {};
    std::string type = how.content_type;
    std::string content;
    if (how.binary) {
      TRY(content, bytes_of(tape_, value, name));
      if (type.empty()) type = "application/octet-stream";
    } else if (container || is_json_type(type)) {
      content = json_of(tape_, value);
      if (type.empty()) type = "application/json";
    } else {
      content = text_of(tape_, value);
    }
    body_ += fmt::format("--{}\r\ncontent-disposition: form-data; name=\"{}\"", boundary_,
                         part_name(name));
    if (how.binary) body_ += fmt::format("; filename=\"{}\"", part_name(name));
    if (!type.empty()) body_ += "\r\ncontent-type: " + type;
    body_ += "\r\n\r\n";
    body_ += content;
    body_ += "\r\n";
    return {};
  }

  const BodyRecipe& recipe_;
  const Tape& tape_;
  const std::string boundary_;
  const PartRule usual_;
  std::string body_;
};

Result<void> write_multipart(const BodyRecipe& recipe, const Tape& tape,
                             const std::vector<Property>& properties, HttpCall& call) {
  Multipart parts{recipe, tape};
  for (const auto& property : properties) TRY_DO(parts.add(property));
  parts.finish(call);
  return {};
}

// Forms and multipart bodies are made of properties: those of the argument that holds them all.
Result<void> take_apart(const BodyRecipe& recipe, const Tape& tape, BodyArguments& arguments) {
  if (arguments.whole == Tape::none) return {};
  const auto& whole = tape[arguments.whole];
  if (whole.kind != Tape::Kind::object) {
    return fail(Code::invalid, fmt::format("Field '/{}' must be an object", recipe.argument));
  }
  auto at = arguments.whole + 1;
  for (std::uint32_t i = 0; i < whole.count; ++i) {
    const auto value = tape[at].next;
    arguments.properties.push_back(
        {.name = *json::unescape(tape[at].text(), json::Surrogates::replace), .value = value});
    at = tape[value].next;
  }
  return {};
}

}  // namespace

Result<void> write_body(const BodyRecipe& recipe, const Tape& tape, BodyArguments arguments,
                        HttpCall& call) {
  const bool whole = arguments.whole != Tape::none;
  if (recipe.kind == BodyKind::none) return {};
  if (!whole && arguments.properties.empty()) {
    if (!recipe.required || !recipe.argument.empty()) return {};
  }
  switch (recipe.kind) {
    case BodyKind::none:
      return {};
    case BodyKind::json:
      call.body = whole ? json_of(tape, arguments.whole) : json_object(tape, arguments.properties);
      break;
    case BodyKind::form:
      TRY_DO(take_apart(recipe, tape, arguments));
      call.body = form(recipe, tape, arguments.properties);
      break;
    case BodyKind::multipart:
      TRY_DO(take_apart(recipe, tape, arguments));
      return write_multipart(recipe, tape, arguments.properties, call);
    case BodyKind::text:
      if (whole) call.body = text_of(tape, arguments.whole);
      break;
    case BodyKind::xml:
      if (whole) {
        TRY(call.body, xml_of(recipe.xml, tape, arguments.whole));
      } else {
        TRY(call.body, xml_of(recipe.xml, tape, arguments.properties));
      }
      break;
    case BodyKind::binary:
      if (whole) {
        TRY(call.body, bytes_of(tape, arguments.whole, recipe.argument));
      }
      break;
  }
  call.headers.push_back({"content-type", recipe.type});
  return {};
}

}  // namespace toolgate::targets::openapi
