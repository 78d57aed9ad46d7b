// A client's request as one of the inner net, and the answer as the client's.
#pragma once

#include "net/client.h"
#include "net/inner.h"

namespace toolgate::net {

Task<Result<ClientResponse>> send_inner(InnerNet& inner, Worker& worker,
                                        const ClientRequest& request);
Task<Result<ClientStream>> open_inner(InnerNet& inner, Worker& worker,
                                      const ClientRequest& request);

}  // namespace toolgate::net
