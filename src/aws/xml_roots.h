// The names of the root elements that answers of rest-xml have, where the contract has none.
#pragma once

#include <string_view>

#include "aws/contract.h"

namespace toolgate::aws {

// Of an output's shape ("ListObjectsV2Output"): "ListBucketResult"; the shape's own name for most.
[[nodiscard]] std::string_view root_name(std::string_view shape);
[[nodiscard]] std::string_view root_namespace(const Contract& contract);

}  // namespace toolgate::aws
