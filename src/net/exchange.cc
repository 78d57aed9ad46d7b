#include "net/exchange.h"

#include <algorithm>

#include <boost/asio/error.hpp>
#include <fmt/format.h>

#include "base/limits.h"
#include "net/connector.h"
#include "net/wire.h"

namespace toolgate::net {
namespace {

constexpr int interim_answers_max = 8;

bool good_target(std::string_view target) {
  bool bad = target.empty() || target.front() != '/';
  for (const char c : target) bad |= c <= ' ' || c == '\x7f';
  return !bad;
}

bool sends_length(const ClientRequest& request) {
  return !request.body.empty() || request.method == "POST" || request.method == "PUT" ||
         request.method == "PATCH";
}

Error broken(Upstream& upstream, std::string_view why, const Url& url) {
  upstream.channel.close();
  return step_failed(Code::upstream, "read", why, url).error();
}

Error read_failed(const Upstream& upstream, const ErrorCode& error, const Url& url) {
  if (upstream.timed_out()) {
    return step_failed(Code::timeout, "read", "no answer in time", url).error();
  }
  if (upstream.filled > 0) {
    return step_failed(Code::upstream, "read", "the answer is cut off", url).error();
  }
  const auto why = error == boost::asio::error::eof
                       ? std::string{"the connection was closed before an answer"}
                       : error.message();
  return step_failed(Code::unavailable, "read", why, url).error();
}

}  // namespace

Result<void> print_request(std::string& out, const ClientRequest& request) {
  const Url& url = *request.url;
  if (!is_token(request.method)) {
    return step_failed(Code::invalid, "send", "the method is not a token", url);
  }
  if (!good_target(url.target)) {
    return step_failed(Code::invalid, "send", "the URL's path or query is malformed", url);
  }
  out.clear();
  out += request.method;
  out += ' ';
  out += url.target;
  out += " HTTP/1.1\r\nhost: ";
  const bool v6 = url.host.find(':') != std::string::npos;
  if (v6) out += '[';
  out += url.host;
  if (v6) out += ']';
  if (url.port != (url.tls() ? 443 : 80)) {
    out += ':';
    append_number(out, url.port);
  }
  out += "\r\n";
  for (const auto* headers : {request.headers, request.more_headers}) {
    if (headers != nullptr && !append_fields(out, *headers)) {
      return step_failed(Code::invalid, "send", "a header field is malformed", url);
    }
  }
  if (sends_length(request)) {
    out += "content-length: ";
    append_number(out, request.body.size());
    out += "\r\n";
  }
  out += "\r\n";
  return {};
}

Task<ExchangeOutcome> exchange(Upstream& upstream, const ClientRequest& request) {
  const Url& url = *request.url;
  upstream.parser.reset();
  upstream.renew_buffer();
  Pieces pieces{upstream.out, request.body};
  ErrorCode write_error;
  if (!upstream.channel.write_now(pieces, write_error)) {
    write_error = co_await upstream.channel.write(pieces);
  }
  if (upstream.timed_out()) {
    co_return ExchangeOutcome{
        Sent::failed, step_failed(Code::timeout, "send", "not taken in time", url).error()};
  }
  // Even then an answer may have come: a refusal of a large body.
  for (int interim = 0; interim <= interim_answers_max;) {
    const auto parsed = upstream.parser.parse(upstream.bytes());
    if (parsed == Parsed::refused) {
      co_return ExchangeOutcome{Sent::failed, broken(upstream, upstream.parser.refusal(), url)};
    }
    if (parsed == Parsed::done) {
      const int status = upstream.parser.head.status;
      if (status >= 200) co_return ExchangeOutcome{Sent::answered, {}};
      if (status == 101) break;
      ++interim;
      const auto head_bytes = upstream.parser.head_bytes();
      upstream.filled -= head_bytes;
      std::memmove(upstream.buffer->data(), upstream.buffer->data() + head_bytes, upstream.filled);
      upstream.parser.reset();
      continue;
    }
    if (upstream.room().empty()) {
      upstream.grow_buffer(limits::http_head_bytes_max + 1);
      upstream.parser.reset();
    }
    const auto room = upstream.room();
    const auto [error, bytes] = co_await upstream.channel.read_some(room.data(), room.size());
    if (error) {
      const bool nothing = upstream.filled == 0 && interim == 0 && !upstream.timed_out();
      const auto sent = !nothing      ? Sent::failed
                        : write_error ? Sent::not_taken
                                      : Sent::not_answered;
      co_return ExchangeOutcome{sent, read_failed(upstream, error, url)};
    }
    upstream.filled += bytes;
  }
  co_return ExchangeOutcome{
      Sent::failed, broken(upstream, "the answer is a change of protocol or has no end", url)};
}

BodyKind body_kind(const Upstream& upstream, std::string_view method) {
  const auto& head = upstream.parser.head;
  if (method == "HEAD" || head.status == 204 || head.status == 304) return BodyKind::none;
  if (head.body == BodyKind::length && head.body_bytes == 0) return BodyKind::none;
  return head.body;
}

}  // namespace toolgate::net
