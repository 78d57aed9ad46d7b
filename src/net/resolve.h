// From a host name to the addresses that may be connected to.
#pragma once

#include <string>
#include <vector>

#include "base/offload.h"
#include "base/result.h"
#include "base/task.h"

namespace toolgate::net {

// The system's answer for `host`, in its order, without doubles. The look-up itself cannot be
// ended; at the deadline it is no longer waited for. Fails with Code::unavailable (no such name),
// Code::timeout.
Task<Result<std::vector<std::string>>> resolve(Offload& offload, std::string host,
                                               Deadline deadline);

}  // namespace toolgate::net
