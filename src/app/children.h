// What runs strangers' programs here, and where their output is kept: made from the settings.
#pragma once

#include <memory>

#include "app/config.h"
#include "base/clock.h"
#include "base/offload.h"
#include "base/result.h"
#include "journal/journal.h"
#include "processes/processes.h"

namespace toolgate::app {

// Fails with Code::invalid for a --sandbox that is none, or that is off beyond loopback.
[[nodiscard]] Result<std::unique_ptr<processes::Supervisor>> start_supervisor(
    const Config& config, processes::Helper helper);

// In the data directory's folder "logs". `clock` and `offload` outlive it.
[[nodiscard]] Result<std::unique_ptr<journal::Journal>> open_journal(const Config& config,
                                                                     const Clock& clock,
                                                                     Offload& offload);

}  // namespace toolgate::app
