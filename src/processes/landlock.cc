#include "processes/landlock.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "processes/paths.h"

namespace toolgate::processes {
namespace {

// Newer members than the headers of the oldest system that we build on have.
struct RulesetAttributes {
  std::uint64_t handled_access_fs = 0;
  std::uint64_t handled_access_net = 0;
  std::uint64_t scoped = 0;
};
constexpr std::uint64_t fs_refer = 1ULL << 13;                   // version 2
constexpr std::uint64_t fs_truncate = 1ULL << 14;                // version 3
constexpr std::uint64_t fs_ioctl_dev = 1ULL << 15;               // version 5
constexpr std::uint64_t scope_abstract_unix_socket = 1ULL << 0;  // version 6
constexpr std::uint64_t scope_signal = 1ULL << 1;

constexpr std::uint64_t read_rights =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t file_rights = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
                                      LANDLOCK_ACCESS_FS_READ_FILE | fs_truncate | fs_ioctl_dev;

std::uint64_t all_rights(int version) {
  std::uint64_t rights = (1ULL << 13) - 1;
  if (version >= 2) rights |= fs_refer;
  if (version >= 3) rights |= fs_truncate;
  if (version >= 5) rights |= fs_ioctl_dev;
  return rights;
}

constexpr std::array devices = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random",
                                "/dev/urandom"};

class Builder {
 public:
  Builder(int rules, std::uint64_t handled, const Access& access)
      : rules_{rules}, handled_{handled}, access_{access} {}

  // Everything below `path`, but for what is denied: then entry by entry around it.
  void allow(const std::string& path, std::uint64_t rights) const {
    const auto is_denied = [&](const std::string& denied) { return lies_in(path, denied); };
    if (std::ranges::any_of(access_.denied, is_denied)) return;
    const auto holds_denied = [&](const std::string& denied) { return lies_in(denied, path); };
    if (std::ranges::none_of(access_.denied, holds_denied)) return allow_exactly(path, rights);
    DIR* folder = ::opendir(path.c_str());
    if (folder == nullptr) return;
    while (const dirent* entry = ::readdir(folder)) {
      const std::string_view name = entry->d_name;
      if (name == "." || name == ".." || entry->d_type == DT_LNK) continue;
      allow(path + (path.ends_with('/') ? "" : "/") + std::string{name}, rights);
    }
    ::closedir(folder);
  }

  void allow_exactly(const std::string& path, std::uint64_t rights) const {
    const Descriptor file{::open(path.c_str(), O_PATH | O_CLOEXEC)};
    struct stat status{};
    if (!file || ::fstat(file.get(), &status) != 0) return;
    if (!S_ISDIR(status.st_mode)) rights &= file_rights;
    landlock_path_beneath_attr rule{};
    rule.allowed_access = rights & handled_;
    rule.parent_fd = file.get();
    ::syscall(SYS_landlock_add_rule, rules_, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
  }

  // A path that is named itself counts even inside of what is denied.
  void allow_named(const std::string& path, std::uint64_t rights) const {
    const auto inside = [&](const std::string& denied) {
      return lies_in(path, denied) && path != denied;
    };
    if (std::ranges::any_of(access_.denied, inside)) return allow_exactly(path, rights);
    allow(path, rights);
  }

 private:
  int rules_;
  std::uint64_t handled_;
  const Access& access_;
};

}  // namespace

int landlock_version() {
  const auto version =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return version > 0 ? static_cast<int>(version) : 0;
}

Result<Descriptor> make_rules(const Access& access) {
  const int version = landlock_version();
  RulesetAttributes attributes{.handled_access_fs = all_rights(version)};
  std::size_t size = sizeof(attributes.handled_access_fs);
  if (version >= 6) {
    attributes.scoped = scope_abstract_unix_socket | scope_signal;
    size = sizeof(attributes);
  }
  Descriptor rules{static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, size, 0))};
  if (version == 0 || !rules) {
    return fail(Code::unavailable, "the kernel has no Landlock", std::strerror(errno));
  }
  const auto all = attributes.handled_access_fs;
  const Builder builder{rules.get(), all, access};
  for (const char* path : system_paths) builder.allow(path, read_rights);
  for (const char* path : devices) {
    builder.allow_exactly(path, LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE);
  }
  for (const auto& path : access.readable) builder.allow_named(path, read_rights);
  for (const auto& path : access.writable) builder.allow_named(path, all);
  return rules;
}

bool enter_rules(const Descriptor& rules) {
  return ::syscall(SYS_landlock_restrict_self, rules.get(), 0) == 0;
}

}  // namespace toolgate::processes
