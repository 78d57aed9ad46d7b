// One keeper a child: a process that prepares the child's surroundings, starts it, watches its
// bounds and ends its whole tree. It ends itself when the server's end of its socket closes.
#pragma once

#include "processes/descriptor.h"
#include "processes/wire.h"

namespace toolgate::processes {

struct KeeperPlan {
  Order order;
  bool name_spaces = false;  // this process is the first of a PID name space
  bool user_name_space = false;
  unsigned uid = 0;  // the server's, which a user name space maps
  unsigned gid = 0;
  Descriptor out;
  Descriptor err;
  Descriptor control;  // to the server
};
// In a process of its own, forked from the helper.
[[noreturn]] void keep(KeeperPlan plan);

}  // namespace toolgate::processes
