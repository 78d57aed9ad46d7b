// The last steps from a keeper to a stranger's program: what the new process gives up before it
// executes.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "processes/descriptor.h"
#include "processes/processes.h"

namespace toolgate::processes {

struct Launch {
  std::string program;
  std::vector<std::string> argv;
  std::vector<std::pair<std::string, std::string>> environment;
  std::string directory;
  Bounds bounds;
  std::uint64_t user_tasks_count_max = 0;  // RLIMIT_NPROC: of everything that this user runs
  std::optional<unsigned> uid{};           // to become
  bool drops_capabilities = true;          // bubblewrap needs them, and drops them itself
  const Descriptor* rules = nullptr;       // Landlock's
  int out = -1;
  int err = -1;
};

// Forks and executes; gives the process id once the program runs. Fails with Code::invalid for what
// the caller's command is to blame for, else Code::unavailable.
Result<int> launch(const Launch& plan);

}  // namespace toolgate::processes
