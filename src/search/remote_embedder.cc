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
// A text that is refused is cut in half, down to this many bytes: as few as a model of 128 tokens
// reads in any language.
constexpr std::size_t text_bytes_min = 128;

bool is_busy(int status) { return status == 429 || status == 503 || status == 502; }

// Statuses of services whose model cannot read a text of the request: too long, mostly. llama.cpp's
// server says 500.
bool is_refused(int status) {
  return status == 400 || status == 413 || status == 422 || status == 500;
}

std::unexpected<Error> failure_of(const net::ClientResponse& answer) {
  const Code code = answer.status == 429 ? Code::throttled : Code::upstream;
  return fail(code, fmt::format("the embeddings service answered {}", answer.status),
              std::string{answer.body.substr(0, 300)});
}

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
  auto url = net::Url::parse(options.url);
  if (!url) {
    return fail(Code::invalid, "--embeddings-url: expected http(s)://host/v1/embeddings");
  }
  if (options.model.empty()) {
    return fail(Code::invalid, "--embeddings-model: expected the model's name");
  }
  net::Headers headers{{.name = "content-type", .value = "application/json"},
                       {.name = "accept", .value = "application/json"}};
  if (!options.key.empty()) {
    headers.push_back({.name = "authorization", .value = "Bearer " + options.key});
  }
  auto fields = net::PreparedFields::of(headers);
  if (!fields) return fail(Code::invalid, "--embeddings-key-file: expected a key in one line");
  std::unique_ptr<RemoteEmbedder> made{new RemoteEmbedder{std::move(options)}};
  made->url_ = *std::move(url);
  made->fields_ = *std::move(fields);
  return made;
}

Task<Result<std::string>> RemoteEmbedder::id() { co_return "remote " + options_.model; }

// Printed by json::quote, so that a text cut within a character is still a text.
std::string RemoteEmbedder::body_of(Texts texts) const {
  std::string body = R"({"model":)" + json::quote(options_.model) + R"(,"input":[)";
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) body += ',';
    // Services refuse an empty text.
    json::quote_to(body, texts[i].empty() ? std::string_view{" "} : texts[i]);
  }
  return body + "]}";
}

Task<Result<net::ClientResponse>> RemoteEmbedder::post_once(std::string_view body,
                                                            net::Worker& worker,
                                                            Deadline deadline) {
  std::shared_ptr<const net::Credential> shown;
  if (options_.credential) {
    auto fetched = co_await options_.credential(worker, deadline);
    // Whatever is wrong with it may be put right while we run.
    if (!fetched) co_return fail(Code::unavailable, fetched.error().message);
    shown = *std::move(fetched);
  }
  const auto* header = shown ? std::get_if<net::HeaderCredential>(&shown->show) : nullptr;
  auto answer = co_await worker.client().send({.method = "POST",
                                               .url = &url_,
                                               .prepared = &fields_,
                                               .one_more = header,
                                               .body = body,
                                               .deadline = deadline,
                                               .body_bytes_max = answer_bytes_max});
  if (answer && answer->status == 401 && shown && options_.refused) {
    options_.refused(*shown, worker);
  }
  co_return answer;
}

Task<Result<net::ClientResponse>> RemoteEmbedder::post(Texts texts, Purpose purpose,
                                                       net::Worker& worker, Deadline deadline) {
  namespace asio = boost::asio;
  const std::string body = body_of(texts);
  for (int attempt = 0;; ++attempt) {
    CO_TRY(auto answer, co_await post_once(body, worker, deadline));
    const auto pause = pause_of(answer, attempt);
    const bool again = is_busy(answer.status) && purpose == Purpose::document &&
                       attempt + 1 < attempts_max &&
                       std::chrono::steady_clock::now() + pause < deadline;
    if (!again) co_return std::move(answer);
    asio::steady_timer timer{co_await asio::this_coro::executor, pause};
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

// The service does not say how much its model reads: it is tried out.
Task<Result<Vector>> RemoteEmbedder::embed_one(std::string text, Purpose purpose,
                                               net::Worker& worker, Deadline deadline) {
  for (;; text.resize(text.size() / 2)) {
    CO_TRY(const auto answer, co_await post({&text, 1}, purpose, worker, deadline));
    if (is_refused(answer.status) && text.size() / 2 >= text_bytes_min) continue;
    if (answer.status != 200) co_return failure_of(answer);
    CO_TRY(auto vectors, read_embeddings(answer.body, 1));
    co_return std::move(vectors.front());
  }
}

Task<Result<std::vector<Vector>>> RemoteEmbedder::embed(std::vector<std::string> texts,
                                                        Purpose purpose, net::Worker& worker,
                                                        Deadline deadline) {
  for (auto& text : texts) {
    if (purpose == Purpose::query && text.size() > query_bytes_max) text.resize(query_bytes_max);
  }
  CO_TRY(const auto answer, co_await post(texts, purpose, worker, deadline));
  if (answer.status == 200) co_return read_embeddings(answer.body, texts.size());
  if (!is_refused(answer.status)) co_return failure_of(answer);
  // One text that is too long has cost its neighbours their vectors too.
  std::vector<Vector> vectors;
  for (auto& text : texts) {
    CO_TRY(auto vector, co_await embed_one(std::move(text), purpose, worker, deadline));
    if (!vectors.empty() && vector.values.size() != vectors.front().values.size()) {
      co_return fail(Code::upstream, "the embeddings service gave embeddings of several lengths");
    }
    vectors.push_back(std::move(vector));
  }
  co_return vectors;
}

}  // namespace toolgate::search
