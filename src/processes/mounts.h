// The file system as one child sees it, in a mount name space of its own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace toolgate::processes {

// What a child sees of the places that are not everybody's.
struct View {
  std::vector<std::string> denied;  // hidden: folders appear empty, files empty
  // Stay where they are, even inside of what is hidden.
  std::vector<std::string> readable;
  std::vector<std::string> writable;
  std::uint64_t scratch_bytes_max = 0;  // of each private /tmp, /var/tmp, /dev/shm
};

// The folders to hide so that what stays can be reached and `denied` cannot: what is denied, the
// scratch folders, and, above what stays, the first folder that others may not enter.
// Follows links.
[[nodiscard]] bool is_folder(const std::string& path);
[[nodiscard]] std::vector<std::string> hidden_folders(const View& view);
inline constexpr std::string_view scratch_folders[] = {"/tmp", "/var/tmp", "/dev/shm"};

// For a process in a new mount and PID name space: mounts its own /proc. False with errno.
bool mount_own_proc();
// Hides and keeps. Fails with Code::unavailable.
Result<void> apply(const View& view);

}  // namespace toolgate::processes
