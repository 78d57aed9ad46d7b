#include "targets/mcp_server/wire.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "base/text.h"
#include "mcp/protocol.h"
#include "net/client.h"
#include "net/sse.h"
#include "targets/http_exchange.h"

namespace toolgate::targets::mcp_server {
namespace {

constexpr std::string_view json_type = "application/json";
constexpr std::string_view stream_type = "text/event-stream";

// The request with what is more than one field: a query parameter, a signature, what the client
// sends along.
std::optional<HttpCall> dressed(const Line& line, std::string_view body) {
  const bool signs = std::holds_alternative<crypto::SigningKey>(line.credential.show);
  const bool in_query = std::holds_alternative<net::QueryCredential>(line.credential.show);
  if (!signs && !in_query && line.sends == nullptr) return std::nullopt;
  HttpCall call{.method = "POST", .url = line.url, .headers = {}, .body = {}};
  if (signs) call.body = body;
  if (line.sends != nullptr) line.sends->put_on(call);
  apply(line.credential, call, SystemClock{}.now());
  return call;
}

bool is_type(const net::HeaderViews& headers, std::string_view type) {
  const auto value = headers.find("content-type");
  if (!value) return false;
  return equal_ignoring_case(trim(value->substr(0, value->find(';'))), type);
}

std::string padded(std::string_view text) {
  std::string copy;
  copy.reserve(text.size() + limits::json_padding_bytes);
  copy = text;
  return copy;
}

// Reads one message of the stream into `out` when it answers `raw_id`. True: the answer is there.
Result<bool> take_event(std::string_view data, std::string_view raw_id, Exchange& out) {
  if (data.empty()) return false;  // a priming event (2025-11-25, "id and an empty data field")
  auto copy = std::make_shared<const std::string>(padded(data));
  TRY(auto answer, mcp::parse_answer(*copy));
  if (!answer || (answer->id != raw_id && answer->id != "null")) return false;
  out.answer = std::move(answer);
  out.buffer = std::move(copy);
  return true;
}

Task<Result<void>> read_events(net::BodyReader& body, const Line& line, std::string_view raw_id,
                               Exchange& out) {
  net::SseParser parser{line.answer_bytes_max};
  Result<bool> found = false;
  const auto on_event = [&](const net::SseEvent& event) {
    found = take_event(event.data, raw_id, out);
    return found && !*found;
  };
  std::size_t read_bytes = 0;
  for (;;) {
    CO_TRY(const std::string_view piece, co_await body.read(line.deadline));
    if (piece.empty()) break;
    read_bytes += piece.size();
    if (read_bytes > line.answer_bytes_max) {
      co_return fail(Code::too_large, fmt::format("read: the event stream is longer than {} bytes",
                                                  line.answer_bytes_max));
    }
    CO_TRY_DO(parser.feed(piece, on_event));
    if (!found) co_return std::unexpected(std::move(found).error());
    if (*found) break;
  }
  if (!*found) co_return fail(Code::upstream, "read: the event stream ended without the answer");
  // A server ends the stream after the answer (2025-11-25, Transports: "SHOULD"); reading to that
  // end keeps the connection. One that goes on is cut off when the reader is destroyed.
  const auto patience = std::min(line.deadline, within(std::chrono::milliseconds{50}));
  for (int pieces = 0; pieces < 4; ++pieces) {
    const auto rest = co_await body.read(patience);
    if (!rest || rest->empty()) break;
  }
  co_return Result<void>{};
}

// The whole answer's bytes, padded, and what they lie in.
struct Text {
  std::string_view bytes;
  std::shared_ptr<const std::string> buffer;
};

Task<Result<Text>> read_pieces(net::ClientStream& stream, const Line& line) {
  std::string text;
  for (;;) {
    CO_TRY(const std::string_view piece, co_await stream.body->read(line.deadline));
    if (piece.empty()) break;
    if (text.size() + piece.size() > line.answer_bytes_max) {
      co_return fail(Code::too_large, fmt::format("read: the answer is longer than {} bytes",
                                                  line.answer_bytes_max));
    }
    text += piece;
  }
  text.reserve(text.size() + limits::json_padding_bytes);
  auto buffer = std::make_shared<const std::string>(std::move(text));
  co_return Text{*buffer, buffer};
}

Result<void> take_json(Text text, std::string_view raw_id, Exchange& out) {
  auto answer = mcp::parse_answer(text.bytes);
  const bool success = out.status >= 200 && out.status < 300;
  // An error status may carry anything; only a JSON-RPC body is of use.
  if (!answer) return success ? std::unexpected(std::move(answer).error()) : Result<void>{};
  if (success && (!*answer || ((*answer)->id != raw_id && (*answer)->id != "null"))) {
    return fail(Code::upstream, "read: the answer is not for this request");
  }
  out.buffer = std::move(text.buffer);
  out.answer = *std::move(answer);
  return {};
}

}  // namespace

// Streamable HTTP: "The client MUST include an Accept header, listing both" (2025-11-25,
// Transports).
Result<Session> make_session(std::string id, std::string_view version) {
  net::Headers headers{{"content-type", std::string{json_type}},
                       {"accept", "application/json, text/event-stream"}};
  if (!version.empty()) headers.push_back({std::string{mcp::version_header}, std::string{version}});
  if (!id.empty()) headers.push_back({std::string{mcp::session_header}, id});
  auto fields = net::PreparedFields::of(headers);
  if (!fields) return fail(Code::upstream, "handshake: the server's session id is malformed");
  return Session{.id = std::move(id), .fields = *std::move(fields)};
}

Task<Result<Exchange>> exchange(const Line& line, const Session& session, std::string_view message,
                                std::string_view raw_id) {
  const auto call = dressed(line, message);
  const net::ClientRequest request{
      .method = "POST",
      .url = call ? &call->url : &line.url,
      .prepared = &session.fields,
      .headers = call ? &call->headers : nullptr,
      .one_more = call ? nullptr : std::get_if<net::HeaderCredential>(&line.credential.show),
      .body = message,
      .deadline = line.deadline,
      .body_bytes_max = line.answer_bytes_max,
      .hops = line.hops,
      .caller = line.caller,
      .whole_if_here = true,
      .steps = line.steps,
  };
  CO_TRY(net::ClientStream stream, co_await line.worker.client().open(request));
  Exchange out;
  out.status = stream.status;
  if (const auto id = stream.headers.find(mcp::session_header)) out.session_id = *id;
  if (line.takes != nullptr) line.takes->take_back(stream.headers);
  const bool success = out.status >= 200 && out.status < 300;
  if (success && !raw_id.empty() && is_type(stream.headers, stream_type)) {
    if (stream.whole) stream.body = net::whole_body(stream.buffer, *stream.whole);
    CO_TRY_DO(co_await read_events(*stream.body, line, raw_id, out));
    co_return out;
  }
  const bool is_json = is_type(stream.headers, json_type);
  Result<Text> text;
  if (stream.whole) {
    text = Text{*stream.whole, stream.buffer};
  } else {
    text = co_await read_pieces(stream, line);
  }
  if (!success || raw_id.empty()) {
    if (text && is_json) (void)take_json(std::move(*text), raw_id, out);
    co_return out;
  }
  if (!text) co_return std::unexpected(std::move(text).error());
  if (!is_json) {
    co_return fail(Code::upstream,
                   fmt::format("read: HTTP {} with neither application/json nor text/event-stream",
                               out.status));
  }
  CO_TRY_DO(take_json(std::move(*text), raw_id, out));
  co_return out;
}

}  // namespace toolgate::targets::mcp_server
