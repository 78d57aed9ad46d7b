#include "store/data_dir.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <thread>

#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/text.h"
#include "store/private_file.h"

namespace toolgate::store {
namespace {

constexpr std::string_view lock_name = "lock";
constexpr std::string_view server_name = "server.json";
constexpr std::size_t server_bytes_max = 64 * 1024;

std::string inside(const std::string& folder, std::string_view name) {
  return fmt::format("{}/{}", folder, name);
}

struct Place {
  const char* variable;       // of the XDG Base Directory Specification
  std::string_view fallback;  // below the home
  std::string_view rest;
};

Result<std::string> xdg_path(const Place& place) {
  const char* base = std::getenv(place.variable);
  // "All paths must be absolute. If a relative path is encountered … ignore it" (the
  // specification).
  if (base != nullptr && base[0] == '/') return fmt::format("{}/{}", base, place.rest);
  const char* home = std::getenv("HOME");
  if (home != nullptr && home[0] == '/') {
    return fmt::format("{}/{}/{}", home, place.fallback, place.rest);
  }
  return fail(Code::invalid,
              fmt::format("neither {} nor HOME names an absolute path", place.variable));
}

std::unexpected<Error> held(const std::string& path) {
  const auto content = read_file(inside(path, lock_name), 64);
  const auto pid =
      content ? std::string{trim(std::string_view{*content}.substr(0, content->find('\n')))}
              : std::string{};
  return fail(Code::conflict,
              fmt::format("the data directory {} is in use by {}", path,
                          pid.empty() ? "another process" : fmt::format("process {}", pid)));
}

std::unexpected<Error> not_running(const std::string& path) {
  return fail(Code::not_found, fmt::format("no server is running on the data directory {}", path));
}

// False when another holds it. Tries for a moment, because read_server holds it for an instant.
Result<bool> take_lock(int lock, const std::string& path) {
  constexpr int tries = 10;
  for (int i = 0; i < tries; ++i) {
    if (::flock(lock, LOCK_EX | LOCK_NB) == 0) return true;
    if (errno != EWOULDBLOCK && errno != EINTR) return file_failure("lock", path);
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  return false;
}

Result<void> write_pid(int lock, const std::string& path) {
  const auto pid = fmt::format("{}\n", ::getpid());
  const bool written = ::ftruncate(lock, 0) == 0 && ::pwrite(lock, pid.data(), pid.size(), 0) ==
                                                        static_cast<ssize_t>(pid.size());
  if (!written) return file_failure("write", path);
  return {};
}

// Whether it holds nothing, or what we have put there. A volume of its own has lost+found.
bool is_ours(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (fs::exists(inside(path, lock_name), error)) return true;
  for (fs::directory_iterator entry{path, error}, end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().filename() != "lost+found") return false;
  }
  return true;
}

Result<void> make_folder(const std::string& path) {
  TRY_DO(make_private_folder(path));
  // What others use must not be closed to them: someone's home, /tmp.
  struct stat about = {};
  if (::stat(path.c_str(), &about) == 0 && (about.st_mode & 077) != 0 && !is_ours(path)) {
    return fail(Code::invalid,
                fmt::format("--data-dir {}: expected a folder that is empty or new, not one that "
                            "others can read (mode {:o}) and that holds other files",
                            path, about.st_mode & 07777));
  }
  if (::chmod(path.c_str(), 0700) != 0) return file_failure("make private", path);
  TRY_DO(write_private_file(inside(path, ".gitignore"), "*\n", IfPresent::keep));
  return {};
}

}  // namespace

Result<std::string> default_data_directory() {
  return xdg_path({.variable = "XDG_STATE_HOME", .fallback = ".local/state", .rest = "toolgate"});
}

Result<std::string> default_master_key_path() {
  return xdg_path(
      {.variable = "XDG_CONFIG_HOME", .fallback = ".config", .rest = "toolgate/master.key"});
}

Result<DataDirectory> DataDirectory::open(const std::string& path) {
  TRY_DO(make_folder(path));
  const auto lock_path = inside(path, lock_name);
  OpenFile lock{::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  if (!lock) return file_failure("open", lock_path);
  TRY(const bool locked, take_lock(lock.get(), lock_path));
  if (!locked) return held(path);
  TRY_DO(write_pid(lock.get(), lock_path));
  // Of a server that was killed.
  ::unlink(inside(path, server_name).c_str());
  return DataDirectory{path, lock.release()};
}

DataDirectory::DataDirectory(DataDirectory&& other) noexcept
    : path_{std::move(other.path_)}, lock_{std::exchange(other.lock_, -1)} {}

DataDirectory& DataDirectory::operator=(DataDirectory&& other) noexcept {
  if (this == &other) return *this;
  let_go();
  path_ = std::move(other.path_);
  lock_ = std::exchange(other.lock_, -1);
  return *this;
}

DataDirectory::~DataDirectory() { let_go(); }

// The lock file stays: who opened it before it was gone would hold a lock on nothing.
void DataDirectory::let_go() {
  if (lock_ < 0) return;
  ::unlink(inside(path_, server_name).c_str());
  ::close(lock_);
  lock_ = -1;
}

std::string DataDirectory::file(std::string_view name) const { return inside(path_, name); }

Result<void> DataDirectory::write_server(const Json& server) {
  TRY_DO(write_private_file(file(server_name), json::print(server) + "\n", IfPresent::replace));
  return {};
}

Result<Json> read_server(const std::string& path) {
  const auto lock_path = inside(path, lock_name);
  const OpenFile lock{::open(lock_path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!lock && errno == ENOENT) return not_running(path);
  if (!lock) return file_failure("open", lock_path);
  // Whoever can share the lock is alone: no server runs.
  if (::flock(lock.get(), LOCK_SH | LOCK_NB) == 0) return not_running(path);
  const auto content = read_file(inside(path, server_name), server_bytes_max);
  // It is just starting.
  if (!content && content.error().code == Code::not_found) return not_running(path);
  if (!content) return fail(Code::unavailable, content.error().message);
  auto server = json::parse(*content);
  if (!server) {
    return fail(Code::unavailable, fmt::format("{} is damaged: {}", inside(path, server_name),
                                               server.error().message));
  }
  return server;
}

}  // namespace toolgate::store
