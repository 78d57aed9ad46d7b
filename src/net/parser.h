// The strict reading of HTTP/1.1 heads (RFC 9112). Where two readers of the same bytes could differ
// about where a message ends, the message is refused: that is how requests are smuggled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "net/http.h"

namespace toolgate::net {

// The request line's longest target; the head as a whole has limits::http_head_bytes_max.
inline constexpr std::size_t target_bytes_max = 16 * 1024;

// How a message's body ends.
enum class BodyKind : std::uint8_t { none, length, chunked, until_close };

struct RequestHead {
  std::string_view method;
  std::string_view target;  // origin form, "*", or host:port for CONNECT
  std::string_view host;    // empty only for HTTP/1.0 without Host
  bool version_1_0 = false;
  bool keep_alive = true;
  bool expects_continue = false;
  BodyKind body = BodyKind::none;
  std::uint64_t body_bytes = 0;
};

struct ResponseHead {
  int status = 0;
  bool keep_alive = true;
  BodyKind body = BodyKind::until_close;  // before method and status are looked at
  std::uint64_t body_bytes = 0;
};

// What came of the bytes so far.
enum class Parsed : std::uint8_t { more, done, refused };

// What both directions share: lines, fields, framing.
class HeadParser {
 public:
  // Bytes of the head, the empty line included. Once done.
  [[nodiscard]] std::size_t head_bytes() const { return line_begin_; }
  // True when the first line has begun.
  [[nodiscard]] bool started() const { return seen_ > 0; }
  // Why it was refused: the status to answer with (for a response: 502), and a sentence.
  [[nodiscard]] int refusal_status() const { return refusal_status_; }
  [[nodiscard]] std::string_view refusal() const { return refusal_; }
  // The fields, in order; views into the bytes.
  HeaderViews fields;

 protected:
  void reset_fields();
  // The next line without its end, or nothing: `state` says why.
  std::optional<std::string_view> next_line(std::string_view bytes, Parsed& state);
  bool take_field(std::string_view line);
  bool check_framing();
  bool refuse(int status, std::string_view why);

  // Gathered from the fields.
  std::string_view host_;
  std::string_view content_length_;
  std::string_view transfer_encoding_;
  std::string_view expect_;
  std::uint64_t length_ = 0;
  bool has_host_ = false;
  bool has_length_ = false;
  bool has_encoding_ = false;
  bool says_close_ = false;
  bool says_keep_alive_ = false;
  bool first_line_done_ = false;
  bool empty_line_skipped_ = false;

 private:
  bool take_known_field(std::string_view name, std::string_view value);

  std::size_t line_begin_ = 0;
  std::size_t seen_ = 0;  // bytes in which no line end is left
  int refusal_status_ = 0;
  std::string_view refusal_;
};

// Give it all bytes since the head's first, each time with more at the end, until it is not `more`.
// When the bytes have moved in memory: reset first.
class RequestParser : public HeadParser {
 public:
  Parsed parse(std::string_view bytes);
  void reset();
  RequestHead head;

 private:
  bool take_request_line(std::string_view line);
  bool take_target(std::string_view target);
  bool finish();

  std::string_view absolute_host_;
};

class ResponseParser : public HeadParser {
 public:
  Parsed parse(std::string_view bytes);
  void reset();
  ResponseHead head;

 private:
  bool take_status_line(std::string_view line);
  bool finish();

  bool version_1_0_ = false;
};

struct AuthorityParts {
  std::string_view host;  // without brackets
  std::string_view port;
  bool has_port = false;
};
// host[:port] of a Host field or a URL; nothing when it holds what no host may hold.
[[nodiscard]] std::optional<AuthorityParts> split_authority(std::string_view authority);

[[nodiscard]] bool is_token(std::string_view text);  // RFC 9110 §5.6.2

}  // namespace toolgate::net
