#include "net/exchange.h"

#include <cstring>

#include <boost/asio/error.hpp>
#include <fmt/format.h>

#include "base/limits.h"
#include "net/connector.h"
#include "net/wire.h"

namespace toolgate::net {
namespace {

constexpr int interim_answers_max = 8;
constexpr std::size_t usual_fields_count = 16;

bool good_target(std::string_view target) {
  unsigned char bad = 0;
  for (const char c : target) {
    const auto u = static_cast<unsigned char>(c);
    bad |= static_cast<unsigned char>((u <= ' ') | (u == 0x7f));
  }
  return bad == 0 && target.starts_with('/');
}

}  // namespace

std::optional<PreparedFields> PreparedFields::of(const Headers& headers) {
  PreparedFields prepared;
  if (!append_fields(prepared.lines_, headers)) return std::nullopt;
  return prepared;
}

void PreparedFields::add_to(HeaderViews& views) const {
  std::string_view rest = lines_;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find("\r\n"));
    const auto colon = line.find(": ");
    views.add({line.substr(0, colon), line.substr(colon + 2)});
    rest.remove_prefix(line.size() + 2);
  }
}

bool sends_length(const ClientRequest& request) {
  return !request.body.empty() || request.method == "POST" || request.method == "PUT" ||
         request.method == "PATCH";
}

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
  if (request.prepared != nullptr) out += request.prepared->lines();
  const bool fine = (request.headers == nullptr || append_fields(out, *request.headers)) &&
                    (request.one_more == nullptr || append_field(out, *request.one_more));
  if (!fine) return step_failed(Code::invalid, "send", "a header field is malformed", url);
  if (sends_length(request)) {
    out += "content-length: ";
    append_number(out, request.body.size());
    out += "\r\n";
  }
  out += "\r\n";
  return {};
}

Exchange::Exchange(Upstream& upstream, const ClientRequest& request)
    : upstream_{upstream}, url_{*request.url} {
  upstream_.parser.reset();
  upstream_.parser.fields.reserve(usual_fields_count);
  upstream_.renew_buffer();
}

void Exchange::fail_with(Error error) {
  state_ = State::failed;
  error_ = std::move(error);
}

void Exchange::written(const ErrorCode& error) {
  not_written_ = error.failed();
  if (upstream_.given_up()) {
    fail_with(upstream_.why_given_up("send", "not taken in time", url_).error());
  }
}

std::span<char> Exchange::room() {
  if (upstream_.room().empty()) {
    upstream_.grow_buffer(limits::http_head_bytes_max + 1);
    upstream_.parser.reset();
  }
  return upstream_.room();
}

void Exchange::came(const ErrorCode& error, std::size_t bytes) {
  if (!error) {
    upstream_.filled += bytes;
    parse();
    return;
  }
  if (upstream_.given_up()) {
    fail_with(upstream_.why_given_up("read", "no answer in time", url_).error());
  } else if (upstream_.filled > 0) {
    fail_with(step_failed(Code::upstream, "read", "the answer is cut off", url_).error());
  } else {
    unanswered_ = interim_ == 0;
    const auto why = error == boost::asio::error::eof
                         ? std::string{"the connection was closed before an answer"}
                         : error.message();
    fail_with(step_failed(Code::unavailable, "read", why, url_).error());
  }
}

void Exchange::parse() {
  auto& parser = upstream_.parser;
  while (true) {
    const auto parsed = parser.parse(upstream_.bytes());
    if (parsed == Parsed::more) return;
    if (parsed == Parsed::refused) {
      fail_with(step_failed(Code::upstream, "read", parser.refusal(), url_).error());
      return;
    }
    const int status = parser.head.status;
    if (status >= 200) {
      state_ = State::answered;
      return;
    }
    if (status == 101 || ++interim_ > interim_answers_max) {
      fail_with(
          step_failed(Code::upstream, "read", "the answer changes the protocol or never ends", url_)
              .error());
      return;
    }
    const auto head_bytes = parser.head_bytes();
    upstream_.filled -= head_bytes;
    std::memmove(upstream_.buffer->data(), upstream_.buffer->data() + head_bytes, upstream_.filled);
    parser.reset();
  }
}

BodyKind body_kind(const Upstream& upstream, std::string_view method) {
  const auto& head = upstream.parser.head;
  if (method == "HEAD" || head.status == 204 || head.status == 304) return BodyKind::none;
  if (head.body == BodyKind::length && head.body_bytes == 0) return BodyKind::none;
  return head.body;
}

}  // namespace toolgate::net
