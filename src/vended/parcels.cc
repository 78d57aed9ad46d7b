#include "vended/parcels.h"

#include <algorithm>
#include <array>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include "base/ids.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/sigv4.h"
#include "net/client.h"

namespace toolgate::vended {
namespace {

using namespace std::chrono_literals;

// PutRecordBatch, Firehose API reference: 500 records, 4 MiB (in base64).
constexpr std::size_t firehose_records_max = 500;
constexpr std::size_t firehose_bytes_max = 2 * 1024 * 1024;
constexpr auto send_timeout = 30s;
constexpr std::array retry_after{1s, 4s, 15s};
constexpr std::size_t answer_bytes_max = 256 * 1024;
constexpr std::size_t unique_length = 12;

struct Shipment {
  std::string_view method;
  std::string path;
  net::Headers headers;
  std::string body;
  std::string_view service;
};

Shipment to_bucket(const Parcel& parcel) {
  const Delivery& delivery = *parcel.delivery;
  const auto key = object_key(parcel, random_text(unique_length, lower_alphanumeric));
  return {.method = "PUT",
          .path = fmt::format("/{}/{}", percent_encode(delivery.bucket), percent_encode(key, "/")),
          .headers = {{"content-type", "application/gzip"}},
          .body = object_bytes(parcel),
          .service = "s3"};
}

Shipment to_stream(const Parcel& parcel) {
  return {.method = "POST",
          .path = "/",
          .headers = {{"content-type", "application/x-amz-json-1.1"},
                      {"x-amz-target", "Firehose_20150804.PutRecordBatch"}},
          .body = record_batch(parcel),
          .service = "firehose"};
}

// What is sent may do this one thing.
Parcels::Options::Signed signed_of(const Delivery& delivery, const Shipment& shipment) {
  if (delivery.kind == Delivery::Kind::bucket) {
    return {.delivery = delivery,
            .service = shipment.service,
            .action = "s3:PutObject",
            .resource = fmt::format("arn:aws:s3:::{}/{}*", delivery.bucket, delivery.prefix)};
  }
  return {.delivery = delivery,
          .service = shipment.service,
          .action = "firehose:PutRecordBatch",
          .resource = fmt::format("arn:aws:firehose:{}:{}:deliverystream/{}", delivery.region,
                                  delivery.account, delivery.stream)};
}

Task<void> wait_for(std::chrono::seconds time) {
  boost::asio::steady_timer timer{co_await boost::asio::this_coro::executor, time};
  co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

}  // namespace

bool Parcels::take(const DeliveryRef& delivery, std::int64_t at, std::string line) {
  const auto& options = state_->options;
  const bool stream = delivery->kind == Delivery::Kind::stream;
  if (state_->waiting_bytes + line.size() > options.waiting_bytes_max) return false;
  auto& open = open_[delivery->id];
  if (open.parcel.lines.empty()) {
    open.parcel.first_at = at;
    open.since = std::chrono::steady_clock::now();
  }
  open.parcel.delivery = delivery;
  open.parcel.bytes += line.size();
  state_->waiting_bytes += line.size();
  open.parcel.lines.push_back(std::move(line));
  const bool full = stream ? open.parcel.lines.size() >= firehose_records_max ||
                                 open.parcel.bytes >= firehose_bytes_max
                           : open.parcel.bytes >= options.parcel_bytes_max;
  if (full) {
    send(std::move(open.parcel));
    open_.erase(delivery->id);
  }
  return true;
}

void Parcels::tick() {
  const auto until = std::chrono::steady_clock::now() - state_->options.every;
  for (auto each = open_.begin(); each != open_.end();) {
    if (!hurrying_ && each->second.since > until) {
      ++each;
      continue;
    }
    send(std::move(each->second.parcel));
    each = open_.erase(each);
  }
}

void Parcels::hurry(std::chrono::steady_clock::time_point deadline,
                    const std::stop_token& give_up) {
  hurrying_ = true;
  while (state_->waiting_bytes > 0 && !give_up.stop_requested() &&
         std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(10ms);
  }
}

void Parcels::send(Parcel parcel) {
  auto& io = state_->options.worker->io();
  boost::asio::co_spawn(io, carry(state_, std::move(parcel)), boost::asio::detached);
}

Task<Result<void>> Parcels::put(const State& state, const Parcel& parcel) {
  const auto& options = state.options;
  const Shipment shipment =
      parcel.delivery->kind == Delivery::Kind::bucket ? to_bucket(parcel) : to_stream(parcel);
  CO_TRY(const net::Url url,
         options.url_of(shipment.service, parcel.delivery->region, shipment.path));
  const std::string authority = url.authority();
  crypto::SignedRequest unsigned_request{
      .method = shipment.method,
      .path = std::string_view{url.target}.substr(0, url.target.find('?')),
      .query = {},
      .headers = {{"host", authority}},
      .body = shipment.body};
  for (const auto& [name, value] : shipment.headers) {
    unsigned_request.headers.emplace_back(name, value);
  }
  net::Headers headers = shipment.headers;
  const auto now = options.clock->now();
  crypto::SigningKey key = options.signer(signed_of(*parcel.delivery, shipment));
  key.region = parcel.delivery->region;
  key.service = shipment.service;
  for (auto& [name, value] : crypto::sign(unsigned_request, key, now)) {
    headers.push_back({std::move(name), std::move(value)});
  }
  CO_TRY(const auto answer,
         co_await options.worker->client().send({.method = shipment.method,
                                                 .url = &url,
                                                 .headers = &headers,
                                                 .body = shipment.body,
                                                 .deadline = within(send_timeout),
                                                 .body_bytes_max = answer_bytes_max}));
  if (answer.status / 100 != 2) {
    co_return fail(Code::upstream,
                   fmt::format("HTTP {}: {}", answer.status, answer.body.substr(0, 300)));
  }
  // Firehose takes a part and says how much it did not.
  if (parcel.delivery->kind == Delivery::Kind::stream) {
    const auto told = json::parse(answer.body);
    const auto failed = told ? json::find_int(*told, "FailedPutCount").value_or(0) : 0;
    if (failed > 0) co_return fail(Code::upstream, fmt::format("{} records refused", failed));
  }
  co_return Result<void>{};
}

Task<void> Parcels::carry(std::shared_ptr<State> state, Parcel parcel) {
  for (std::size_t attempt = 0;; ++attempt) {
    const auto done = co_await put(*state, parcel);
    if (done) break;
    if (attempt == retry_after.size()) {
      state->lost += parcel.lines.size();
      log::warn("delivery {} of gateway {}: {} records lost: {} {}", parcel.delivery->id,
                parcel.delivery->gateway_id, parcel.lines.size(), done.error().message,
                done.error().detail);
      break;
    }
    co_await wait_for(retry_after[attempt]);
  }
  state->waiting_bytes -= parcel.bytes;
}

}  // namespace toolgate::vended
