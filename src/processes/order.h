// A caller's command, checked and made definite.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "processes/wire.h"

namespace toolgate::processes {

// `hidden` are the paths that no child may see. Fails with Code::invalid, Code::too_large.
Result<Order> make_order(Command command, Sandbox sandbox, const std::vector<std::string>& hidden);

}  // namespace toolgate::processes
