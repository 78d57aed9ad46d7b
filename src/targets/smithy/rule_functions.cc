// The functions of endpoint rules ("Rules engine standard library" and "AWS rules engine library
// functions", Smithy specification).
#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "net/http.h"
#include "targets/smithy/rules.h"

namespace toolgate::targets::smithy {
namespace {

const Json& at(const JsonArray& args, std::size_t index) {
  static const Json null;
  return index < args.size() ? args[index] : null;
}
std::optional<std::string_view> text_at(const JsonArray& args, std::size_t index) {
  const Json& value = at(args, index);
  if (!value.is_string()) return std::nullopt;
  return std::string_view{value.get_string()};
}
bool flag_at(const JsonArray& args, std::size_t index) {
  return at(args, index).is_bool() && at(args, index).get_bool();
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_label(std::string_view text) {
  if (text.empty() || text.size() > 63 || text.front() == '-' || text.back() == '-') return false;
  return std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || c == '-'; });
}

bool is_host_label(std::string_view text, bool subdomains) {
  if (!subdomains) return is_label(text);
  return std::ranges::all_of(split(text, '.'), is_label);
}

bool is_ipv4(std::string_view host) {
  const auto parts = split(host, '.');
  return parts.size() == 4 && std::ranges::all_of(parts, [](std::string_view part) {
           int value = -1;
           const auto* const end = part.data() + part.size();
           const auto [stop, error] = std::from_chars(part.data(), end, value);
           return error == std::errc{} && stop == end && value >= 0 && value <= 255;
         });
}

Json is_set(const JsonArray& args) { return !at(args, 0).is_null(); }
Json not_(const JsonArray& args) {
  const Json& value = at(args, 0);
  return value.is_null() || (value.is_bool() && !value.get_bool());
}
Json boolean_equals(const JsonArray& args) {
  return at(args, 0).is_bool() && at(args, 1).is_bool() &&
         at(args, 0).get_bool() == at(args, 1).get_bool();
}
Json string_equals(const JsonArray& args) {
  const auto a = text_at(args, 0);
  return a && a == text_at(args, 1);
}
Json get_attr(const JsonArray& args) {
  const auto path = text_at(args, 1);
  return path ? rule_attribute(at(args, 0), *path) : Json{};
}

Json substring(const JsonArray& args) {
  const auto text = text_at(args, 0);
  if (!text || !at(args, 1).is_int64() || !at(args, 2).is_int64()) return {};
  const auto start = at(args, 1).get_int64();
  const auto stop = at(args, 2).get_int64();
  const auto size = static_cast<std::int64_t>(text->size());
  const bool ascii = std::ranges::all_of(*text, [](char c) { return (c & 0x80) == 0; });
  if (start < 0 || start >= stop || stop > size || !ascii) return {};
  const auto from = flag_at(args, 3) ? size - stop : start;
  return Json(text->substr(static_cast<std::size_t>(from), static_cast<std::size_t>(stop - start)));
}

Json uri_encode(const JsonArray& args) {
  const auto text = text_at(args, 0);
  return text ? Json(percent_encode(*text)) : Json{};
}

Json parse_url(const JsonArray& args) {
  const auto text = text_at(args, 0);
  if (!text || text->find('?') != text->npos) return {};
  const auto url = net::Url::parse(*text);
  if (!url) return {};
  // Url gives "/" where the text has no path.
  const auto authority_end = text->find('/', url->scheme.size() + 3);
  const std::string path =
      authority_end == text->npos ? "" : std::string{text->substr(authority_end)};
  std::string normalized = path;
  if (!normalized.ends_with('/')) normalized += '/';
  return JsonObject{{"scheme", url->scheme},
                    {"authority", url->authority()},
                    {"path", path},
                    {"normalizedPath", normalized},
                    {"isIp", is_ipv4(url->host) || url->host.find(':') != std::string::npos}};
}

Json is_valid_host_label(const JsonArray& args) {
  const auto text = text_at(args, 0);
  return text && is_host_label(*text, flag_at(args, 1));
}

Json is_virtual_hostable(const JsonArray& args) {
  const auto text = text_at(args, 0);
  if (!text || text->size() < 3 || text->size() > 63 || lower(*text) != *text || is_ipv4(*text)) {
    return false;
  }
  return is_host_label(*text, flag_at(args, 1));
}

Json parse_arn(const JsonArray& args) {
  const auto text = text_at(args, 0);
  if (!text || !text->starts_with("arn:")) return {};
  std::array<std::string_view, 6> parts;
  std::string_view rest = *text;
  for (std::size_t i = 0; i < 5; ++i) {
    const auto colon = rest.find(':');
    if (colon == rest.npos) return {};
    parts[i] = rest.substr(0, colon);
    rest.remove_prefix(colon + 1);
  }
  parts[5] = rest;
  if (parts[1].empty() || parts[2].empty() || parts[5].empty()) return {};
  JsonArray resource;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= rest.size(); ++i) {
    if (i < rest.size() && rest[i] != ':' && rest[i] != '/') continue;
    resource.emplace_back(rest.substr(begin, i - begin));
    begin = i + 1;
  }
  return JsonObject{{"partition", parts[1]},
                    {"service", parts[2]},
                    {"region", parts[3]},
                    {"accountId", parts[4]},
                    {"resourceId", std::move(resource)}};
}

Json partition(const JsonArray& args) { return partition_of(text_at(args, 0).value_or("")); }

// The three of the newer decision diagrams, which rule sets may use too.
Json coalesce(const JsonArray& args) {
  for (const auto& each : args) {
    if (!each.is_null()) return each;
  }
  return {};
}
Json if_then_else(const JsonArray& args) { return flag_at(args, 0) ? at(args, 1) : at(args, 2); }

struct Function {
  std::string_view name;
  Json (*call)(const JsonArray&);
};
constexpr std::array functions{
    Function{"isSet", is_set},
    Function{"not", not_},
    Function{"booleanEquals", boolean_equals},
    Function{"stringEquals", string_equals},
    Function{"getAttr", get_attr},
    Function{"substring", substring},
    Function{"uriEncode", uri_encode},
    Function{"parseURL", parse_url},
    Function{"isValidHostLabel", is_valid_host_label},
    Function{"aws.isVirtualHostableS3Bucket", is_virtual_hostable},
    Function{"aws.parseArn", parse_arn},
    Function{"aws.partition", partition},
    Function{"coalesce", coalesce},
    Function{"ite", if_then_else},
};

}  // namespace

std::optional<Json> call_rule_function(std::string_view name, const JsonArray& args) {
  const auto* const found = std::ranges::find(functions, name, &Function::name);
  if (found == functions.end()) return std::nullopt;
  return found->call(args);
}

// "resourceId[1]", "a.b", "[0]".
Json rule_attribute(const Json& value, std::string_view path) {
  const Json* at_value = &value;
  for (const auto part : split(path, '.')) {
    const auto bracket = part.find('[');
    if (const auto name = part.substr(0, bracket); !name.empty()) {
      at_value = json::find(*at_value, name);
      if (at_value == nullptr) return {};
    }
    if (bracket == part.npos) continue;
    int index = 0;
    const auto digits = part.substr(bracket + 1);
    std::from_chars(digits.data(), digits.data() + digits.size(), index);
    const auto* array = at_value->if_array();
    if (array == nullptr) return {};
    const auto size = static_cast<int>(array->size());
    if (index < 0) index += size;
    if (index < 0 || index >= size) return {};
    at_value = &(*array)[static_cast<std::size_t>(index)];
  }
  return *at_value;
}

}  // namespace toolgate::targets::smithy
