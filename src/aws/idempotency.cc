#include "aws/idempotency.h"

#include <map>

#include <fmt/format.h>

#include "crypto/hash.h"

namespace toolgate::aws {
namespace {

void append_canonical(std::string& out, const Json& value) {
  if (const auto* array = value.if_array()) {
    out += '[';
    for (const auto& item : *array) {
      if (&item != &array->front()) out += ',';
      append_canonical(out, item);
    }
    out += ']';
  } else if (const auto* object = value.if_object()) {
    std::map<std::string_view, const Json*> sorted;
    for (const auto& entry : *object) sorted.emplace(entry.key(), &entry.value());
    out += '{';
    for (bool first = true; const auto& [name, member] : sorted) {
      if (!first) out += ',';
      first = false;
      json::quote_to(out, name);
      out += ':';
      append_canonical(out, *member);
    }
    out += '}';
  } else {
    json::print_to(out, value);
  }
}

}  // namespace

std::string canonical_text(const Json& value) {
  std::string out;
  append_canonical(out, value);
  return out;
}

std::string input_digest(const Call& call, std::string_view token) {
  Json input = call.input;
  if (auto* object = input.if_object()) object->erase(token);
  return crypto::sha256_hex(canonical_text(input));
}

Result<void> same_input(const Call& call, std::string_view stored_digest, std::string_view token) {
  if (input_digest(call, token) == stored_digest) return {};
  auto error = fail(Code::invalid,
                    fmt::format("{}: this token was used before with other parameters", token));
  error.error().name = "IdempotentParameterMismatchException";
  return error;
}

}  // namespace toolgate::aws
