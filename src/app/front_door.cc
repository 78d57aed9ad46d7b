#include "app/front_door.h"

#include <algorithm>

#include <fmt/format.h>

#include "app/aws_names.h"
#include "app/commands.h"
#include "aws/bucket_uri.h"
#include "base/limits.h"
#include "base/text.h"
#include "json/json.h"
#include "services/lambda/service.h"
#include "services/s3/service.h"

namespace toolgate::app {
namespace {

std::string_view without_port(std::string_view authority) {
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    return end == std::string_view::npos ? authority : authority.substr(1, end - 1);
  }
  return authority.substr(0, authority.find(':'));
}

bool is_loopback_name(std::string_view host) {
  return equal_ignoring_case(host, "localhost") || net::is_loopback(host);
}

net::Response refuse(int status, std::string_view message) {
  return net::Response::text(status, "application/json",
                             json::print(JsonObject{{"message", message}}));
}

bool wants_token(const net::Request& request) { return request.path == "/oauth2/token"; }

// /<poolId>/.well-known/openid-configuration and …/jwks.json
bool wants_pool_document(const net::Request& request) {
  const auto place = request.path.find("/.well-known/");
  return place != std::string_view::npos && place > 1 && request.path.find('/', 1) == place;
}

bool has_suffix(std::string_view host, std::string_view suffix) {
  return host.size() > suffix.size() &&
         equal_ignoring_case(host.substr(host.size() - suffix.size()), suffix);
}

// A page of another site may call only from an origin that is allowed; a program sends no Origin.
void add_cors(net::Response& response, std::string_view origin) {
  response.headers.push_back({"access-control-allow-origin", std::string{origin}});
  response.headers.push_back(
      {"access-control-expose-headers", "mcp-session-id, www-authenticate, x-amzn-requestid"});
  response.headers.push_back({"vary", "origin"});
}

net::Response preflight(const net::Request& request) {
  net::Response response = net::Response::text(204, "text/plain", "");
  response.headers.push_back({"access-control-allow-methods", "GET, POST, PUT, DELETE, OPTIONS"});
  response.headers.push_back(
      {"access-control-allow-headers",
       std::string{request.headers.find("access-control-request-headers").value_or("*")}});
  response.headers.push_back({"access-control-max-age", "600"});
  return response;
}

}  // namespace

bool FrontDoor::known_host(std::string_view authority) const {
  const auto host = without_port(authority);
  const auto same = [&](std::string_view known) { return equal_ignoring_case(known, host); };
  return std::ranges::any_of(own_, same, &net::Address::host) ||
         std::ranges::any_of(hosts_, same) || is_loopback_name(host) || is_aws_shaped(host);
}

bool FrontDoor::allowed_origin(std::string_view origin) const {
  const auto listed = [&](std::string_view allowed) { return allowed == "*" || allowed == origin; };
  if (std::ranges::any_of(options_.allowed_origins, listed)) return true;
  const auto scheme = origin.find("://");
  if (scheme == std::string_view::npos) return false;  // "null": a sandboxed page or a file
  const auto host = without_port(origin.substr(scheme + 3));
  // A page on this machine, while we are on this machine alone.
  const bool local =
      std::ranges::all_of(own_, [](const net::Address& own) { return net::is_loopback(own.host); });
  return (local && is_loopback_name(host)) || std::ranges::find(hosts_, host) != hosts_.end();
}

net::BodyPlan FrontDoor::Listener::plan(const net::Request& head) const {
  using Take = net::BodyPlan::Take;
  if (functions::RuntimeApi::takes(head)) {
    return {.take = Take::streamed, .bytes_max = functions::RuntimeApi::body_bytes_max};
  }
  // The hot path first: to look for an AWS operation costs as much as a whole call.
  const bool bucket = aws::is_bucket_request(head);
  const bool stream =
      (bucket || !gateway::DataPlane::place_of(head)) && door_.options_.aws->streams_body(head);
  if (stream) {
    return {.take = Take::streamed,
            .bytes_max = bucket ? services::s3::body_bytes_max : limits::http_body_bytes_max};
  }
  if (!bucket && services::agentcore::Invocations::place_of(head)) {
    return {.take = Take::streamed, .bytes_max = services::agentcore::payload_bytes_max};
  }
  const std::size_t of_lambda = services::lambda::body_bytes_max(head.path);
  return {.take = Take::buffered,
          .bytes_max = of_lambda > 0 ? of_lambda : limits::http_body_bytes_max};
}

Task<net::Response> FrontDoor::Listener::handle(net::Request& request, net::Worker& worker) {
  if (!door_.known_host(request.host)) {
    return net::ready(
        refuse(421, "Host: this server does not answer for that name (see --public-url)"));
  }
  const auto origin = request.headers.find("origin");
  if (!origin) return door_.route(request, worker, audience_);
  if (!door_.allowed_origin(*origin)) {
    return net::ready(refuse(403, "Origin: not allowed (see --allow-origin)"));
  }
  return answer_page(request, *origin, worker);
}

// A page of an allowed origin asks.
Task<net::Response> FrontDoor::Listener::answer_page(net::Request& request, std::string_view origin,
                                                     net::Worker& worker) {
  const bool asks_first = request.method == "OPTIONS" &&
                          request.headers.find("access-control-request-method").has_value();
  net::Response response;
  if (asks_first) {
    response = preflight(request);
  } else {
    response = co_await door_.route(request, worker, audience_);
  }
  add_cors(response, origin);
  co_return response;
}

Task<net::Response> FrontDoor::route(net::Request& request, net::Worker& worker,
                                     Audience audience) {
  const bool callers = audience != Audience::administrators;
  const bool administrators = audience != Audience::callers;
  const auto host = without_port(request.host);
  // A bucket may have any name: its paths are nobody else's.
  const bool bucket = aws::is_bucket_request(request);
  // Its URL is a permission in itself, on whichever address.
  if (!bucket && services::lambda::Downloads::takes(request)) {
    return options_.downloads->handle(request);
  }
  if (callers && !bucket) {
    if (const auto place = gateway::DataPlane::place_of(request)) {
      return options_.data_plane->handle(request, *place, worker);
    }
    using services::agentcore::Invocations;
    if (const auto place = Invocations::place_of(request)) {
      return options_.invocations->handle(request, *place, worker);
    }
    if (services::identity_data::ConsentPages::takes(request)) {
      return options_.consent_pages->handle(request, worker);
    }
    if (request.path == runtimes::Fleet::credentials_path) {
      return options_.fleet->credentials(request);
    }
    if (functions::RuntimeApi::takes(request)) return options_.runtime_api->handle(request);
    if (wants_token(request)) return options_.oauth->token(request, worker);
    if (has_suffix(host, ".amazoncognito.com")) {
      return net::ready(refuse(404, "not found; the token endpoint is POST /oauth2/token"));
    }
    if (wants_pool_document(request)) return options_.oauth->document(request, worker);
  }
  if (request.path == "/healthz" && !is_aws_shaped(host) && !bucket) {
    return net::ready(net::Response::text(200, "application/json", R"({"status":"ok"})"));
  }
  if (administrators) {
    if (request.path == "/metrics" && !is_aws_shaped(host) && !bucket) {
      return net::ready(net::Response::text(200, "text/plain; version=0.0.4", metrics_page()));
    }
    if (options_.aws->takes(request)) return options_.aws->handle(request, worker);
  }
  return net::ready(
      refuse(404,
             "Nothing is at this path. Gateways are at /gateways/ID/mcp; calls of the "
             "AWS API must be signed (SigV4)."));
}

// Every room writes its own part.
std::string FrontDoor::metrics_page() const {
  std::string out = fmt::format(
      "# HELP toolgate_build_info What runs here; always 1\n# TYPE toolgate_build_info gauge\n"
      "toolgate_build_info{{version=\"{}\",compiler=\"clang {}.{}.{}\"}} 1\n",
      version_text, __clang_major__, __clang_minor__, __clang_patchlevel__);
  out += options_.metrics->exposition();
  out += options_.aws->exposition();
  if (options_.invocation_log != nullptr) out += options_.invocation_log->exposition();
  if (options_.search != nullptr) out += options_.search->exposition();
  return out;
}

bool FrontDoor::owns(std::string_view host, std::uint16_t port) const {
  if (is_aws_shaped(host)) return true;
  return std::ranges::any_of(own_, [&](const net::Address& own) {
    return own.port == port &&
           (own.host == host || (is_loopback_name(host) && net::is_loopback(own.host)));
  });
}

Task<net::Response> FrontDoor::answer(net::Request& request, net::Worker& worker) {
  return route(request, worker, Audience::everyone);
}

}  // namespace toolgate::app
