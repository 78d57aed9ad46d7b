#include "net/wire.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "net/parser.h"

namespace toolgate::net {
namespace {

// Without branches, so that it is vectorised.
bool breaks_head(std::string_view value) {
  unsigned char bad = 0;
  for (const char c : value) {
    bad |= static_cast<unsigned char>((c == '\r') | (c == '\n') | (c == '\0'));
  }
  return bad != 0;
}

bool is_named(std::string_view name, std::string_view what) {
  return name.size() == what.size() && equal_ignoring_case(name, what);
}

bool is_framing(std::string_view name) {
  switch (name.size()) {
    case 10:
      return equal_ignoring_case(name, "connection");
    case 14:
      return equal_ignoring_case(name, "content-length");
    case 17:
      return equal_ignoring_case(name, "transfer-encoding");
    default:
      return false;
  }
}

void append_line(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

}  // namespace

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

bool is_clients_own(std::string_view name) { return is_framing(name) || is_named(name, "host"); }

bool append_field(std::string& out, const Header& header) {
  if (is_clients_own(header.name)) return true;
  if (!is_token(header.name) || breaks_head(header.value)) return false;
  append_line(out, header.name, header.value);
  return true;
}

bool append_fields(std::string& out, const Headers& headers) {
  return std::ranges::all_of(headers,
                             [&](const auto& header) { return append_field(out, header); });
}

void append_response_head(std::string& out, const Response& response, Framing framing, Keep keep,
                          std::string_view date) {
  if (response.status == 200) {
    out += "HTTP/1.1 200 OK\r\n";
  } else {
    out += "HTTP/1.1 ";
    append_number(out, static_cast<std::uint64_t>(response.status));
    out += ' ';
    out += reason_of(response.status);
    out += "\r\n";
  }
  for (const auto& header : response.headers) {
    if (is_framing(header.name) || is_named(header.name, "date")) continue;
    if (!is_token(header.name)) continue;
    if (!breaks_head(header.value)) [[likely]] {
      append_line(out, header.name, header.value);
      continue;
    }
    std::string value = header.value;
    for (char& c : value) {
      if (c == '\r' || c == '\n' || c == '\0') c = ' ';
    }
    append_line(out, header.name, value);
  }
  if (!response.static_type.empty()) append_line(out, "content-type", response.static_type);
  if (framing.chunked) out += "transfer-encoding: chunked\r\n";
  if (framing.length) {
    out += "content-length: ";
    append_number(out, *framing.length);
    out += "\r\n";
  }
  if (keep == Keep::closing) out += "connection: close\r\n";
  if (keep == Keep::open_1_0) out += "connection: keep-alive\r\n";
  out += "date: ";
  out += date;
  out += "\r\n\r\n";
}

Response refusal(int status, std::string_view message) {
  std::string body = R"({"message":")";
  body += message;
  body += "\"}";
  return Response::text(status, "application/json", std::move(body));
}

}  // namespace toolgate::net
