// Which partition of AWS a region lies in, by the table that tools/partitions.py takes from
// botocore when this is built.
#include <re2/re2.h>

#include "base/result.h"
#include "targets/smithy/partitions_data.h"
#include "targets/smithy/rules.h"

namespace toolgate::targets::smithy {
namespace {

struct Partition {
  Json outputs;
  JsonObject regions;
  std::unique_ptr<const RE2> pattern;
};

std::vector<Partition> read_partitions() {
  const auto document = json::parse(partitions_text());
  ASSERT(document);
  std::vector<Partition> out;
  const JsonArray* partitions = json::find_array(*document, "partitions");
  ASSERT(partitions != nullptr && !partitions->empty());
  for (const auto& each : *partitions) {
    Json outputs = *json::find(each, "outputs");
    outputs.get_object()["name"] = *json::find(each, "id");
    out.push_back({.outputs = std::move(outputs),
                   .regions = json::find(each, "regions")->get_object(),
                   .pattern = std::make_unique<const RE2>(
                       json::find_string(each, "regionRegex").value_or(""))});
  }
  return out;
}

}  // namespace

Json partition_of(std::string_view region) {
  static const std::vector<Partition> partitions = read_partitions();
  for (const auto& each : partitions) {
    if (each.regions.contains(region)) return each.outputs;
  }
  for (const auto& each : partitions) {
    if (RE2::FullMatch(region, *each.pattern)) return each.outputs;
  }
  return partitions.front().outputs;
}

}  // namespace toolgate::targets::smithy
