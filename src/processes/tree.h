// Trees of processes as /proc tells them.
#pragma once

#include <cstdint>
#include <vector>

namespace toolgate::processes {

struct Process {
  int pid = 0;
  int parent = 0;
  std::uint32_t threads_count = 0;
  std::uint64_t resident_bytes = 0;
};

// Everything below `root`, not itself. A process that comes or goes meanwhile may be missing:
// whoever must see all of them asks again until nothing changes.
std::vector<Process> descendants(int root);

struct Usage {
  std::uint64_t memory_bytes = 0;
  std::uint32_t tasks_count = 0;
};
// What the tree uses. Pages shared between processes count once where they would pass
// `memory_bytes_max` otherwise: that look is dearer, so it is taken only then.
Usage usage_of(const std::vector<Process>& tree, std::uint64_t memory_bytes_max);

}  // namespace toolgate::processes
