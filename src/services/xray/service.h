// AWS X-Ray, as far as transaction search is switched on: where spans go and how many are indexed,
// kept as configuration.
#pragma once

#include "aws/service.h"
#include "store/store.h"

namespace toolgate::services::xray {

// What the operations work with. The store outlives it.
struct XRay {
  store::Store& store;
};

// `xray` outlives the table.
[[nodiscard]] aws::Service table(XRay& xray);

}  // namespace toolgate::services::xray
