#include "search/local_embedder.h"

#include <algorithm>
#include <thread>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "base/turns.h"
#include "search/query_line.h"

namespace toolgate::search {
namespace {

// More at a time would want their weights from memory at once.
constexpr std::size_t query_threads_max = 4;
// More callers than this wait longer for the model than words alone are worse.
constexpr int waiting_max = 32;
// A long request says what it wants in its beginning and in its parts.
constexpr std::size_t query_ids_max = 128;
// Calls of tools wake up before queries, and queries before documents.
constexpr int query_priority = 10;
constexpr int document_priority = 19;
// No core is left free for the calls of tools: queries offer theirs many times in a pass.
std::size_t query_threads() {
  const std::size_t cores = std::max(std::thread::hardware_concurrency(), 1U);
  return std::min(cores, query_threads_max);
}

}  // namespace

struct LocalEmbedder::Model {
  std::string path;
  std::atomic<bool> stopped = false;
  std::atomic<int> waiting = 0;  // queries
  QueryLine line;

  std::mutex mutex;  // guards what follows
  bool tried = false;
  std::shared_ptr<const Encoder> encoder;
  Error problem;

  // Opened once; what failed then, fails always.
  Result<std::shared_ptr<const Encoder>> open() {
    const std::scoped_lock lock{mutex};
    if (!tried) {
      tried = true;
      auto opened = Encoder::open(path);
      if (opened) {
        encoder = *std::move(opened);
        line.set_queries_together(encoder->queries_together());
        log::info("search: {} mapped, runs on {}", path, encoder->kernel());
      } else {
        problem = opened.error();
        log::error("search: by words alone: {}", problem.message);
      }
    }
    if (encoder == nullptr) return std::unexpected(problem);
    return encoder;
  }

  Result<std::vector<Vector>> embed_queries(std::span<const std::string> texts) {
    TRY(const auto opened, open());
    std::vector<Vector> vectors;
    for (const auto& embedding : opened->encode(texts, query_ids_max)) {
      vectors.push_back(to_vector(embedding));
    }
    return vectors;
  }

  Result<std::vector<Vector>> embed_documents(std::span<const std::string> texts) {
    TRY(const auto opened, open());
    std::vector<Vector> vectors;
    for (const auto& text : texts) {  // each by itself: what a pass touches stays in the caches
      if (stopped) return fail(Code::unavailable, "the server ends");
      vectors.push_back(to_vector(opened->encode({&text, 1}, model_positions).front()));
    }
    return vectors;
  }
};

namespace {

// Resumes whoever awaits a query, on the thread where it waits. Handlers can only be moved.
template <class Handler>
std::function<void()> resumer(Handler handler) {
  namespace asio = boost::asio;
  auto kept = std::make_shared<Handler>(std::move(handler));
  return [kept] {
    const auto home = asio::get_associated_executor(*kept);
    asio::post(home, [kept] { std::move (*kept)(); });
  };
}

}  // namespace

Task<Result<void>> LocalEmbedder::wait_in_line(std::vector<std::string> texts, Use use) {
  namespace asio = boost::asio;
  if (model_->stopped) co_return fail(Code::unavailable, "the server ends");
  if (model_->waiting >= waiting_max) {
    co_return fail(Code::throttled, "too many searches at a time");
  }
  ++model_->waiting;
  auto begin = [model = model_, pool = queries_.get()](auto handler, std::vector<std::string> given,
                                                       Use then) {
    auto done = [model = model.get(), then = std::move(then),
                 resume = resumer(std::move(handler))](Result<std::vector<Vector>> made) {
      --model->waiting;
      then(std::move(made));
      resume();
    };
    model->line.add({.texts = std::move(given), .done = std::move(done)},
                    std::chrono::steady_clock::now());
    pool->post([model] {
      give_way(query_priority);
      model->line.serve([&](auto texts) { return model->embed_queries(texts); });
    });
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(
      begin, asio::use_awaitable, std::move(texts), std::move(use));
  co_return Result<void>{};
}

Task<void> LocalEmbedder::embed_query(std::vector<std::string> texts, Use use,
                                      net::Worker& /*worker*/, Deadline /*deadline*/,
                                      Offload& pool) {
  auto done = co_await wait_in_line(std::move(texts), use);
  if (!done) co_await use_on(pool, std::move(use), std::unexpected(std::move(done).error()));
}

LocalEmbedder::LocalEmbedder(std::string path)
    : model_{std::make_shared<Model>()},
      queries_{std::make_unique<Offload>(query_threads())},
      documents_{std::make_unique<Offload>(1)} {
  model_->path = std::move(path);
  documents_->post([] { give_way(document_priority); });
}

Task<Result<std::string>> LocalEmbedder::id() {
  if (model_->stopped) co_return fail(Code::unavailable, "the server ends");
  co_return co_await documents_->run([model = model_]() -> Result<std::string> {
    TRY(const auto encoder, model->open());
    return "all-MiniLM-L6-v2 " + encoder->id();
  });
}

Task<Result<std::vector<Vector>>> LocalEmbedder::embed(std::vector<std::string> texts,
                                                       Purpose purpose, net::Worker& /*worker*/,
                                                       Deadline /*deadline*/) {
  // Bounded by the texts' own bounds, so no deadline is needed.
  if (model_->stopped) co_return fail(Code::unavailable, "the server ends");
  if (purpose == Purpose::query) {
    Result<std::vector<Vector>> vectors;
    CO_TRY_DO(co_await wait_in_line(std::move(texts), [&vectors](Result<std::vector<Vector>> made) {
      vectors = std::move(made);
    }));
    co_return vectors;
  }
  co_return co_await documents_->run(
      [model = model_, texts = std::move(texts)] { return model->embed_documents(texts); });
}

void LocalEmbedder::rest() {
  documents_->post([model = model_] {
    if (const auto opened = model->open()) (*opened)->forget_words();
  });
}

void LocalEmbedder::stop() {
  model_->stopped = true;
  queries_.reset();
  documents_.reset();
  model_->line.clear();
}

}  // namespace toolgate::search
