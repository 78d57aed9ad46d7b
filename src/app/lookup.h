// Gateways and targets as people name them on the command line: by id or by name.
#pragma once

#include <string>

#include "base/result.h"
#include "base/task.h"
#include "json/json.h"
#include "store/store.h"

namespace toolgate::app {

// Fail with Code::not_found.
Task<Result<store::Key>> find_gateway(store::Store& store, std::string wanted);
// The target's document.
Task<Result<Json>> find_target(store::Store& store, store::Key gateway, std::string wanted);

}  // namespace toolgate::app
