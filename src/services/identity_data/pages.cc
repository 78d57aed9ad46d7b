#include "services/identity_data/pages.h"

#include "base/log.h"
#include "base/text.h"
#include "base/xml.h"

namespace toolgate::services::identity_data {
namespace {

// The first parameter of that name; empty when there is none.
std::string parameter(const net::Request& request, std::string_view name) {
  for (const auto part : split(request.query, '&')) {
    const auto equals = part.find('=');
    const auto key = percent_decode(part.substr(0, equals), Plus::is_space);
    if (key != name || equals == std::string_view::npos) continue;
    return percent_decode(part.substr(equals + 1), Plus::is_space).value_or("");
  }
  return {};
}

std::string escaped(std::string_view text) {
  std::string out;
  escape_xml_to(out, text);
  return out;
}

void add_cover(net::Response& response) {
  // The URL holds a code or the way to one: it must not be kept or told on.
  response.headers.push_back({"cache-control", "no-store"});
  response.headers.push_back({"referrer-policy", "no-referrer"});
  response.headers.push_back(
      {"content-security-policy", "default-src 'none'; frame-ancestors 'none'"});
  response.headers.push_back({"x-content-type-options", "nosniff"});
}

net::Response page(int status, std::string_view title, std::string_view text) {
  std::string html = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>";
  html += escaped(title);
  html += "</title></head><body><h1>" + escaped(title) + "</h1><p>" + escaped(text);
  html += "</p></body></html>";
  auto response = net::Response::text(status, "text/html; charset=utf-8", std::move(html));
  add_cover(response);
  return response;
}

net::Response redirect(std::string url) {
  auto response = net::Response::text(302, "text/plain", "");
  response.headers.push_back({"location", std::move(url)});
  add_cover(response);
  return response;
}

// What went wrong in the words meant for the user; the rest is the log's.
net::Response refusal(const Error& error) {
  log::info("consent refused: {} {}", error.message, error.detail);
  const bool ours = error.code == Code::internal;
  return page(ours ? 500 : 400, "Access was not set up",
              ours ? "An internal error occurred. Please try again later."
                   : std::string_view{error.message});
}

}  // namespace

bool ConsentPages::takes(const net::Request& request) {
  return request.method == "GET" && (request.path == credentials::authorize_path ||
                                     request.path.starts_with(credentials::callback_path));
}

Task<net::Response> ConsentPages::handle(net::Request& request, net::Worker& worker) const {
  Result<std::string> next = fail(Code::internal, {});
  if (request.path == credentials::authorize_path) {
    next = co_await consents_.authorize(parameter(request, "request_uri"), worker);
  } else {
    next = co_await consents_.land(
        {.callback_id = std::string{request.path.substr(credentials::callback_path.size())},
         .state = parameter(request, "state"),
         .code = parameter(request, "code"),
         .issuer = parameter(request, "iss"),
         .error = parameter(request, "error")},
        worker);
  }
  if (!next) co_return refusal(next.error());
  co_return redirect(*std::move(next));
}

}  // namespace toolgate::services::identity_data
