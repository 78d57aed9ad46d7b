#include "base/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

namespace toolgate {

OpenFile::~OpenFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::unexpected<Error> file_failure(std::string_view what, std::string_view path) {
  return fail(Code::unavailable, fmt::format("cannot {} {}: {}", what, path, std::strerror(errno)));
}

Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  constexpr std::size_t page = 4096;
  const OpenFile file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file && errno == ENOENT) return fail(Code::not_found, fmt::format("there is no {}", path));
  if (!file) return file_failure("read", path);
  std::string content;
  std::size_t size = 0;
  for (;;) {
    if (size > bytes_max) {
      return fail(Code::too_large, fmt::format("{} has more than {} bytes", path, bytes_max));
    }
    // Most files are small; the bound is not.
    if (size == content.size()) content.resize(std::min(bytes_max + 1, std::max(size * 2, page)));
    const auto got = ::read(file.get(), content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return file_failure("read", path);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  content.resize(size);
  return content;
}

}  // namespace toolgate
