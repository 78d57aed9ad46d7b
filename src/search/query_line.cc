#include "search/query_line.h"

#include <algorithm>

namespace toolgate::search {
namespace {

// About 64 tokens in English, which take some milliseconds.
constexpr std::size_t short_bytes_max = 256;
// Who has waited this long is not overtaken any more.
constexpr auto patience = std::chrono::milliseconds{250};

bool is_long(const QueryLine::Query& query) { return query.bytes > short_bytes_max; }

}  // namespace

void QueryLine::add(Query query, Clock::time_point now) {
  query.bytes = 0;
  for (const auto& text : query.texts) query.bytes += text.size();
  query.since = now;
  const std::scoped_lock lock{mutex_};
  waiting_.push_back(std::move(query));
}

std::optional<QueryLine::Query> QueryLine::take(Clock::time_point now) {
  const std::scoped_lock lock{mutex_};
  auto best = waiting_.end();
  for (auto at = waiting_.begin(); at != waiting_.end(); ++at) {
    if (is_long(*at) && long_one_runs_) continue;
    if (best == waiting_.end() || at->bytes < best->bytes) best = at;
    if (at == best && now - at->since >= patience) break;  // the oldest that may begin
  }
  if (best == waiting_.end()) return std::nullopt;
  Query query = std::move(*best);
  waiting_.erase(best);
  if (is_long(query)) long_one_runs_ = true;
  return query;
}

void QueryLine::finished(const Query& query) {
  if (!is_long(query)) return;
  const std::scoped_lock lock{mutex_};
  long_one_runs_ = false;
}

void QueryLine::serve() {
  while (const auto query = take(Clock::now())) {
    query->run(query->texts);
    finished(*query);
  }
}

void QueryLine::clear() {
  std::vector<Query> dropped;
  const std::scoped_lock lock{mutex_};
  dropped.swap(waiting_);
}

}  // namespace toolgate::search
