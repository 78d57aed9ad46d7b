#include "search/query_line.h"

#include <algorithm>
#include <iterator>

namespace toolgate::search {
namespace {

// About 64 tokens in English, which take some milliseconds.
constexpr std::size_t short_bytes_max = 256;
// Four queries of 16 tokens: more would not be done sooner, and all of a pass wait for its end.
constexpr std::size_t pass_bytes_max = 320;
static_assert(short_bytes_max <= pass_bytes_max);
// A short one lets pass who is shorter and comes this much later for each byte, which is about what
// a byte costs: shortest first for ever would let the longest of a few callers wait and wait.
constexpr auto a_byte = std::chrono::microseconds{20};
// A long one is overtaken by short ones that come this much later.
constexpr auto patience = std::chrono::milliseconds{250};

bool is_long(const QueryLine::Query& query) { return query.bytes > short_bytes_max; }

// Who has the earliest is next.
QueryLine::Clock::time_point due_of(const QueryLine::Query& query) {
  if (is_long(query)) return query.since + patience;
  // Who needs no pass does not wait for one.
  if (query.bytes == 0) return query.since - short_bytes_max * a_byte;
  return query.since + query.bytes * a_byte;
}

// The texts that still have no vector, as many as fit into a pass, at least one.
void add_texts(const QueryLine::Query& query, std::vector<std::string>& texts) {
  std::size_t bytes = 0;
  for (std::size_t i = query.vectors.size(); i < query.texts.size(); ++i) {
    bytes += query.texts[i].size();
    if (i > query.vectors.size() && bytes > pass_bytes_max) return;
    texts.push_back(query.texts[i]);
  }
}

}  // namespace

void QueryLine::add(Query query, Clock::time_point now) {
  query.bytes = 0;
  for (const auto& text : query.texts) query.bytes += text.size();
  query.since = now;
  const std::scoped_lock lock{mutex_};
  waiting_.push_back(std::move(query));
}

// With the mutex held.
QueryLine::Place QueryLine::next() {
  auto best = waiting_.end();
  for (auto at = waiting_.begin(); at != waiting_.end(); ++at) {
    if (is_long(*at) && long_one_runs_) continue;
    if (best == waiting_.end() || due_of(*at) < due_of(*best)) best = at;
  }
  return best;
}

QueryLine::Query QueryLine::remove(Place place) {
  Query query = std::move(*place);
  waiting_.erase(place);
  return query;
}

std::optional<QueryLine::Pass> QueryLine::take() {
  const std::scoped_lock lock{mutex_};
  auto best = next();
  if (best == waiting_.end()) return std::nullopt;
  Pass pass{.queries = {}, .texts = {}, .has_long_one = is_long(*best)};
  std::size_t bytes = best->bytes;
  pass.queries.push_back(remove(best));
  long_one_runs_ = long_one_runs_ || pass.has_long_one;
  while (!pass.has_long_one && bytes > 0 && pass.queries.size() < queries_together_) {
    best = next();
    if (best == waiting_.end() || is_long(*best) || bytes + best->bytes > pass_bytes_max) break;
    bytes += best->bytes;
    pass.queries.push_back(remove(best));
  }
  for (const Query& query : pass.queries) add_texts(query, pass.texts);
  return pass;
}

void QueryLine::finish(Pass pass, Vectors made) {
  auto at = made ? made->begin() : std::vector<Vector>::iterator{};
  if (made) ASSERT(made->size() == pass.texts.size());
  for (Query& query : pass.queries) {
    if (made) {
      const auto left = static_cast<std::ptrdiff_t>(query.texts.size() - query.vectors.size());
      const auto end = at + std::min(left, std::distance(at, made->end()));
      std::move(at, end, std::back_inserter(query.vectors));
      at = end;
    }
    const bool goes_on = made && query.vectors.size() < query.texts.size();
    if (pass.has_long_one) {
      const std::scoped_lock lock{mutex_};
      long_one_runs_ = false;
      if (goes_on) {
        const auto since = query.since;
        const auto place = std::ranges::upper_bound(waiting_, since, {}, &Query::since);
        waiting_.insert(place, std::move(query));
        return;
      }
    }
    query.done(made ? Vectors{std::move(query.vectors)} : Vectors{std::unexpected(made.error())});
  }
}

void QueryLine::serve(const Encode& encode) {
  while (auto pass = take()) {
    Vectors made = pass->texts.empty() ? Vectors{} : encode(pass->texts);
    finish(*std::move(pass), std::move(made));
  }
}

void QueryLine::clear() {
  std::vector<Query> dropped;
  const std::scoped_lock lock{mutex_};
  dropped.swap(waiting_);
}

}  // namespace toolgate::search
