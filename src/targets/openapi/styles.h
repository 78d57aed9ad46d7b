// The serialisation styles of OpenAPI 3.1.1 ("Style Values"): a JSON value as path segment, header
// or pairs of a query, form or cookie.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "json/tape.h"
#include "targets/openapi/recipe.h"

namespace toolgate::targets::openapi {

// A scalar's plain text (strings without quotes, null as nothing), other values as JSON.
[[nodiscard]] std::string text_of(const json::Tape& tape, json::Tape::Index index);
// The value as JSON, its bytes as they were given.
[[nodiscard]] std::string json_of(const json::Tape& tape, json::Tape::Index index);

// One name=value of a query: the name is not yet encoded, the value is.
struct Pair {
  std::string name;
  std::string value;
};

// form, spaceDelimited, pipeDelimited, deepObject. Nothing for null and for empty lists. What
// deepObject leaves open, lists and objects inside of it, is written name[key][0]=….
void add_pairs(std::string_view name, const Spelling& spelling, const json::Tape& tape,
               json::Tape::Index value, std::vector<Pair>& pairs);

enum class Encoded : unsigned char { no, percent };

// simple, label, matrix: for paths and headers.
[[nodiscard]] std::string in_one(std::string_view name, const Spelling& spelling,
                                 const json::Tape& tape, json::Tape::Index value, Encoded encoded);

// "a=1&b=2"
[[nodiscard]] std::string joined(const std::vector<Pair>& pairs);

}  // namespace toolgate::targets::openapi
