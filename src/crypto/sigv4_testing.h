// What the tests of signing, parsing and verifying share.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/text.h"
#include "crypto/sigv4.h"
#include "crypto/sigv4_vectors.h"

namespace toolgate::crypto::testing {

using vectors::Request;

inline constexpr std::string_view long_secret = "wJalr/EXAMPLE+secret0000000000000000000";
inline const Time signed_at = vectors::at(2026, 11, 21, 9 * 60 + 30);

inline SignedRequest view(const Request& request) {
  SignedRequest out{.method = request.method,
                    .path = request.path,
                    .query = request.query,
                    .headers = {},
                    .body = request.body};
  for (const auto& [name, value] : request.headers) out.headers.emplace_back(name, value);
  return out;
}

// "" when the signature is good, else the error's name.
inline std::string outcome(const Request& request, std::string_view secret, Time now = signed_at) {
  const auto claim = parse_signature(view(request));
  if (!claim) {
    EXPECT_EQ(claim.error().code, Code::unauthenticated);
    return claim.error().name;
  }
  if (!*claim) return "not signed";
  const auto verified = verify_signature(view(request), **claim, secret, now);
  if (verified) return "";
  EXPECT_EQ(verified.error().code, Code::unauthenticated);
  EXPECT_FALSE(verified.error().message.empty());
  return verified.error().name;
}

inline const Request& vector_of(std::string_view name) {
  const auto found = std::ranges::find(vectors::requests(), name, &Request::name);
  EXPECT_NE(found, vectors::requests().end()) << name;
  return *found;
}
inline Request plain() { return vector_of("an encoded ARN in the path"); }
inline Request presigned() { return vector_of("a presigned call"); }

inline std::string& header(Request& request, std::string_view name) {
  for (auto& [key, value] : request.headers) {
    if (equal_ignoring_case(key, name)) return value;
  }
  request.headers.emplace_back(name, "");
  return request.headers.back().second;
}

inline void drop_header(Request& request, std::string_view name) {
  std::erase_if(request.headers, [&](const auto& h) { return equal_ignoring_case(h.first, name); });
}

inline void replace(std::string& text, std::string_view what, std::string_view by) {
  const auto at = text.find(what);
  ASSERT_NE(at, std::string::npos) << what;
  text.replace(at, what.size(), by);
}

}  // namespace toolgate::crypto::testing
