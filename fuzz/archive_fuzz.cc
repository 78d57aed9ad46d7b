// Zip archives of strangers: nothing is written outside of the folder, nothing beyond the bounds.
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"
#include "runtimes/archive.h"

using namespace toolgate;
namespace fs = std::filesystem;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fs::path parent =
      fs::temp_directory_path() / ("toolgate-archive-fuzz-" + std::to_string(getpid()));
  const fs::path into = parent / "into";
  fs::remove_all(parent);
  fs::create_directories(into);
  const runtimes::ArchiveBounds bounds{
      .unpacked_bytes_max = 64 * 1024, .entries_count_max = 64, .name_bytes_max = 256};
  const std::string bytes{reinterpret_cast<const char*>(data), size};
  const auto done = runtimes::unzip(bytes, into, bounds);
  ASSERT(std::distance(fs::directory_iterator{parent}, {}) == 1);
  std::uintmax_t total = 0;
  for (const auto& entry : fs::recursive_directory_iterator{into}) {
    ASSERT(!entry.is_symlink());
    if (entry.is_regular_file()) total += entry.file_size();
  }
  ASSERT(total <= bounds.unpacked_bytes_max);
  if (done) {
    for (const auto& entry : *done) ASSERT(fs::is_regular_file(into / entry.name));
  }
  fs::remove_all(parent);
  return 0;
}
