// Files of the system, read whole within a bound.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace toolgate {

// At most `bytes_max`. Fails with Code::not_found, Code::too_large or Code::unavailable.
[[nodiscard]] Result<std::string> read_file(const std::string& path, std::size_t bytes_max);

// A file that closes itself.
class OpenFile {
 public:
  explicit OpenFile(int descriptor) : descriptor_{descriptor} {}
  ~OpenFile();
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  [[nodiscard]] int get() const { return descriptor_; }
  [[nodiscard]] explicit operator bool() const { return descriptor_ >= 0; }
  [[nodiscard]] int release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

// "cannot <what> <path>: <why>" of errno.
[[nodiscard]] std::unexpected<Error> file_failure(std::string_view what, std::string_view path);

}  // namespace toolgate
