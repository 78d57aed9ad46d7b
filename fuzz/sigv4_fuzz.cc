// Requests that say they are signed. The input is a request as lines: method, path, query, body,
// then header fields "name: value". Whatever the bytes, a claim that is accepted is complete, no
// made-up signature passes, and what we sign ourselves is verified.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/text.h"
#include "crypto/sigv4.h"

using namespace toolgate;

namespace {

crypto::SignedRequest read(std::string_view text) {
  const auto lines = split(text, '\n');
  const auto line = [&](std::size_t i) { return i < lines.size() ? lines[i] : ""; };
  crypto::SignedRequest request{
      .method = line(0), .path = line(1), .query = line(2), .headers = {}, .body = line(3)};
  for (std::size_t i = 4; i < lines.size() && i < 100; ++i) {
    const auto colon = lines[i].find(':');
    if (colon == std::string_view::npos) continue;
    request.headers.emplace_back(lines[i].substr(0, colon), trim(lines[i].substr(colon + 1)));
  }
  return request;
}

void check_claim(const crypto::SignedRequest& request) {
  const auto claim = crypto::parse_signature(request);
  if (!claim) {
    ASSERT(claim.error().code == Code::unauthenticated && !claim.error().name.empty());
    return;
  }
  if (!*claim) return;
  ASSERT((*claim)->signature.size() == 64 && !(*claim)->signed_headers.empty());
  ASSERT(!(*claim)->access_key_id.empty() && !(*claim)->service.empty());
  ASSERT(!crypto::verify_signature(request, **claim, "a secret nobody has", (*claim)->signed_at));
}

void check_own(crypto::SignedRequest request) {
  constexpr Time now{std::chrono::seconds{1'800'000'000}};
  std::erase_if(request.headers, [](const auto& field) {
    const std::string name = lower(field.first);
    return name.starts_with("x-amz-") || name == "authorization" || name == "host" ||
           // Names that HTTP does not allow never come here (net/parser).
           name.empty() || name.find_first_of(" \t;,:=\r") != std::string::npos;
  });
  request.headers.emplace_back("Host", "gateway.example");
  request.query = request.query.find("X-Amz-") == std::string_view::npos &&
                          request.query.find('%') == std::string_view::npos
                      ? request.query
                      : "";
  const auto added = crypto::sign(request,
                                  {.access_key_id = "AKIA",
                                   .secret_access_key = "secret",
                                   .session_token = {},
                                   .region = "us-east-1",
                                   .service = "sts"},
                                  now);
  for (const auto& field : added) request.headers.emplace_back(field);
  const auto claim = crypto::parse_signature(request);
  ASSERT(claim.has_value() && claim->has_value());
  ASSERT(crypto::verify_signature(request, **claim, "secret", now).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto request = read({reinterpret_cast<const char*>(data), size});
  check_claim(request);
  check_own(request);
  return 0;
}
