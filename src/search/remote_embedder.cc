#include "search/remote_embedder.h"

#include <algorithm>
#include <charconv>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "json/json.h"
#include "net/client.h"

namespace toolgate::search {
namespace {

// 64 texts with 4,096 numbers each, in decimal.
constexpr std::size_t answer_bytes_max = 16 * 1024 * 1024;
// Vectors as wide as those of the widest models; text that a model reads of a request.
constexpr std::size_t width_max = 8'192;
constexpr std::size_t query_bytes_max = 2'048;
// A busy service is asked again after twice as long each time, or when it says so.
constexpr int attempts_max = 5;
constexpr auto first_pause = std::chrono::milliseconds{500};
constexpr auto pause_max = std::chrono::seconds{20};

bool is_busy(int status) { return status == 429 || status == 503 || status == 502; }

// Retry-After in seconds (RFC 9110 §10.2.3); dates are not understood.
std::chrono::milliseconds pause_of(const net::ClientResponse& answer, int attempt) {
  std::chrono::milliseconds pause = first_pause * (1 << attempt);
  if (const auto field = answer.headers.find("retry-after")) {
    int seconds = 0;
    const auto read = std::from_chars(field->data(), field->data() + field->size(), seconds);
    if (read.ec == std::errc{} && seconds >= 0) {
      pause = std::chrono::seconds{std::min(seconds, 3600)};
    }
  }
  return std::min<std::chrono::milliseconds>(pause, pause_max);
}

Result<Vector> read_vector(const Json& item) {
  const JsonArray* numbers = json::find_array(item, "embedding");
  if (numbers == nullptr || numbers->empty() || numbers->size() > width_max) {
    return fail(Code::upstream, "the embeddings service gave an item without an embedding");
  }
  std::vector<float> values;
  values.reserve(numbers->size());
  for (const Json& number : *numbers) {
    if (!number.is_number()) {
      return fail(Code::upstream, "the embeddings service gave an embedding that is no numbers");
    }
    values.push_back(number.to_number<float>());
  }
  return to_vector(values);
}

}  // namespace

Result<std::vector<Vector>> read_embeddings(std::string_view body, std::size_t count) {
  const auto document = json::parse(body);
  const JsonArray* data = document ? json::find_array(*document, "data") : nullptr;
  if (data == nullptr || data->size() != count) {
    return fail(Code::upstream,
                fmt::format("the embeddings service did not give {} embeddings", count));
  }
  std::vector<Vector> vectors(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto index = json::find_int((*data)[i], "index").value_or(static_cast<int>(i));
    if (index < 0 || index >= static_cast<std::int64_t>(count)) {
      return fail(Code::upstream, "the embeddings service gave an index that was not asked for");
    }
    TRY(vectors[static_cast<std::size_t>(index)], read_vector((*data)[i]));
  }
  const std::size_t width = vectors.empty() ? 0 : vectors.front().values.size();
  const bool even = std::ranges::all_of(
      vectors, [width](const Vector& vector) { return vector.values.size() == width; });
  // An index given twice leaves another one empty.
  if (!even || (count > 0 && width == 0)) {
    return fail(Code::upstream, "the embeddings service gave embeddings of several lengths");
  }
  return vectors;
}

Result<std::unique_ptr<RemoteEmbedder>> RemoteEmbedder::make(Options options) {
  std::unique_ptr<RemoteEmbedder> made{new RemoteEmbedder};
  auto url = net::Url::parse(options.url);
  if (!url) {
    return fail(Code::invalid, "--embeddings-url: expected http(s)://host/v1/embeddings");
  }
  if (options.model.empty()) {
    return fail(Code::invalid, "--embeddings-model: expected the model's name");
  }
  made->url_ = *std::move(url);
  made->model_ = std::move(options.model);
  net::Headers headers{{.name = "content-type", .value = "application/json"},
                       {.name = "accept", .value = "application/json"}};
  if (!options.key.empty()) {
    headers.push_back({.name = "authorization", .value = "Bearer " + options.key});
  }
  auto fields = net::PreparedFields::of(headers);
  if (!fields) return fail(Code::invalid, "--embeddings-key-file: expected a key in one line");
  made->fields_ = *std::move(fields);
  return made;
}

Task<Result<std::string>> RemoteEmbedder::id() { co_return "remote " + model_; }

Task<Result<std::vector<Vector>>> RemoteEmbedder::embed(std::vector<std::string> texts,
                                                        Purpose purpose, net::Worker& worker,
                                                        Deadline deadline) {
  namespace asio = boost::asio;
  for (auto& text : texts) {
    if (purpose == Purpose::query && text.size() > query_bytes_max) text.resize(query_bytes_max);
  }
  // Printed by json::quote, so that a text cut within a character is still a text.
  std::string body = R"({"model":)" + json::quote(model_) + R"(,"input":[)";
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) body += ',';
    // Services refuse an empty text.
    json::quote_to(body, texts[i].empty() ? std::string_view{" "} : texts[i]);
  }
  body += "]}";
  for (int attempt = 0;; ++attempt) {
    CO_TRY(const auto answer, co_await worker.client().send({.method = "POST",
                                                             .url = &url_,
                                                             .prepared = &fields_,
                                                             .body = body,
                                                             .deadline = deadline,
                                                             .body_bytes_max = answer_bytes_max}));
    if (answer.status == 200) co_return read_embeddings(answer.body, texts.size());
    const auto pause = pause_of(answer, attempt);
    const bool again = is_busy(answer.status) && purpose == Purpose::document &&
                       attempt + 1 < attempts_max &&
                       std::chrono::steady_clock::now() + pause < deadline;
    if (!again) {
      const Code code = answer.status == 429 ? Code::throttled : Code::upstream;
      co_return fail(code, fmt::format("the embeddings service answered {}", answer.status),
                     std::string{answer.body.substr(0, 300)});
    }
    asio::steady_timer timer{co_await asio::this_coro::executor, pause};
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

}  // namespace toolgate::search
