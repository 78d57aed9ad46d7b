// Finds the service and the operation of a request.
#pragma once

#include "aws/protocol.h"
#include "net/http.h"

namespace toolgate::aws {

// By the host name ("iam.amazonaws.com"), else X-Amz-Target, else the credential scope of the
// signature, else the Action and Version of a form, else the path of an operation that is served.
// Services that share a signing name tell themselves apart by method and path.
[[nodiscard]] Route find_route(const net::Request& request, const RequestUri& uri);

// True for the body of a query service.
[[nodiscard]] bool is_form(const net::Request& head);

// True when the request is for one of our services, judged by its head alone.
[[nodiscard]] bool is_aws_request(const net::Request& head);

// The region and signing name of the credential scope, which the signature must confirm; empty
// when the request has none.
struct Scope {
  std::string region;
  std::string signing_name;
};
[[nodiscard]] Scope credential_scope(const net::Request& head);

}  // namespace toolgate::aws
