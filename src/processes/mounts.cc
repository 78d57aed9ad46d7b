#include "processes/mounts.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "processes/descriptor.h"
#include "processes/paths.h"

namespace toolgate::processes {
namespace {

struct Kept {
  std::string path;
  Descriptor file;
  bool is_folder = false;
  bool is_writable = false;
};

// Since Linux 5.12; the number is the same everywhere. Older headers lack both.
constexpr long mount_setattr_number = 442;
struct MountAttributes {
  std::uint64_t set = 0;
  std::uint64_t clear = 0;
  std::uint64_t propagation = 0;
  std::uint64_t user_name_space = 0;
};
constexpr std::uint64_t attribute_read_only = 1;

bool is_scratch(const std::string& path) {
  return std::ranges::find(scratch_folders, path) != std::end(scratch_folders);
}

Result<void> mounted(int status, std::string_view what, const std::string& path) {
  if (status == 0) return {};
  return fail(Code::unavailable, fmt::format("cannot {} {} in a child's name space", what, path),
              std::strerror(errno));
}

// Opened before anything is hidden: afterwards the path leads elsewhere.
Result<std::vector<Kept>> open_kept(const View& view, const std::vector<std::string>& hidden) {
  std::vector<Kept> all;
  const auto add = [&](const std::string& path, bool is_writable) -> Result<void> {
    const auto covers = [&](const std::string& folder) { return lies_in(path, folder); };
    if (std::ranges::none_of(hidden, covers)) return {};
    Kept kept{.path = path, .file = Descriptor{::open(path.c_str(), O_PATH | O_CLOEXEC)}};
    struct stat status{};
    if (!kept.file || ::fstat(kept.file.get(), &status) != 0) {
      return fail(Code::invalid, fmt::format("{}: {}", path, std::strerror(errno)));
    }
    kept.is_folder = S_ISDIR(status.st_mode);
    kept.is_writable = is_writable;
    all.push_back(std::move(kept));
    return {};
  };
  for (const auto& path : view.readable) TRY_DO(add(path, false));
  for (const auto& path : view.writable) TRY_DO(add(path, true));
  // Outer folders first: binding one afterwards would cover the inner ones. Of one that is named
  // twice the writable comes last.
  std::ranges::sort(all, {},
                    [](const Kept& each) { return std::pair{each.path, each.is_writable}; });
  return all;
}

Result<void> hide(const std::string& path, std::uint64_t scratch_bytes_max) {
  if (!is_folder(path)) {
    return mounted(::mount("/dev/null", path.c_str(), nullptr, MS_BIND, nullptr), "hide", path);
  }
  const std::string options = is_scratch(path) ? fmt::format("mode=1777,size={}", scratch_bytes_max)
                                               : std::string{"mode=0755,size=1m"};
  return mounted(::mount("tmpfs", path.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()),
                 "hide", path);
}

Result<void> bind(const Kept& kept) {
  if (kept.is_folder) {
    make_folders(kept.path);
  } else {
    make_folders(folders_above(kept.path).back());
    const Descriptor made{::open(kept.path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644)};
  }
  const std::string source = fmt::format("/proc/self/fd/{}", kept.file.get());
  TRY_DO(mounted(::mount(source.c_str(), kept.path.c_str(), nullptr, MS_BIND | MS_REC, nullptr),
                 "keep", kept.path));
  if (kept.is_writable) return {};
  const MountAttributes read_only{.set = attribute_read_only};
  return mounted(static_cast<int>(::syscall(mount_setattr_number, AT_FDCWD, kept.path.c_str(),
                                            AT_RECURSIVE, &read_only, sizeof(read_only))),
                 "protect", kept.path);
}

}  // namespace

bool is_folder(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

std::vector<std::string> hidden_folders(const View& view) {
  std::set<std::string> wanted(view.denied.begin(), view.denied.end());
  for (const auto folder : scratch_folders) {
    if (is_folder(std::string{folder})) wanted.emplace(folder);
  }
  for (const auto* paths : {&view.readable, &view.writable}) {
    for (const auto& path : *paths) {
      for (const auto& folder : folders_above(path)) {
        struct stat status{};
        if (::stat(folder.c_str(), &status) != 0 || (status.st_mode & S_IXOTH) != 0) continue;
        wanted.insert(folder);
        break;
      }
    }
  }
  // One that lies in another is hidden with it.
  std::vector<std::string> hidden;
  for (const auto& path : wanted) {
    const auto covers = [&](const std::string& folder) { return lies_in(path, folder); };
    if (std::ranges::none_of(hidden, covers)) hidden.push_back(path);
  }
  return hidden;
}

bool mount_own_proc() {
  return ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0;
}

Result<void> apply(const View& view) {
  const auto hidden = hidden_folders(view);
  TRY(const auto kept, open_kept(view, hidden));
  for (const auto& path : hidden) {
    struct stat status{};
    // A master key that is not there needs no hiding.
    if (::lstat(path.c_str(), &status) != 0) continue;
    TRY_DO(hide(path, view.scratch_bytes_max));
  }
  for (const auto& each : kept) {
    TRY_DO(bind(each));
    // What is denied inside of something kept that was brought back is hidden again.
    for (const auto& path : view.denied) {
      if (path != each.path && lies_in(path, each.path)) TRY_DO(hide(path, 0));
    }
  }
  return {};
}

}  // namespace toolgate::processes
