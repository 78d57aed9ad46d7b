// What the tests of this room share: requests that own their bytes, and a contract of their own
// with what the embedded ones lack so far.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/contract.h"
#include "aws/input.h"
#include "base/limits.h"
#include "net/http.h"

namespace toolgate::aws::testing {

struct Sent {
  std::string method = "POST";
  std::string target = "/";
  std::string host = "127.0.0.1:7878";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  // Views into this object.
  [[nodiscard]] net::Request request() {
    net::Request out;
    body.reserve(body.size() + limits::json_padding_bytes);
    const std::string_view whole = target;
    const auto mark = whole.find('?');
    out.method = method;
    out.target = whole;
    out.path = whole.substr(0, mark);
    out.query = mark == std::string_view::npos ? std::string_view{} : whole.substr(mark + 1);
    out.host = host;
    out.headers.add({"host", host});
    for (const auto& [name, value] : headers) out.headers.add({name, value});
    out.body = body;
    out.peer = {.address = "127.0.0.1", .port = 4000, .tls = false, .loopback = true, .hops = 0};
    return out;
  }
};

// The Authorization header of a signature for that scope; the signature itself is nobody's.
inline std::pair<std::string, std::string> scope_of(std::string_view service) {
  return {"authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/us-east-1/" +
                               std::string{service} +
                               "/aws4_request, SignedHeaders=host, Signature=00"};
}

inline Json parsed(std::string_view text) {
  auto value = json::parse(text);
  ASSERT(value.has_value());
  return std::move(*value);
}

// A contract text of one operation "Do" with the given protocol and shapes; the shapes "In" and
// "Out" are its input and output.
inline std::string contract_text(std::string_view protocol, std::string_view operation,
                                 std::string_view shapes) {
  std::string out{R"({"metadata":{"protocol":")"};
  out.append(protocol);
  out += R"(","endpointPrefix":"test","jsonVersion":"1.1","targetPrefix":"Test",)"
         R"("xmlNamespace":"urn:test"},"operations":{"Do":{"served":true,)";
  out.append(operation).append(R"(,"input":"In","output":"Out"}},"shapes":{)").append(shapes);
  return out + "}}";
}

// What an operation of that contract reads from a request.
inline Result<Json> read_rest_request(const Contract& contract, Sent sent) {
  const auto request = sent.request();
  const auto uri = RequestUri::parse(request.path, request.query);
  const auto& operation = contract.operations().front();
  const auto labels = match(operation.uri, *uri);
  ASSERT(labels.has_value());
  return read_rest(operation, {.request = request, .uri = *uri, .labels = *labels});
}

}  // namespace toolgate::aws::testing
