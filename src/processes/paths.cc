#include "processes/paths.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>
#include <sys/stat.h>

#include "base/text.h"
#include "processes/descriptor.h"

namespace toolgate::processes {
namespace {

constexpr std::size_t entries_count_max = 2'000'000;
constexpr int folders_depth_max = 128;

// `file` was opened by O_PATH | O_NOFOLLOW: what is looked at is what is given away.
Result<void> give_entry(int file, unsigned uid, std::size_t& entries, int depth) {
  struct stat status{};
  if (::fstat(file, &status) != 0) return {};
  if (++entries > entries_count_max || depth > folders_depth_max) {
    return fail(Code::too_large, "too many files in a folder that a child may write");
  }
  // A second name may be one of somebody else's files (/etc/shadow), linked in by an earlier child.
  const bool given = S_ISDIR(status.st_mode) || (S_ISREG(status.st_mode) && status.st_nlink == 1);
  if (!given) return {};
  if (status.st_uid != uid && ::fchownat(file, "", uid, uid, AT_EMPTY_PATH) != 0) {
    return fail(Code::unavailable, "cannot give a file to a child's user", std::strerror(errno));
  }
  if (!S_ISDIR(status.st_mode)) return {};
  const int readable = ::openat(file, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* folder = readable >= 0 ? ::fdopendir(readable) : nullptr;
  if (folder == nullptr) return {};
  Result<void> done;
  while (const dirent* entry = ::readdir(folder)) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    const Descriptor below{::openat(file, entry->d_name, O_PATH | O_NOFOLLOW | O_CLOEXEC)};
    if (below) done = give_entry(below.get(), uid, entries, depth + 1);
    if (!done) break;
  }
  ::closedir(folder);
  return done;
}

bool is_executable(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         (status.st_mode & 0111) != 0;
}

}  // namespace

bool lies_in(std::string_view path, std::string_view folder) {
  if (folder == "/") return path.starts_with('/');
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

Result<std::string> real_path(const std::string& path, std::string_view what) {
  if (!path.starts_with('/')) {
    return fail(Code::invalid, fmt::format("{} {}: expected an absolute path", what, path));
  }
  char* resolved = ::realpath(path.c_str(), nullptr);
  if (resolved == nullptr) {
    return fail(Code::invalid, fmt::format("{} {}: {}", what, path, std::strerror(errno)));
  }
  std::string real = resolved;
  std::free(resolved);
  return real;
}

Result<std::string> find_program(const std::string& name, std::string_view path) {
  if (name.starts_with('/')) {
    if (is_executable(name)) return name;
    return fail(Code::invalid, fmt::format("{}: no such program", name));
  }
  if (name.find('/') != std::string::npos) {
    return fail(Code::invalid, fmt::format("{}: expected a name or an absolute path", name));
  }
  for (const auto folder : split(path, ':')) {
    std::string candidate = fmt::format("{}/{}", folder, name);
    if (folder.starts_with('/') && is_executable(candidate)) return candidate;
  }
  return fail(Code::invalid, fmt::format("{}: no such program in PATH \"{}\"", name, path));
}

std::vector<std::string> folders_above(const std::string& path) {
  std::vector<std::string> above;
  for (auto at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    above.push_back(path.substr(0, at));
  }
  return above;
}

void make_folders(const std::string& path) {
  for (const auto& folder : folders_above(path)) ::mkdir(folder.c_str(), 0755);
  ::mkdir(path.c_str(), 0755);
}

Result<void> give_to(const std::string& path, unsigned uid) {
  const Descriptor top{::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)};
  if (!top) return fail(Code::unavailable, fmt::format("{}: {}", path, std::strerror(errno)));
  std::size_t entries = 0;
  return give_entry(top.get(), uid, entries, 0);
}

}  // namespace toolgate::processes
