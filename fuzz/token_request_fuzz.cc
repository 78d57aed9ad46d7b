// What a stranger may send to the token endpoint: the first line is the Authorization header, the
// rest is the form. A request that is accepted names a client and a grant, and no scope twice.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "services/cognito/names.h"
#include "services/cognito/token_request.h"
#include "services/cognito/user_pool.h"

using namespace toolgate;
using namespace toolgate::services;

namespace {

void check_request(std::string_view authorization, std::string_view body) {
  const auto header = authorization.empty() ? std::optional<std::string_view>{}
                                            : std::optional<std::string_view>{authorization};
  const auto request =
      cognito::parse_token_request("application/x-www-form-urlencoded", header, body);
  if (!request) {
    ASSERT(request.error().status == 400 || request.error().status == 401);
    return;
  }
  ASSERT(!request->client_id.empty() && !request->grant_type.empty());
  auto scopes = request->scopes;
  std::ranges::sort(scopes);
  ASSERT(std::ranges::adjacent_find(scopes) == scopes.end());
}

// Names that are taken apart are put together again the same.
void check_names(std::string_view text) {
  if (const auto host = cognito::domain_host(text)) {
    const auto url = cognito::domain_url(host->domain, host->region);
    const auto again = cognito::domain_host(url.substr(url.find("//") + 2));
    ASSERT(again && again->domain == host->domain && again->region == host->region);
  }
  (void)cognito::idp_host(text);
  if (!cognito::region_of_pool(text).empty()) {
    const auto issuer = cognito::aws_issuer(text);
    ASSERT(cognito::issuer_names(issuer, "http://127.0.0.1").size() == 2);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto line = text.find('\n');
  if (line == std::string_view::npos) {
    check_request({}, text);
    check_names(text);
  } else {
    check_request(text.substr(0, line), text.substr(line + 1));
  }
  return 0;
}
