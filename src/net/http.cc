#include "net/http.h"

#include <algorithm>

#include "base/text.h"

namespace toolgate::net {

std::optional<std::string_view> HeaderViews::find(std::string_view name) const {
  for (const auto& field : fields_) {
    if (field.name.size() == name.size() && equal_ignoring_case(field.name, name)) {
      return field.value;
    }
  }
  return std::nullopt;
}

bool HeaderViews::lists(std::string_view name, std::string_view token) const {
  for (const auto& field : fields_) {
    if (field.name.size() != name.size() || !equal_ignoring_case(field.name, name)) continue;
    for (std::string_view rest = field.value; !rest.empty();) {
      const auto comma = rest.find(',');
      auto item = rest.substr(0, comma);
      rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
      item = trim(item.substr(0, item.find(';')));
      if (equal_ignoring_case(item, token)) return true;
    }
  }
  return false;
}

std::optional<std::string_view> find_header(const Headers& headers, std::string_view name) {
  for (const auto& header : headers) {
    if (header.name.size() == name.size() && equal_ignoring_case(header.name, name)) {
      return header.value;
    }
  }
  return std::nullopt;
}

Response Response::text(int status, std::string_view content_type, std::string body) {
  Response response;
  response.status = status;
  response.headers.push_back({"content-type", std::string{content_type}});
  response.body = std::move(body);
  return response;
}

Task<Response> ready(Response response) { co_return response; }

Response Response::json(int status, std::string body) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  response.static_type = "application/json";
  return response;
}

std::string_view buffered(const Response& response) {
  if (const auto* own = std::get_if<std::string>(&response.body)) return *own;
  if (const auto* shared = std::get_if<std::shared_ptr<const std::string>>(&response.body)) {
    return *shared ? std::string_view{**shared} : std::string_view{};
  }
  return {};
}

namespace {

struct Reason {
  int status;
  std::string_view text;
};
// The IANA HTTP Status Code Registry, sorted.
constexpr Reason reasons[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {423, "Locked"},
    {424, "Failed Dependency"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
    {508, "Loop Detected"},
};
static_assert(std::ranges::is_sorted(reasons, {}, &Reason::status));

}  // namespace

std::string_view reason_of(int status) {
  const auto* found = std::ranges::lower_bound(reasons, status, {}, &Reason::status);
  return found != std::end(reasons) && found->status == status ? found->text : "Unknown";
}

}  // namespace toolgate::net
