// Unpacks zip archives from outside: no entry leaves the folder, nothing grows beyond its bounds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace toolgate::runtimes {

// Direct code deployment of AgentCore Runtime: "250 MB zipped, 750 MB unzipped".
inline constexpr std::size_t archive_bytes_max = 250ULL * 1024 * 1024;
struct ArchiveBounds {
  std::uint64_t unpacked_bytes_max = 750ULL * 1024 * 1024;
  std::size_t entries_count_max = 50'000;
  std::size_t name_bytes_max = 1'024;
};

struct Entry {
  std::string name;           // "src/server.py": relative, without "." and ".."
  std::int64_t modified = 0;  // epoch seconds, as the archive says
};

// Unpacks into `into`, which must exist. Files and folders only: a link, a device, an absolute name
// or one with ".." fails the whole archive (Code::invalid, naming the entry). Fails with
// Code::too_large beyond the bounds. What was unpacked before a failure stays: use a folder of its
// own. Blocks: for the offload pool. The answer lists the files in the order of the archive.
[[nodiscard]] Result<std::vector<Entry>> unzip(std::string_view bytes,
                                               const std::filesystem::path& into,
                                               const ArchiveBounds& bounds = {});

}  // namespace toolgate::runtimes
