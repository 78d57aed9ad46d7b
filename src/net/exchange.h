// One request and the head of its answer on a connection, and the answer's body, whole or by pieces.
#pragma once

#include <memory>

#include "net/client.h"
#include "net/upstream.h"

namespace toolgate::net {

// Prints the request's head into `out`. Fails with Code::invalid when a part of it could break it.
[[nodiscard]] Result<void> print_request(std::string& out, const ClientRequest& request);

enum class Sent : std::uint8_t {
  answered,  // the head of the final answer is parsed
  failed,
  // Nothing came back, on a connection that its peer may have given up before the request.
  not_taken,     // the request did not go out whole
  not_answered,  // it did
};
struct ExchangeOutcome {
  Sent sent = Sent::failed;
  Error error;  // unless answered
};
// `upstream.out` holds the head; the deadline is set.
Task<ExchangeOutcome> exchange(Upstream& upstream, const ClientRequest& request);

// How the answer's body ends, with what the request and the status say about it.
[[nodiscard]] BodyKind body_kind(const Upstream& upstream, std::string_view method);

// Reads the rest; `reusable` says whether the connection may serve another request.
Task<Result<ClientResponse>> read_whole(Upstream& upstream, const ClientRequest& request,
                                        bool& reusable);

// The same by pieces. The reader gives the connection back at the end, or closes it.
[[nodiscard]] ClientStream read_by_pieces(std::unique_ptr<Upstream> upstream,
                                          std::shared_ptr<UpstreamPool> pool,
                                          const ClientRequest& request);

}  // namespace toolgate::net
