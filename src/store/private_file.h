// Files that only their owner may read, written so that a crash leaves the old content or the new.
#pragma once

#include <string>
#include <string_view>

#include "base/file.h"
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

}  // namespace toolgate::store
