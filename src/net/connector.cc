#include "net/connector.h"

#include <algorithm>

#include <fmt/format.h>
#include <netinet/in.h>

#include "base/steps.h"
#include "net/address_guard.h"
#include "net/ip.h"
#include "net/resolve.h"
#include "net/server.h"

namespace toolgate::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// What several addresses of one name are given each, at least.
constexpr auto attempt_time_min = std::chrono::seconds{1};
constexpr std::size_t addresses_count_max = 8;

std::vector<std::string> known_addresses(std::string_view host) {
  if (Ip::parse(host)) return {std::string{host}};
  // RFC 6761: never asked of a name server.
  if (host == "localhost" || host.ends_with(".localhost")) return {"127.0.0.1", "::1"};
  return {};
}

std::string printed(const auto& candidate) {
  const bool six = candidate.ip.contains(':');
  return fmt::format("{}{}{}:{}", six ? "[" : "", candidate.ip, six ? "]" : "", candidate.port);
}

Error named(Error error, std::string_view step) {
  error.name = step;
  return error;
}

}  // namespace

std::unexpected<Error> step_failed(Code code, std::string_view step, std::string_view what,
                                   const Url& url) {
  auto error = fail(code, fmt::format("{}: {}:{}: {}.", step, url.host, url.port, what)).error();
  return std::unexpected(named(std::move(error), step));
}

Connector::Connector(asio::io_context& io, Client::Options options)
    : io_{io}, options_{std::move(options)} {}

Result<std::vector<Connector::Candidate>> Connector::known(const Url& url) const {
  std::vector<Candidate> found;
  std::string_view override;
  if (options_.guard != nullptr) override = options_.guard->override_of(url.host, url.port);
  if (!override.empty()) {
    TRY(auto address, parse_address(override));
    found.push_back({std::move(address.host), address.port});
    return found;
  }
  for (auto& address : known_addresses(url.host)) found.push_back({std::move(address), url.port});
  return found;
}

Result<void> Connector::check_known(const Url& url) const {
  TRY(auto found, known(url));
  if (found.empty()) return {};
  TRY([[maybe_unused]] const auto reachable, allowed(std::move(found)));
  return {};
}

Task<Result<std::vector<Connector::Candidate>>> Connector::resolve_host(const Url& url,
                                                                        Deadline deadline) {
  CO_TRY(auto found, known(url));
  if (!found.empty()) co_return found;
  if (options_.offload == nullptr) {
    co_return step_failed(Code::unavailable, "resolve", "names are not resolved here", url);
  }
  auto resolved = co_await resolve(*options_.offload, url.host, deadline);
  if (!resolved) co_return std::unexpected(named(std::move(resolved).error(), "resolve"));
  for (auto& address : *resolved) found.push_back({std::move(address), url.port});
  if (found.size() > addresses_count_max) found.resize(addresses_count_max);
  co_return found;
}

Result<std::vector<Connector::Candidate>> Connector::allowed(std::vector<Candidate> found) const {
  if (options_.guard == nullptr) return found;
  std::vector<Candidate> allowed;
  Error refusal;
  for (auto& candidate : found) {
    if (auto checked = options_.guard->check(candidate.ip, candidate.port)) {
      allowed.push_back(std::move(candidate));
    } else {
      refusal = named(std::move(checked).error(), "connect");
    }
  }
  if (allowed.empty()) return std::unexpected(std::move(refusal));
  return allowed;
}

Task<Result<std::vector<Connector::Candidate>>> Connector::candidates(const Url& url,
                                                                      Deadline deadline,
                                                                      Steps* steps) {
  OneStep step{steps, "resolve", url.host};
  auto found = co_await resolve_host(url, deadline);
  if (steps != nullptr && found) {
    std::string addresses;
    for (const auto& one : *found) addresses += (addresses.empty() ? "" : ", ") + one.ip;
    step.ok(addresses);
  } else {
    step.ended(found);
  }
  if (!found) co_return std::unexpected(std::move(found).error());
  OneStep asked{steps, "address guard", url.host};
  auto reachable = allowed(*std::move(found));
  asked.ended(reachable);
  co_return reachable;
}

Task<Result<std::unique_ptr<Upstream>>> Connector::connect(const Url& url, Deadline deadline,
                                                           Steps* steps) {
  deadline = std::min<Deadline>(deadline, within(limits::upstream_connect_timeout));
  CO_TRY(auto addresses, co_await candidates(url, deadline, steps));
  Error last;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto now = std::chrono::steady_clock::now();
    const auto share = (deadline - now) / static_cast<int>(addresses.size() - i);
    const auto until =
        std::min<Deadline>(deadline, now + std::max<Deadline::duration>(share, attempt_time_min));
    auto upstream = co_await connect_to(url, std::move(addresses[i]), until, steps);
    if (upstream) co_return upstream;
    last = std::move(upstream).error();
    if (last.name == "TLS" || deadline <= std::chrono::steady_clock::now()) break;
  }
  co_return std::unexpected(std::move(last));
}

Task<Result<std::unique_ptr<Upstream>>> Connector::connect_to(const Url& url, Candidate candidate,
                                                              Deadline deadline, Steps* steps) {
  auto upstream = std::make_unique<Upstream>(io_, Origin{url.host, url.port, url.tls()});
  upstream->give_until(deadline);
  OneStep step{steps, "connect", steps != nullptr ? printed(candidate) : std::string{}};
  auto connected = co_await connect_socket(*upstream, url, candidate);
  step.ended(connected);
  if (!connected) co_return std::unexpected(std::move(connected).error());
  if (url.tls()) {
    OneStep tls{steps, "TLS", url.host};
    auto started = co_await start_tls(*upstream, url);
    tls.ended(started, "the certificate is trusted and names the host");
    if (!started) co_return std::unexpected(std::move(started).error());
  }
  upstream->give_all_time();
  co_return upstream;
}

Task<Result<void>> Connector::connect_socket(Upstream& upstream, const Url& url,
                                             const Candidate& candidate) {
  ErrorCode error;
  const auto address = asio::ip::make_address(candidate.ip, error);
  if (!error) error = co_await upstream.channel.connect(tcp::endpoint{address, candidate.port});
  if (upstream.given_up()) co_return upstream.why_given_up("connect", "no answer in time", url);
  if (error) co_return step_failed(Code::unavailable, "connect", error.message(), url);
  co_return Result<void>{};
}

Task<Result<void>> Connector::start_tls(Upstream& upstream, const Url& url) {
  if (!tls_) {
    auto context = make_client_context(options_.ca_file);
    if (!context) co_return std::unexpected(named(std::move(context).error(), "TLS"));
    tls_ = *std::move(context);
  }
  std::string name = url.host;
  if (name.ends_with('.')) name.pop_back();
  const auto error = co_await upstream.channel.start_tls(TlsSession::connect(*tls_, name));
  if (upstream.given_up()) co_return upstream.why_given_up("TLS", "no answer in time", url);
  if (!error) co_return Result<void>{};
  const auto said = upstream.channel.tls_error();
  co_return step_failed(Code::upstream, "TLS", said.empty() ? error.message() : std::string{said},
                        url);
}

}  // namespace toolgate::net
