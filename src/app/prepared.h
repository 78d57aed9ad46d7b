// From the command line of `toolgate env` and `toolgate run` to the changes of an environment:
// finds the server, writes the files, and asks redirect.h.
#pragma once

#include "app/config.h"
#include "app/redirect.h"
#include "app/running.h"
#include "base/result.h"

namespace toolgate::app {

[[nodiscard]] Environment own_environment();

struct Prepared {
  Running server;
  RedirectFiles files;
  Changes changes;
};
// Fails with Code::not_found when no server runs, Code::invalid for what the command line says.
[[nodiscard]] Result<Prepared> prepare(const Config& config, const Environment& environment);

}  // namespace toolgate::app
