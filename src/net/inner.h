// The inner net: requests to names that are ours go to the front door in process. Whether a name is
// ours is the business of app/; nothing above net/ knows that the mechanism exists.
#pragma once

#include <string_view>

#include "net/http.h"
#include "net/worker.h"

namespace toolgate::net {

class InnerNet {
 public:
  virtual ~InnerNet() = default;
  // True for names that never leave this process. `port` because our own listeners' addresses are
  // recognised too. Any thread.
  [[nodiscard]] virtual bool owns(std::string_view host, std::uint16_t port) const = 0;
  // Answers as the front door would the same bytes from outside; request.peer.hops is set. More
  // than limits::inner_hops_max hops is 508.
  virtual Task<Response> answer(Request& request, Worker& worker) = 0;
};

}  // namespace toolgate::net
