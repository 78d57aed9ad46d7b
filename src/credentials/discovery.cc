#include "credentials/discovery.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/text.h"
#include "credentials/bounds.h"
#include "net/client.h"

namespace toolgate::credentials {
namespace {

// One thread's documents, by URL.
struct Discovered {
  struct Entry {
    ServerMetadata metadata;
    Time fresh_until;
  };
  TextMap<Entry> entries;
};

bool is_this_machine(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

Error at(std::string_view url, Error error) {
  error.message = fmt::format("discovery document at {}: {}", url, error.message);
  return error;
}

Task<Result<ServerMetadata>> load(const net::Url& url, net::Worker& worker, Deadline deadline) {
  const net::Headers headers{{"accept", "application/json"}, {"user-agent", "toolgate"}};
  CO_TRY(const auto answer,
         co_await worker.client().send({.url = &url,
                                        .headers = &headers,
                                        .deadline = deadline,
                                        .body_bytes_max = limits::discovery_bytes_max}));
  if (answer.status != 200) {
    const bool moved = answer.status >= 300 && answer.status < 400;
    co_return fail(Code::upstream, fmt::format("answered {}{}", answer.status,
                                               moved ? "; redirects are not followed" : ""));
  }
  co_return read_discovery(answer.body, url);
}

}  // namespace

Result<ServerMetadata> read_discovery(std::string_view text, const net::Url& url) {
  auto document = json::parse(text);
  if (!document) return fail(Code::upstream, document.error().message);
  const auto endpoint = json::find_string(*document, "token_endpoint");
  if (!endpoint) return fail(Code::upstream, "has no token_endpoint");
  ServerMetadata metadata;
  auto parsed = net::Url::parse(*endpoint);
  if (!parsed) return fail(Code::upstream, "token_endpoint: " + parsed.error().message);
  metadata.token_endpoint = *std::move(parsed);
  if (url.tls() && !metadata.token_endpoint.tls() &&
      !is_this_machine(metadata.token_endpoint.host)) {
    return fail(Code::upstream,
                "token_endpoint is http although the document came over https: the "
                "client secret would travel in clear");
  }
  metadata.issuer = json::find_string(*document, "issuer").value_or("");
  metadata.authorization_endpoint =
      json::find_string(*document, "authorization_endpoint").value_or("");
  metadata.names_issuer =
      json::find_bool(*document, "authorization_response_iss_parameter_supported").value_or(false);
  if (const auto* methods = json::find_array(*document, "token_endpoint_auth_methods_supported")) {
    for (const Json& method : *methods) {
      if (method.is_string()) metadata.auth_methods.emplace_back(method.get_string());
    }
  }
  return metadata;
}

Task<Result<ServerMetadata>> discover(std::string url, net::Worker& worker, const Clock& clock,
                                      Deadline deadline) {
  auto& cache = worker.local<Discovered>();
  if (const auto found = cache.entries.find(url);
      found != cache.entries.end() && clock.now() < found->second.fresh_until) {
    co_return found->second.metadata;
  }
  const auto parsed = net::Url::parse(url);
  if (!parsed) co_return std::unexpected(at(url, parsed.error()));
  auto metadata =
      co_await load(*parsed, worker, std::min(deadline, within(limits::discovery_timeout)));
  if (!metadata) co_return std::unexpected(at(url, std::move(metadata).error()));
  if (cache.entries.size() >= bounds::cached_discoveries_count_max) cache.entries.clear();
  cache.entries.insert_or_assign(
      std::move(url), Discovered::Entry{.metadata = *metadata,
                                        .fresh_until = clock.now() + limits::discovery_fresh_for});
  co_return metadata;
}

}  // namespace toolgate::credentials
