#include "targets/openapi/arguments.h"

namespace toolgate::targets::openapi {
namespace {

constexpr std::size_t name_bytes_max = 64;

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-';
}

}  // namespace

std::string argument_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if ((static_cast<unsigned char>(c) & 0xC0) == 0x80) continue;  // one '_' a character
    if (out.size() < name_bytes_max) out += is_plain(c) ? c : '_';
  }
  return out.empty() ? "argument" : out;
}

std::string Arguments::add(std::string_view wanted, std::string_view place, Json schema,
                           Need need) {
  std::string name = argument_name(wanted);
  if (properties_.contains(name)) name = argument_name(std::string{place} + '_' + name);
  const std::string base = name;
  while (properties_.contains(name)) {
    int& number = numbers_.try_emplace(base, 1).first->second;
    const std::string suffix = '_' + std::to_string(++number);
    name = base.substr(0, name_bytes_max - suffix.size()) + suffix;
  }
  properties_[name] = std::move(schema);
  if (need == Need::required) required_.emplace_back(boost::json::string{name});
  return name;
}

std::string Arguments::text(Schemas& schemas, std::size_t bytes_max, bool& cut) {
  std::string out = R"({"type":"object","properties":)" + json::print(properties_);
  if (!required_.empty()) out += R"(,"required":)" + json::print(required_);
  if (!others_.is_bool() || !others_.get_bool()) {
    out += R"(,"additionalProperties":)" + json::print(others_);
  }
  out += schemas.definitions(uses, bytes_max, cut);
  return out + '}';
}

}  // namespace toolgate::targets::openapi
