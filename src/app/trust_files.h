// Files in the data directory that programs read: what they may trust, and the shims. Public
// (0644), replaced as a whole, and only when they change.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace toolgate::app {

// Of the shims' folder.
inline constexpr std::string_view node_shim_name = "node.cjs";

// Fails with Code::unavailable. Nothing is written when the file holds just that.
[[nodiscard]] Result<void> write_public_file(const std::string& path, std::string_view content);

// The certificate of our own authority; `serve` writes it.
[[nodiscard]] std::string authority_file(const std::string& data_dir);

// A PEM bundle of the files named, each certificate once. Directories, files that are not there and
// files without certificates are passed over.
[[nodiscard]] std::string compose_bundle(const std::vector<std::string>& files);

// The system's roots and our own; the path. `own` are bundles that a user has named: theirs count
// too, in a file of its own.
[[nodiscard]] Result<std::string> write_bundle(const std::string& data_dir,
                                               const std::vector<std::string>& own);
// Our own authority, for programs that add it to roots of theirs (Node); with `own` as above.
[[nodiscard]] Result<std::string> write_extra_roots(const std::string& data_dir,
                                                    const std::vector<std::string>& own);

// Writes the shims, for Python and for Node; their folder.
[[nodiscard]] Result<std::string> write_shim(const std::string& data_dir);

}  // namespace toolgate::app
