#include "functions/bootstraps.h"

#include <fstream>

#include "runtimes/shims.h"

namespace toolgate::functions {
namespace {

namespace fs = std::filesystem;

bool write(const fs::path& path, std::string_view text) {
  std::ofstream file{path, std::ios::binary | std::ios::trunc};
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  return file.flush().good();
}

}  // namespace

Result<void> write_bootstraps(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error || !write(folder / python_bootstrap_name, python_bootstrap_text) ||
      !write(folder / node_bootstrap_name, node_bootstrap_text) ||
      !write(folder / "shim.py", runtimes::python_shim_text) ||
      !write(folder / "shim.cjs", runtimes::node_shim_text)) {
    return fail(Code::unavailable, "cannot write " + folder.string());
  }
  fs::permissions(folder, fs::perms{0755}, error);
  return {};
}

}  // namespace toolgate::functions
