// What this machine can confine a child with, and how an order is turned into that.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "processes/mounts.h"
#include "processes/wire.h"

namespace toolgate::processes {

// Found out by trying, in the helper.
struct Abilities {
  bool name_spaces = false;       // PID, mount and network, with or without a user name space
  bool user_name_spaces = false;  // they need one
  bool own_user = false;
  bool bubblewrap = false;
  int landlock = 0;  // version
};
Abilities probe();
Message encode(const Abilities& abilities);
Abilities decode_abilities(const Message& message);

// The sandbox that `wanted` means here. Fails with Code::unavailable and the reason.
Result<Sandbox> choose(Sandbox wanted, const Abilities& abilities);

// The flags of clone(2) for a keeper in name spaces of its own; 0: none for this order.
unsigned long name_space_flags(const Order& order, const Abilities& abilities);
// For a new process in a user name space: the same user as outside. False with errno.
bool map_own_user(unsigned uid, unsigned gid);

// What a child of this order sees of the places that are not everybody's: homes are hidden, and
// with /run the sockets of the user's session and of other services, which rules do not stop.
View view_of(const Order& order);

// The command line that has bubblewrap run `command` (whose program was found already).
std::vector<std::string> bubblewrap_command(const Order& order, const std::string& program);
// Its program, empty where it is not installed.
std::string bubblewrap_program();

}  // namespace toolgate::processes
