#include "net/client.h"

#include <fmt/format.h>

#include "base/steps.h"
#include "net/connector.h"
#include "net/content_coding.h"
#include "net/exchange.h"
#include "net/inner_call.h"
#include "net/upstream.h"

namespace toolgate::net {

struct Client::Impl {
  Impl(Worker& worker_of, Options with)
      : worker{worker_of},
        inner{with.inner},
        ticker{Ticker::of(worker_of.io())},
        pool{std::make_shared<UpstreamPool>(ticker, with.idle_per_origin_max)},
        connector{worker_of.io(), std::move(with)} {}

  // Sends the request, once more if need be; the answer's head is parsed then.
  Task<Result<std::unique_ptr<Upstream>>> begin(const ClientRequest& request);

  Worker& worker;
  InnerNet* const inner;
  Ticker& ticker;
  const std::shared_ptr<UpstreamPool> pool;
  Connector connector;
};

namespace {

// What has no effect (RFC 9110 §9.2.1). PUT and DELETE may be sent twice too, but the answer to the
// second can be another one.
bool is_safe(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

// Without its query, which may hold a key.
std::string shown(const ClientRequest& request) {
  if (request.steps == nullptr) return {};
  const Url& url = *request.url;
  const std::string_view target = url.target;
  return fmt::format("{} {}://{}{}", request.method, url.scheme, url.authority(),
                     target.substr(0, target.find('?')));
}

// The end of an exchange in process, whose answer has a status.
template <class Answer>
Answer told(OneStep step, Answer answer) {
  if (answer) {
    step.ok(fmt::format("answered {} in process", answer->status));
  } else {
    step.failed(answer.error());
  }
  return answer;
}

}  // namespace

Client::Client(Worker& worker, Options options)
    : impl_{std::make_unique<Impl>(worker, std::move(options))} {}

Client::~Client() { impl_->pool->close(); }

Task<Result<std::unique_ptr<Upstream>>> Client::Impl::begin(const ClientRequest& request) {
  const Url& url = *request.url;
  if (request.deadline <= ticker.now()) {
    co_return step_failed(Code::timeout, "send", "the deadline has passed", url);
  }
  for (bool again = false;; again = true) {
    auto upstream = again || request.steps != nullptr ? nullptr : pool->take(url);
    const bool reused = upstream != nullptr;
    if (!reused) {
      CO_TRY(upstream, co_await connector.connect(url, request.deadline, request.steps));
    }
    CO_TRY_DO(print_request(upstream->out, request));
    if (request.caller != nullptr) upstream->work_for(*request.caller);
    upstream->give_until(request.deadline);

    OneStep step{request.steps, "HTTP", shown(request)};
    Exchange exchange{*upstream, request};
    Pieces pieces{upstream->out, request.body};
    ErrorCode error;
    if (!upstream->channel.write_now(pieces, error)) {
      error = co_await upstream->channel.write(pieces);
    }
    exchange.written(error);
    while (exchange.state() == Exchange::State::reading) {
      const auto room = exchange.room();
      IoResult came;
      while (!upstream->channel.read_now(room.data(), room.size(), came)) {
        co_await upstream->channel.readable();
      }
      exchange.came(came.error, came.bytes);
    }
    if (exchange.state() == Exchange::State::answered) {
      if (request.steps != nullptr) {
        step.ok(fmt::format("answered {}", upstream->parser.head.status));
      }
      co_return upstream;
    }
    step.failed(exchange.error());
    const bool harmless =
        exchange.unanswered() && (exchange.not_written() || is_safe(request.method));
    if (!reused || !harmless) co_return std::unexpected(std::move(exchange.error()));
  }
}

Task<Result<ClientResponse>> Client::send(const ClientRequest& request) {
  ASSERT(request.url != nullptr);
  auto& impl = *impl_;
  if (impl.inner != nullptr && impl.inner->owns(request.url->host, request.url->port)) {
    const OneStep step{request.steps, "HTTP", shown(request)};
    auto answer = co_await send_inner(*impl.inner, impl.worker, request);
    if (answer) CO_TRY_DO(decode_content(*answer, request.body_bytes_max));
    co_return request.steps != nullptr ? told(step, std::move(answer)) : std::move(answer);
  }
  const auto pool = impl.pool;
  CO_TRY(auto upstream, co_await impl.begin(request));
  WholeAnswer answer{*upstream, request};
  while (true) {
    CO_TRY(const bool whole, answer.step());
    if (whole) break;
    const auto room = answer.room();
    const auto [error, bytes] = co_await upstream->channel.read_some(room.data(), room.size());
    CO_TRY_DO(answer.came(error, bytes));
  }
  auto response = answer.take();
  if (answer.reusable()) pool->give_back(std::move(upstream));
  CO_TRY_DO(decode_content(response, request.body_bytes_max));
  co_return response;
}

Task<Result<ClientStream>> Client::open(const ClientRequest& request) {
  ASSERT(request.url != nullptr);
  auto& impl = *impl_;
  if (impl.inner != nullptr && impl.inner->owns(request.url->host, request.url->port)) {
    const OneStep step{request.steps, "HTTP", shown(request)};
    auto answer = co_await open_inner(*impl.inner, impl.worker, request);
    if (answer) CO_TRY_DO(decode_content(*answer, request.body_bytes_max));
    co_return request.steps != nullptr ? told(step, std::move(answer)) : std::move(answer);
  }
  const auto pool = impl.pool;
  CO_TRY(auto upstream, co_await impl.begin(request));
  std::optional<ClientStream> stream;
  if (request.whole_if_here) stream = take_whole(upstream, *pool, request);
  if (!stream) stream = read_by_pieces(std::move(upstream), pool, request);
  CO_TRY_DO(decode_content(*stream, request.body_bytes_max));
  co_return *std::move(stream);
}

Result<void> Client::check_known(const Url& url) const {
  if (impl_->inner != nullptr && impl_->inner->owns(url.host, url.port)) return {};
  return impl_->connector.check_known(url);
}

}  // namespace toolgate::net
