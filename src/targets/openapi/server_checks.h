// What is known of an API's servers before the first call.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "base/result.h"
#include "net/worker.h"
#include "targets/target.h"

namespace toolgate::targets::openapi {

// How many tools are at each server, by its URL without a path. Reads every recipe: not for an I/O
// thread.
using ToolsByServer = std::map<std::string, std::size_t>;
[[nodiscard]] ToolsByServer tools_by_server(const Catalogue& catalogue);

// Asks the address guard of every server; no name is looked up. Fails with its words when it would
// refuse them all; those that it would refuse of several are among the catalogue's notes then.
[[nodiscard]] Result<void> check_servers(Catalogue& catalogue, const ToolsByServer& servers,
                                         net::Worker& worker);

}  // namespace toolgate::targets::openapi
