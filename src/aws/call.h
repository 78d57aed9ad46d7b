// What an AWS operation sees: an input that was checked against the contract, and who calls.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "identity/principal.h"
#include "json/json.h"
#include "net/http.h"
#include "net/worker.h"

namespace toolgate::aws {

struct Call {
  std::string_view service;    // contract name: "bedrock-agentcore-control", "iam"
  std::string_view operation;  // "CreateGateway"
  // An object with the members of the input shape, by their names in the contract, whatever place
  // of the request they came from. Checked: required, types, enums, patterns, lengths, ranges,
  // unions. Timestamps are numbers (epoch seconds, as double), blobs are base64 strings.
  Json input;
  identity::Principal caller;
  std::string account;     // whose resources: the caller's
  std::string region;      // of the credential scope; "us-east-1" for global services
  std::string request_id;  // a UUID, also in the answer's headers
  Time now;
  int hops = 0;  // of the request, to be passed on when this call sends requests itself
  // The payload, where the input has a streaming member (that member is not in `input`). What the
  // request says of it (payload.h) is checked when its end is read.
  net::BodyReader* body = nullptr;
  // What stood behind the payload, once its end was read (x-amz-checksum-crc32 and its kind).
  const net::Headers* trailers = nullptr;
  // For what the contract has no member for. It lives until the answer is made.
  const net::Request* request = nullptr;
};

// A member of the input. Absent members of required shapes are bugs of the contract check.
[[nodiscard]] std::string text(const Call& call, std::string_view member);  // required
[[nodiscard]] std::optional<std::string> text_if(const Call& call, std::string_view member);

// What an operation gives back: the members of the output shape. Timestamps as numbers (epoch
// seconds); the wire format of each is the contract's business. `body` for streaming outputs.
struct Answer {
  Json output = JsonObject{};
  std::optional<net::Response::Body> body;
  int status = 0;  // 0: the contract's
};

}  // namespace toolgate::aws
