#include "search/local_embedder.h"

#include <unistd.h>

#include <sys/resource.h>

#include "base/log.h"

namespace toolgate::search {
namespace {

constexpr std::size_t query_threads = 2;
// More callers than this wait longer for the model than words alone are worse.
constexpr int waiting_max = 32;
// A long request says what it wants in its beginning and in its parts.
constexpr std::size_t query_ids_max = 128;
constexpr int lowest_priority = 19;

}  // namespace

struct LocalEmbedder::Model {
  std::string path;
  std::atomic<bool> stopped = false;
  std::atomic<int> waiting = 0;  // queries

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
        log::info("search: {} mapped, runs on {}", path, encoder->kernel());
      } else {
        problem = opened.error();
        log::error("search: by words alone: {}", problem.message);
      }
    }
    if (encoder == nullptr) return std::unexpected(problem);
    return encoder;
  }

  Result<std::vector<Vector>> embed(const std::vector<std::string>& texts, Purpose purpose) {
    TRY(const auto opened, open());
    std::vector<Vector> vectors;
    if (purpose == Purpose::query) {
      for (const auto& embedding : opened->encode(texts, query_ids_max)) {
        vectors.push_back(to_vector(embedding));
      }
      return vectors;
    }
    for (const auto& text : texts) {  // each by itself: what a pass touches stays in the caches
      if (stopped) return fail(Code::unavailable, "the server ends");
      vectors.push_back(to_vector(opened->encode({&text, 1}, model_positions).front()));
    }
    return vectors;
  }
};

LocalEmbedder::LocalEmbedder(std::string path)
    : model_{std::make_shared<Model>()},
      queries_{std::make_unique<Offload>(query_threads)},
      documents_{std::make_unique<Offload>(1)} {
  model_->path = std::move(path);
  documents_->post([] {
    // Of this thread alone: Linux has a priority for each.
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), lowest_priority);
  });
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
  const bool is_query = purpose == Purpose::query;
  if (is_query && model_->waiting >= waiting_max) {
    co_return fail(Code::throttled, "too many searches at a time");
  }
  if (is_query) ++model_->waiting;
  auto& pool = is_query ? *queries_ : *documents_;
  co_return co_await pool.run([model = model_, texts = std::move(texts), purpose, is_query] {
    auto vectors = model->embed(texts, purpose);
    if (is_query) --model->waiting;
    return vectors;
  });
}

void LocalEmbedder::stop() {
  model_->stopped = true;
  queries_.reset();
  documents_.reset();
}

}  // namespace toolgate::search
