// A tool's input schema as it grows: the operation's parameters and its body's properties as
// members of one flat object.
#pragma once

#include <string>
#include <string_view>

#include "base/text.h"
#include "json/json.h"
#include "targets/openapi/schemas.h"

namespace toolgate::targets::openapi {

// "filter[name]" → "filter_name_": what models take as the name of an argument (letters, digits,
// '_', '.', '-', at most 64). "argument" when nothing is left.
[[nodiscard]] std::string argument_name(std::string_view name);

class Arguments {
 public:
  enum class Need : unsigned char { optional, required };

  // Takes an argument and gives its name: the wanted one as argument_name makes it; when that is
  // taken, with `place` in front ("query_id"), then numbered.
  std::string add(std::string_view wanted, std::string_view place, Json schema, Need need);

  // What other arguments may be; nothing else is admitted when it is not called.
  void admit_others(Json schema) { others_ = std::move(schema); }

  // The whole schema, with the definitions that `uses` has. `cut` as Schemas::definitions.
  [[nodiscard]] std::string text(Schemas& schemas, std::size_t bytes_max, bool& cut);

  Uses uses;  // what the arguments' schemas refer to

 private:
  JsonObject properties_;
  TextMap<int> numbers_;  // of a name that is taken: the last number it was given
  JsonArray required_;
  Json others_ = false;
};

}  // namespace toolgate::targets::openapi
