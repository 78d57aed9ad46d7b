// Bytes both ways between two connections, as they come.
#pragma once

#include <functional>

#include <boost/asio/io_context.hpp>

#include "net/channel.h"

namespace toolgate::net {

// Done when both sides have ended, or one has failed: then both are closed. `moved` is called
// before each wait; who bounds the silence sets its deadline there. Both channels and `moved`
// outlive the task, and so does the io_context's thread, on which it runs.
Task<void> relay(boost::asio::io_context& io, Channel& left, Channel& right,
                 std::function<void()> moved);

}  // namespace toolgate::net
