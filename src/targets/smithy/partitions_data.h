// The table of AWS's partitions as JSON, embedded when this is built.
#pragma once

#include <string_view>

namespace toolgate::targets::smithy {

[[nodiscard]] std::string_view partitions_text();

}  // namespace toolgate::targets::smithy
