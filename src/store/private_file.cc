#include "store/private_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>
#include <sys/stat.h>

#include "base/ids.h"

namespace toolgate::store {
namespace {

Result<void> write_all(int file, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const auto written = ::write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return file_failure("write", path);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

// A rename is durable only when its folder is.
Result<void> sync_folder_of(const std::string& path) {
  auto folder = std::filesystem::path{path}.parent_path().string();
  if (folder.empty()) folder = ".";
  const OpenFile file{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!file || ::fsync(file.get()) != 0) return file_failure("sync", folder);
  return {};
}

Result<void> write_new(const std::string& path, std::string_view content) {
  const OpenFile file{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  if (!file) return file_failure("make", path);
  TRY_DO(write_all(file.get(), content, path));
  if (::fsync(file.get()) != 0) return file_failure("sync", path);
  return {};
}

// A link never replaces: of two processes that make the file at once one wins.
Result<bool> move_into_place(const std::string& from, const std::string& to, IfPresent if_present) {
  if (if_present == IfPresent::replace) {
    if (::rename(from.c_str(), to.c_str()) != 0) return file_failure("replace", to);
    return true;
  }
  if (::link(from.c_str(), to.c_str()) == 0) return true;
  if (errno == EEXIST) return false;
  return file_failure("make", to);
}

}  // namespace

Result<void> make_private_folder(const std::string& path) {
  std::error_code failed;
  if (std::filesystem::is_directory(path, failed)) return {};
  const auto parent = std::filesystem::path{path}.parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, failed);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return file_failure("make", path);
  if (!std::filesystem::is_directory(path, failed)) {
    return fail(Code::unavailable, fmt::format("{} is no folder", path));
  }
  return {};
}

Result<bool> write_private_file(const std::string& path, std::string_view content,
                                IfPresent if_present) {
  const auto fresh = fmt::format("{}.{}", path, random_text(12, lower_alphanumeric));
  auto written = write_new(fresh, content);
  Result<bool> moved = false;
  if (written) moved = move_into_place(fresh, path, if_present);
  const bool taken_away = written && moved && if_present == IfPresent::replace;
  if (!taken_away) ::unlink(fresh.c_str());
  TRY_DO(std::move(written));
  TRY(const bool made, std::move(moved));
  if (made) TRY_DO(sync_folder_of(path));
  return made;
}

}  // namespace toolgate::store
