// Files that only their owner may read, written so that a crash leaves the old content or the new.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace toolgate::store {

// Makes a folder and its parents; the folder itself gets 0700. Fails with Code::unavailable; leaves
// the mode of a folder that exists as it is.
[[nodiscard]] Result<void> make_private_folder(const std::string& path);

enum class IfPresent : unsigned char { replace, keep };
// Writes a file of mode 0600 beside `path`, syncs it and moves it there. False when a file was
// there that is to be kept. Fails with Code::unavailable.
[[nodiscard]] Result<bool> write_private_file(const std::string& path, std::string_view content,
                                              IfPresent if_present);

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

}  // namespace toolgate::store
