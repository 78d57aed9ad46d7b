#include "net/inner_call.h"

#include <exception>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "base/log.h"
#include "base/text.h"
#include "net/connector.h"
#include "net/exchange.h"
#include "net/wire.h"

namespace toolgate::net {
namespace {

namespace asio = boost::asio;

// The request as the front door sees it, and all that its views are of.
struct InnerRequest {
  explicit InnerRequest(const ClientRequest& from)
      : method{from.method}, authority{from.url->authority()}, target{from.url->target} {
    body.reserve(from.body.size() + limits::json_padding_bytes);
    body = from.body;
    length = std::to_string(body.size());
    if (from.headers != nullptr) fields = *from.headers;
    if (from.one_more != nullptr) fields.push_back(*from.one_more);
    request.method = method;
    request.target = target;
    const auto mark = target.find('?');
    request.path = std::string_view{target}.substr(0, mark);
    if (mark != std::string::npos) request.query = std::string_view{target}.substr(mark + 1);
    request.host = authority;
    request.headers.add({"host", authority});
    if (from.prepared != nullptr) from.prepared->add_to(request.headers);
    for (const auto& field : fields) {
      if (!is_clients_own(field.name)) request.headers.add({field.name, trim(field.value)});
    }
    if (sends_length(from)) request.headers.add({"content-length", length});
    request.body = body;
    request.peer.tls = from.url->tls();
    request.peer.hops = from.hops + 1;
    if (from.caller != nullptr) request.caller = *from.caller;
  }
  InnerRequest(const InnerRequest&) = delete;
  InnerRequest& operator=(const InnerRequest&) = delete;

  const std::string method;
  const std::string authority;
  const std::string target;
  std::string body;
  std::string length;
  Headers fields;
  Request request;
};

Task<Response> answer(InnerNet& inner, Worker& worker, InnerRequest& request) {
  if (request.request.peer.hops > limits::inner_hops_max) {
    co_return refusal(508, "The request has led to too many requests of this server to itself.");
  }
  Response response;
  try {
    response = co_await inner.answer(request.request, worker);
  } catch (const std::exception& exception) {
    log::error("net: the inner net threw: {}", exception.what());
    response = refusal(500, "Internal error.");
  }
  co_return response;
}

// The answer's fields as text, which the client's views are of; `body` stands behind it, padded.
struct Flat {
  std::shared_ptr<std::string> buffer;
  HeaderViews headers;
  std::string_view body;
};
Flat flatten(const Response& response, std::string_view body) {
  constexpr std::string_view type_name = "content-type";
  std::size_t bytes = body.size() + limits::json_padding_bytes;
  bytes += type_name.size() + response.static_type.size();
  for (const auto& field : response.headers) bytes += field.name.size() + field.value.size();
  Flat flat{std::make_shared<std::string>(), {}, {}};
  std::string& out = *flat.buffer;
  out.reserve(bytes);
  const auto add = [&](std::string_view text) {
    const auto begin = out.size();
    out += text;
    return std::string_view{out}.substr(begin);
  };
  for (const auto& field : response.headers) {
    const auto name = add(field.name);
    flat.headers.add({name, add(field.value)});
  }
  if (!response.static_type.empty()) {
    const auto name = add(type_name);
    flat.headers.add({name, add(response.static_type)});
  }
  flat.body = add(body);
  return flat;
}

Error too_large(const ClientRequest& request) {
  return step_failed(Code::too_large, "read",
                     fmt::format("the answer is longer than {} bytes", request.body_bytes_max),
                     *request.url)
      .error();
}

class Collector final : public BodyWriter {
 public:
  explicit Collector(std::size_t bytes_max) : bytes_max_{bytes_max} {}
  Task<Result<void>> write(std::string_view bytes) override {
    if (bytes.size() > bytes_max_ - text.size()) {
      full = true;
      co_return fail(Code::too_large, "The reader takes no more.");
    }
    text += bytes;
    co_return Result<void>{};
  }
  std::string text;
  bool full = false;

 private:
  const std::size_t bytes_max_;
};

// Who reads a streamed body, and whoever that one works for.
class InnerCaller final : public Caller {
 public:
  explicit InnerCaller(std::shared_ptr<const Caller> outer) : outer_{std::move(outer)} {}
  [[nodiscard]] bool gone() const override { return left_ || (outer_ && outer_->gone()); }
  void leave() { left_ = true; }

 private:
  const std::shared_ptr<const Caller> outer_;
  bool left_ = false;
};

// Writer and reader of one streamed body meet here, piece by piece. Both are on one thread.
struct Meeting {
  explicit Meeting(asio::io_context& io) : to_reader{io}, to_writer{io} {}

  std::unique_ptr<InnerRequest> request;  // the body may refer to it
  Response response;
  asio::steady_timer to_reader;
  asio::steady_timer to_writer;
  std::string_view piece;  // the writer's, until it is taken
  bool ended = false;
  std::shared_ptr<InnerCaller> caller;
  bool reader_gone = false;
  Result<void> outcome;
};

class MeetingWriter final : public BodyWriter {
 public:
  explicit MeetingWriter(std::shared_ptr<Meeting> meeting) : meeting_{std::move(meeting)} {}
  Task<Result<void>> write(std::string_view bytes) override {
    auto& meeting = *meeting_;
    meeting.piece = bytes;
    meeting.to_reader.cancel();
    while (!meeting.piece.empty() && !meeting.reader_gone) {
      meeting.to_writer.expires_at(Deadline::max());
      co_await meeting.to_writer.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    meeting.piece = {};
    if (meeting.reader_gone) co_return fail(Code::unavailable, "The reader has gone.");
    co_return Result<void>{};
  }

 private:
  std::shared_ptr<Meeting> meeting_;
};

Task<void> produce(std::shared_ptr<Meeting> meeting) {
  MeetingWriter writer{meeting};
  try {
    meeting->outcome = co_await std::get<Response::Stream>(meeting->response.body)(writer);
  } catch (const std::exception& exception) {
    log::error("net: a streamed body threw: {}", exception.what());
    meeting->outcome = fail(Code::internal, "Internal error.");
  }
  meeting->ended = true;
  meeting->to_reader.cancel();
}

class MeetingReader final : public BodyReader {
 public:
  MeetingReader(std::shared_ptr<Meeting> meeting, std::size_t bytes_max)
      : meeting_{std::move(meeting)}, left_{bytes_max} {}
  ~MeetingReader() override {
    meeting_->reader_gone = true;
    meeting_->caller->leave();
    meeting_->to_writer.cancel();
  }

  Task<Result<std::string_view>> read(Deadline deadline) override {
    auto& meeting = *meeting_;
    while (meeting.piece.empty() && !meeting.ended) {
      if (std::chrono::steady_clock::now() >= deadline) {
        co_return fail(Code::timeout, "read: nothing came in time.");
      }
      meeting.to_reader.expires_at(deadline);
      co_await meeting.to_reader.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    if (meeting.piece.empty()) {
      if (!meeting.outcome) co_return fail(Code::upstream, "read: the answer is cut off.");
      co_return std::string_view{};
    }
    if (meeting.piece.size() > left_) {
      co_return fail(Code::too_large, "read: the answer is longer than the limit.");
    }
    // Copied, so that the writer may go on.
    left_ -= meeting.piece.size();
    current_ = meeting.piece;
    meeting.piece = {};
    meeting.to_writer.cancel();
    co_return current_;
  }

 private:
  const std::shared_ptr<Meeting> meeting_;
  std::size_t left_;
  std::string current_;
};

}  // namespace

Task<Result<ClientResponse>> send_inner(InnerNet& inner, Worker& worker,
                                        const ClientRequest& from) {
  InnerRequest request{from};
  const auto response = co_await answer(inner, worker, request);
  Collector collector{from.body_bytes_max};
  std::string_view body = buffered(response);
  if (const auto* stream = std::get_if<Response::Stream>(&response.body)) {
    const auto written = co_await (*stream)(collector);
    if (collector.full) co_return std::unexpected(too_large(from));
    if (!written) co_return step_failed(Code::upstream, "read", "the answer is cut off", *from.url);
    body = collector.text;
  }
  if (body.size() > from.body_bytes_max) co_return std::unexpected(too_large(from));
  if (from.method == "HEAD") body = {};
  auto flat = flatten(response, body);
  co_return ClientResponse{response.status, std::move(flat.headers), flat.body,
                           std::move(flat.buffer)};
}

Task<Result<ClientStream>> open_inner(InnerNet& inner, Worker& worker, const ClientRequest& from) {
  auto meeting = std::make_shared<Meeting>(worker.io());
  meeting->request = std::make_unique<InnerRequest>(from);
  meeting->caller = std::make_shared<InnerCaller>(meeting->request->request.caller);
  meeting->request->request.caller = meeting->caller;
  meeting->response = co_await answer(inner, worker, *meeting->request);
  const auto& response = meeting->response;
  const bool head_only = from.method == "HEAD";
  auto flat = flatten(response, head_only ? std::string_view{} : buffered(response));
  ClientStream stream{
      .status = response.status, .headers = std::move(flat.headers), .buffer = flat.buffer};
  if (std::holds_alternative<Response::Stream>(response.body) && !head_only) {
    asio::co_spawn(worker.io(), produce(meeting), asio::detached);
    stream.body = std::make_unique<MeetingReader>(std::move(meeting), from.body_bytes_max);
  } else {
    if (flat.body.size() > from.body_bytes_max) co_return std::unexpected(too_large(from));
    stream.whole = flat.body;
    if (!from.whole_if_here)
      stream.body = whole_body(flat.buffer, *std::exchange(stream.whole, {}));
  }
  co_return stream;
}

}  // namespace toolgate::net
