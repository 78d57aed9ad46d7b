// The tools of a model: one an operation.
#pragma once

#include <string_view>

#include "base/result.h"
#include "targets/target.h"

namespace toolgate::targets::smithy {

// Bounds of one model's tools together: the greatest of AWS's, EC2's 770, come to some 30 MB.
inline constexpr std::size_t tools_bytes_max = 64 * 1024 * 1024;

struct ToolSettings {
  std::string_view target_name;  // the tools' prefix
  std::string_view region;       // of the service's endpoint
};

// Fails with Code::invalid for a document that is no model or has no operation that can be a tool,
// naming what was expected. What cannot be a tool alone is in `skipped`, with the reason.
[[nodiscard]] Result<Catalogue> tools_of(std::string_view model, const ToolSettings& settings);

}  // namespace toolgate::targets::smithy
