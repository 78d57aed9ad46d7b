// An OpenAPI document as a catalogue of tools.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "json/json.h"
#include "net/credential.h"
#include "targets/openapi/operation.h"
#include "targets/target.h"

namespace toolgate::targets::openapi {

// What a selection says of an operation that is taken.
struct Chosen {
  std::string name;         // instead of the operationId; empty: that
  std::string description;  // instead of the operation's; empty: that
};

struct Conversion {
  std::string_view target_name;  // for the bound on a tool's whole name
  const net::Credential& credential;
  bool users_own = false;  // Discovery::users_own
  // Which operations are taken; empty: all. Nothing for one that is not.
  std::function<Result<std::optional<Chosen>>(const Operation&)> choose;
};

// Every operation becomes a tool, or is in Catalogue::skipped with the reason. Fails with
// Code::invalid: no OpenAPI 3.0 or 3.1, or no operation that can become a tool, with the reasons.
[[nodiscard]] Result<Catalogue> convert(const Json& document, const Conversion& conversion);

// "get.Pets/{id}" → "get_Pets_id_": what models take as the name of a tool (letters, digits, '_',
// '-'), one '_' for each other character.
[[nodiscard]] std::string tool_name(std::string_view operation_id);
// For an operation without an operationId: "get_pets_petId".
[[nodiscard]] std::string made_name(const Operation& operation);

}  // namespace toolgate::targets::openapi
