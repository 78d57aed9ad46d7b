// Rules of the kernel about the files that a process may reach (Landlock, Linux 5.13): what is not
// allowed is denied, for it and for all that it starts.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/result.h"
#include "processes/descriptor.h"

namespace toolgate::processes {

// What every child may read: programs, libraries, settings, certificates, and what a language's run
// time asks of the kernel.
inline constexpr std::array system_paths = {"/usr", "/bin",  "/sbin", "/lib",  "/lib32", "/lib64",
                                            "/opt", "/etc",  "/nix",  "/snap", "/srv",   "/var",
                                            "/run", "/proc", "/sys",  "/gnu"};

// The kernel's version of Landlock; 0: none.
int landlock_version();

struct Access {
  std::vector<std::string> readable;  // and executable
  std::vector<std::string> writable;
  // Left out of what lies above them, unless named above themselves.
  std::vector<std::string> denied;
};
// Allows `access` and what every program needs of the system. What does not exist is left out.
// Fails with Code::unavailable.
Result<Descriptor> make_rules(const Access& access);
// From here on, for this process. It must have set no_new_privs. False with errno.
bool enter_rules(const Descriptor& rules);

}  // namespace toolgate::processes
