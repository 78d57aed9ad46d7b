#include "aws/departures.h"

#include <algorithm>

#include "base/log.h"

namespace toolgate::aws {

const std::vector<PatternDeparture>& pattern_departures() {
  static const std::vector<PatternDeparture> table{
      {"bedrock-agentcore-control", "McpServerTargetConfigurationEndpointString", "https://.*",
       "https?://.*",
       "MCP servers of a laptop or a private network speak plain HTTP; the address guard decides "
       "which addresses may be reached, and how"},
      {"lambda", "S3Bucket", R"([0-9A-Za-z\.\-_]*(?<!\.))",
       R"(([0-9A-Za-z\.\-_]*[0-9A-Za-z\-_])?)",
       "RE2 has no lookbehind; this is the same set of texts"},
      {"lambda", "Alias", R"((?!^[0-9]+$)([a-zA-Z0-9-_]+))",
       "[a-zA-Z0-9-_]*[a-zA-Z-_][a-zA-Z0-9-_]*",
       "RE2 has no lookahead; this is the same set of texts"},
      {"cognito-idp", "S3BucketType", R"(^[0-9A-Za-z\.\-_]*(?<!\.)$)",
       R"(^([0-9A-Za-z\.\-_]*[0-9A-Za-z\-_])?$)",
       "RE2 has no lookbehind; this is the same set of texts"},
  };
  return table;
}

const std::vector<OpenShape>& open_shapes() {
  static const std::vector<OpenShape> table{
      {"bedrock-agentcore-control", "SchemaDefinition",
       "The contract's five members cannot say what a function's owner knows of its arguments "
       "(enum, default, format, oneOf, $ref): all of JSON Schema passes, and the target reads it"},
  };
  return table;
}

bool is_open(std::string_view service, std::string_view shape) {
  return std::ranges::any_of(open_shapes(), [&](const OpenShape& row) {
    return row.service == service && row.shape == shape;
  });
}

std::string_view pattern_for(std::string_view service, std::string_view shape,
                             std::string_view contract) {
  for (const auto& row : pattern_departures()) {
    if (row.service == service && row.shape == shape) {
      if (row.contract == contract) return row.ours;
      log::warn("aws: the contract of {} has another pattern for {} than departures.cc", service,
                shape);
    }
  }
  return contract;
}

}  // namespace toolgate::aws
