// A schema, a zero byte, an instance: compiling and checking end, whatever both are.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "json/json.h"
#include "json/scan.h"
#include "json/schema.h"
#include "json/schema_errors.h"

using namespace toolgate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const auto zero = bytes.find('\0');
  if (zero == bytes.npos) return 0;
  const std::string schema_text{bytes.substr(0, zero)};
  const std::string instance{bytes.substr(zero + 1)};
  const auto schema = json::Schema::compile(schema_text);
  if (!schema) return 0;
  const auto errors = schema->check(instance);
  ASSERT(errors.size() <= 20);
  for (const auto& error : errors) ASSERT(!json::describe(error).empty());
  ASSERT(schema->check(instance).size() == errors.size());
  // Nothing fits both a schema and the negation of everything.
  if (!json::is_utf8(instance) || !json::parse(instance)) return 0;
  const auto negated = json::Schema::compile("{\"allOf\":[" + schema_text + "],\"not\":true}");
  if (negated) ASSERT(!negated->check(instance).empty());
  return 0;
}
