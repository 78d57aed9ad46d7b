// HTTP messages as the rest of the code sees them, both directions.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/task.h"

namespace toolgate::net {

// One header field as views into the message's buffer.
struct HeaderView {
  std::string_view name;   // as received
  std::string_view value;  // trimmed
};

class HeaderViews {
 public:
  // The first field of that name (ASCII case ignored), or nothing.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  // True when `name`'s comma-separated values hold `token` (ASCII case ignored, parameters cut
  // off).
  [[nodiscard]] bool lists(std::string_view name, std::string_view token) const;

  void add(HeaderView field) { fields_.push_back(field); }
  void reserve(std::size_t count) { fields_.reserve(count); }
  void clear() { fields_.clear(); }
  [[nodiscard]] auto begin() const { return fields_.begin(); }
  [[nodiscard]] auto end() const { return fields_.end(); }
  [[nodiscard]] std::size_t size() const { return fields_.size(); }

 private:
  std::vector<HeaderView> fields_;  // reused from request to request
};

// Header fields that are owned: what we send.
struct Header {
  std::string name;
  std::string value;
};
using Headers = std::vector<Header>;
[[nodiscard]] std::optional<std::string_view> find_header(const Headers& headers,
                                                          std::string_view name);

// Bytes that arrive over time. One reader, on the connection's thread.
class BodyReader {
 public:
  virtual ~BodyReader() = default;
  // The next piece, valid until the next call; empty at the end. Fails with Code::timeout,
  // Code::too_large, Code::upstream (cut off, broken framing).
  virtual Task<Result<std::string_view>> read(Deadline deadline) = 0;
};

// Bytes that leave over time. A slow peer makes write wait; a gone one makes it fail.
class BodyWriter {
 public:
  virtual ~BodyWriter() = default;
  virtual Task<Result<void>> write(std::string_view bytes) = 0;
};

// Who waits for an answer. Work that nobody waits for any more may be given up. On the thread of
// the request.
class Caller {
 public:
  virtual ~Caller() = default;
  [[nodiscard]] virtual bool gone() const = 0;
};

// Where a request came from.
struct Peer {
  std::string address;  // "127.0.0.1", "::1"; empty for the inner net
  std::uint16_t port = 0;
  bool tls = false;
  bool loopback = false;
  int hops = 0;  // how many of our own requests led to this one (the inner net)
};

// A request as it came in. Views are valid until the handler has answered.
struct Request {
  std::string_view method;  // "POST"
  std::string_view target;  // "/gateways/x/mcp?a=b", origin form
  std::string_view path;    // still %-encoded
  std::string_view query;   // still %-encoded, without '?'
  std::string_view host;    // the Host field in lower case; never empty
  HeaderViews headers;
  // Whole, followed by limits::json_padding_bytes readable bytes; unless `stream` is set.
  std::string_view body;
  BodyReader* stream = nullptr;
  Peer peer;
  std::shared_ptr<const Caller> caller;  // may be kept longer than the request; may be null
};

struct Response {
  // Writes the body piece by piece, as chunks; the peer sees each piece at once.
  using Stream = std::function<Task<Result<void>>(BodyWriter&)>;
  // Bytes of our own, bytes that others share (a prepared tools/list), or a stream.
  using Body = std::variant<std::string, std::shared_ptr<const std::string>, Stream>;

  int status = 200;
  // content-length and transfer-encoding, date and connection are added by the server.
  Headers headers;
  Body body;
  // The content-type, when it is not among `headers`: a literal, so that the answers of the hot
  // path need no list of fields.
  std::string_view static_type;

  [[nodiscard]] static Response text(int status, std::string_view content_type, std::string body);
  [[nodiscard]] static Response json(int status, std::string body);
};

// For handlers that need not wait.
[[nodiscard]] Task<Response> ready(Response response);

// The whole text of a buffered response; empty for a stream.
[[nodiscard]] std::string_view buffered(const Response& response);

// An absolute http or https URL, taken apart once and then kept.
struct Url {
  std::string scheme;      // "http" or "https"
  std::string host;        // lower case, without brackets
  std::uint16_t port = 0;  // the default when the URL names none
  std::string target;      // path and query as they were, at least "/"; no fragment

  // Fails with Code::invalid: another scheme, user information, no host, a bad port, white space or
  // control characters, longer than 2,048 bytes.
  static Result<Url> parse(std::string_view text);
  [[nodiscard]] bool tls() const { return scheme == "https"; }
  [[nodiscard]] std::string authority() const;  // host[:port] for the Host field
  [[nodiscard]] std::string text() const;
};

[[nodiscard]] std::string_view reason_of(int status);

}  // namespace toolgate::net
