#include "targets/http_exchange.h"

#include "base/text.h"
#include "crypto/sigv4.h"

namespace toolgate::targets {
namespace {

void put_header(net::Headers& headers, std::string name, std::string value) {
  std::erase_if(headers, [&](const auto& field) { return equal_ignoring_case(field.name, name); });
  headers.push_back({std::move(name), std::move(value)});
}

void sign(HttpCall& call, const crypto::SigningKey& key, Time now) {
  const std::string_view target = call.url.target;
  const auto mark = target.find('?');
  const std::string host = call.url.authority();
  crypto::SignedRequest request{
      .method = call.method,
      .path = target.substr(0, mark),
      .query = mark == target.npos ? std::string_view{} : target.substr(mark + 1),
      .headers = {{"host", host}},
      .body = call.body};
  for (const auto& field : call.headers) request.headers.emplace_back(field.name, field.value);
  for (auto& [name, value] : crypto::sign(request, key, now)) {
    put_header(call.headers, std::move(name), std::move(value));
  }
}

}  // namespace

void apply(const net::Credential& credential, HttpCall& call, Time now) {
  if (const auto* header = std::get_if<net::HeaderCredential>(&credential.show)) {
    put_header(call.headers, header->name, header->value);
  } else if (const auto* query = std::get_if<net::QueryCredential>(&credential.show)) {
    call.url.target += call.url.target.find('?') == std::string::npos ? '?' : '&';
    call.url.target += percent_encode(query->name) + '=' + percent_encode(query->value);
  } else if (const auto* key = std::get_if<crypto::SigningKey>(&credential.show)) {
    sign(call, *key, now);
  }
}

Task<Result<net::ClientResponse>> exchange(HttpCall call, const net::Credential& credential,
                                           net::Worker& worker, HttpBounds bounds) {
  if (bounds.passage != nullptr) bounds.passage->put_on(call);
  apply(credential, call, SystemClock{}.now());
  auto answer = co_await worker.client().send({.method = call.method,
                                               .url = &call.url,
                                               .headers = &call.headers,
                                               .body = call.body,
                                               .deadline = bounds.deadline,
                                               .body_bytes_max = bounds.answer_bytes_max,
                                               .hops = bounds.hops,
                                               .caller = bounds.caller,
                                               .steps = bounds.steps});
  if (bounds.passage != nullptr && answer) bounds.passage->take_back(answer->headers);
  co_return answer;
}

}  // namespace toolgate::targets
