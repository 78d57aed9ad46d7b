// The HTTP/1.1 client of one thread: keep-alive connections pooled by origin, TLS with
// verification, every connection through the address guard, AWS-shaped names through the inner net.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/task.h"
#include "net/http.h"
#include "net/worker.h"

namespace toolgate {
class Steps;
}

namespace toolgate::net {

class AddressGuard;
class InnerNet;

// Header fields that go with many requests: checked and printed once.
class PreparedFields {
 public:
  PreparedFields() = default;
  // Nothing when a field is malformed: a name that is no token, a value with a line break.
  static std::optional<PreparedFields> of(const Headers& headers);
  [[nodiscard]] std::string_view lines() const { return lines_; }
  void add_to(HeaderViews& views) const;  // views of this object

 private:
  std::string lines_;
};

struct ClientRequest {
  std::string_view method = "GET";
  const Url* url = nullptr;  // outlives the call; null is a bug
  // host, content-length and connection are added; everything else is in these, any of them null.
  const PreparedFields* prepared = nullptr;
  const Headers* headers = nullptr;
  const Header* one_more = nullptr;  // so that a credential's field need not be copied into a list
  std::string_view body;
  Deadline deadline;
  std::size_t body_bytes_max = limits::http_body_bytes_max;
  int hops = 0;  // of the request that made us send this one
  // Whose request made us send this one: when it has gone, the exchange is given up within about a
  // second. Null (or a pointer to null): nobody is asked. Outlives the call.
  const std::shared_ptr<const Caller>* caller = nullptr;
  // For open(): an answer that came in one piece is given as ClientStream::whole, without a reader.
  bool whole_if_here = false;
  // Where resolve, connect, TLS and the exchange are told, each as it went; the connection is then
  // a new one. Null: nowhere. Outlives the call.
  Steps* steps = nullptr;
};

// An answer, whole. Movable; views are into its own buffer.
struct ClientResponse {
  int status = 0;
  HeaderViews headers;
  std::string_view body;                // padded for simdjson, like Request::body
  std::shared_ptr<std::string> buffer;  // what the views point into
};

// An answer whose body is read as it arrives. Destroying it before the end closes the connection.
struct ClientStream {
  int status = 0;
  HeaderViews headers;
  std::unique_ptr<BodyReader> body;  // dechunked
  // Instead of `body`: all of it, in `buffer`, padded for simdjson (ClientRequest::whole_if_here).
  std::optional<std::string_view> whole;
  std::shared_ptr<std::string> buffer;
};

// A reader of bytes that are all there: one piece.
[[nodiscard]] std::unique_ptr<BodyReader> whole_body(std::shared_ptr<const std::string> owner,
                                                     std::string_view body);

// The failures of both calls. The message names the step: "resolve", "connect", "TLS", "send",
// "read". Error::name holds that step's word.
//   Code::denied       the address guard refuses the address
//   Code::unavailable  no such name, refused, unreachable, reset before an answer
//   Code::upstream     TLS refused, broken HTTP, cut off in the middle
//   Code::timeout      the deadline
//   Code::cancelled    `caller` has gone
//   Code::too_large    more than body_bytes_max
// A body that comes packed is given unpacked (content_coding.h).
// Redirects are not followed: a 3xx is an answer. A request on a pooled connection that turns out
// closed before any byte of an answer came is sent again once, on a new one, if nothing can have
// been executed: nothing was written, or the method is a safe one (GET, HEAD, OPTIONS).
class Client {
 public:
  struct Options {
    const AddressGuard* guard = nullptr;  // outlives the client
    InnerNet* inner = nullptr;            // may be null: nothing is inner
    Offload* offload = nullptr;           // resolves names
    std::string ca_file;                  // PEM roots; empty: the system's
    std::size_t idle_per_origin_max = 256;
  };
  Client(Worker& worker, Options options);
  ~Client();

  Task<Result<ClientResponse>> send(const ClientRequest& request);
  Task<Result<ClientStream>> open(const ClientRequest& request);

  // What the address guard will say to every request to this host, as far as that is known without
  // asking a name server: of literal addresses, localhost and names with a fixed address. Fails
  // with Code::denied.
  [[nodiscard]] Result<void> check_known(const Url& url) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace toolgate::net
