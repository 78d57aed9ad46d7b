#include "identity/sigv4_signin.h"

#include <optional>
#include <utility>

namespace toolgate::identity {
namespace {

std::unexpected<Error> unknown_key(std::string detail) {
  return refused("UnrecognizedClientException",
                 "The security token included in the request is invalid.", std::move(detail));
}

Result<Signer> key_signer(std::string_view access_key_id, const AccessKeys& keys) {
  const std::string id{access_key_id};
  auto key = keys.find(id);
  if (!key) return unknown_key("no access key " + id);
  if (!key->active) return unknown_key("inactive access key " + id);
  Signer signer{.secret = std::move(key->secret), .principal = std::move(key->principal)};
  signer.principal.access_key_id = id;
  return signer;
}

}  // namespace

Result<Signer> signer_of(std::string_view access_key_id, std::string_view session_token,
                         const AccessKeys& keys, const SessionTokens& sessions, Time now) {
  if (session_token.empty()) return key_signer(access_key_id, keys);
  auto session = sessions.open(session_token, now);
  if (!session && session.error().name == "ExpiredToken") {
    return std::unexpected(std::move(session).error());
  }
  if (!session) return unknown_key(session.error().detail);
  if (session->access_key_id != access_key_id) {
    return unknown_key("the session token belongs to another access key");
  }
  if (!session->parent_key.empty()) {
    const auto parent = keys.find(session->parent_key);
    if (!parent || !parent->active) {
      return unknown_key("the session's access key " + session->parent_key + " is gone");
    }
  }
  return Signer{.secret = std::move(session->secret_access_key),
                .principal = std::move(session->principal)};
}

crypto::SignedRequest signed_request(const net::Request& request) {
  crypto::SignedRequest out{.method = request.method,
                            .path = request.path,
                            .query = request.query,
                            .headers = {},
                            .body = request.body};
  out.headers.reserve(request.headers.size());
  for (const auto& field : request.headers) out.headers.emplace_back(field.name, field.value);
  return out;
}

Result<Principal> sign_in(const net::Request& request, const AccessKeys& keys,
                          const SessionTokens& sessions, Time now) {
  TRY(SignIn in, sign_in_with_body(request, Body::here, keys, sessions, now));
  return std::move(in.principal);
}

Result<SignIn> sign_in_with_body(const net::Request& request, Body body, const AccessKeys& keys,
                                 const SessionTokens& sessions, Time now) {
  crypto::SignedRequest parts = signed_request(request);
  parts.body_follows = body == Body::follows;
  TRY(auto claim, crypto::parse_signature(parts));
  if (!claim) {
    return refused("MissingAuthenticationToken", "Missing Authentication Token", "not signed");
  }
  TRY(Signer signer, signer_of(claim->access_key_id, claim->session_token, keys, sessions, now));
  TRY_DO(crypto::verify_signature(parts, *claim, signer.secret, now));
  SignIn in{.principal = std::move(signer.principal), .claim = {}, .chunks = {}};
  const auto declared = request.headers.find("x-amz-content-sha256").value_or("");
  if (declared == crypto::streaming_signed || declared == crypto::streaming_signed_trailer) {
    in.chunks.emplace(*claim, signer.secret);
  }
  in.claim = *std::move(claim);
  return in;
}

}  // namespace toolgate::identity
