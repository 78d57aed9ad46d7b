// How well the search finds tools: NDCG@10 and Recall@10 over a set of tools and queries.
//   search_eval DIRECTORY [MODEL]
// DIRECTORY has tools.jsonl {name, description, params[{name, description}]} and queries.jsonl
// {query, relevant[names], source}.
// Without MODEL by words alone. Prints one row a source, one for each half of the queries (by a
// sum of bytes, to tune on one and look at the other), one for all, then times.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "json/json.h"
#include "search/doc_text.h"
#include "search/encoder.h"
#include "search/parts.h"
#include "search/ranking.h"

using namespace toolgate;

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t depth = 10;
constexpr std::size_t query_ids_max = 128;

struct Mean {
  double ndcg = 0, recall = 0;
  std::size_t count = 0;
};

std::vector<Json> read_lines(const std::string& path) {
  std::vector<Json> lines;
  std::ifstream file{path};
  for (std::string line; std::getline(file, line);) {
    if (auto value = json::parse(line)) lines.push_back(*std::move(value));
  }
  if (lines.empty()) std::fprintf(stderr, "search_eval: nothing to read in %s\n", path.c_str());
  return lines;
}

std::vector<search::Doc> docs_of(const std::vector<Json>& tools) {
  std::vector<search::Doc> docs;
  for (const Json& tool : tools) {
    search::Doc doc{.prefix = {},
                    .name = *json::find_string(tool, "name"),
                    .description = std::string{json::find_string(tool, "description").value_or("")},
                    .parameters = {}};
    for (const Json& parameter : *json::find_array(tool, "params")) {
      doc.parameters.push_back(
          {.name = std::string{*json::find_string(parameter, "name")},
           .description = std::string{json::find_string(parameter, "description").value_or("")}});
    }
    docs.push_back(std::move(doc));
  }
  return docs;
}

void score(const std::vector<search::Hit>& hits, const std::vector<search::Doc>& docs,
           const std::set<std::string_view>& relevant, Mean& mean) {
  double gain = 0;
  double ideal = 0;
  double found = 0;
  for (std::size_t rank = 0; rank < depth; ++rank) {
    const double discount = 1 / std::log2(static_cast<double>(rank) + 2);
    if (rank < relevant.size()) ideal += discount;
    if (rank >= hits.size() || !relevant.contains(docs[hits[rank].doc].name)) continue;
    gain += discount;
    found += 1;
  }
  mean.ndcg += gain / ideal;
  mean.recall += found / static_cast<double>(relevant.size());
  ++mean.count;
}

void print_row(const std::string& name, const Mean& mean) {
  const auto count = static_cast<double>(mean.count);
  std::printf("%-28s %5zu queries  NDCG@10 %5.1f  Recall@10 %5.1f\n", name.c_str(), mean.count,
              100 * mean.ndcg / count, 100 * mean.recall / count);
}

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

search::VectorTable table_of(const search::Encoder& encoder, const std::vector<search::Doc>& docs) {
  search::VectorTable table{search::model_width};
  for (const auto& doc : docs) {
    const std::string text = search::text_of(doc);
    table.add(search::to_vector(encoder.encode({&text, 1}, search::model_positions).front()));
  }
  return table;
}

struct Searcher {
  const search::Index& index;
  const search::Encoder* encoder;
  const search::VectorTable* table;

  [[nodiscard]] std::vector<search::Hit> search(std::string_view query) const {
    search::Request request{
        .parts = search::parts_of(query), .vectors = {}, .limit = depth, .admits = {}};
    if (encoder != nullptr) {
      for (const auto& embedding : encoder->encode(request.parts, query_ids_max)) {
        request.vectors.push_back(search::to_vector(embedding));
      }
    }
    return search::rank(index, table, request);
  }
};

char half_of(std::string_view query) {
  return std::accumulate(query.begin(), query.end(), 0U) % 2 == 0 ? 'A' : 'B';
}

void evaluate(const Searcher& searcher, const std::vector<search::Doc>& docs,
              const std::vector<Json>& queries) {
  std::map<std::string, Mean> rows;
  std::vector<double> times;
  for (const Json& query : queries) {
    std::set<std::string_view> relevant;
    for (const Json& name : *json::find_array(query, "relevant")) {
      relevant.insert(std::string_view{name.get_string()});
    }
    const std::string_view text = *json::find_string(query, "query");
    const auto start = Clock::now();
    const auto hits = searcher.search(text);
    times.push_back(milliseconds_since(start));
    const std::string half{"half "};
    for (const auto& row : {std::string{json::find_string(query, "source").value_or("queries")},
                            half + half_of(text), std::string{"~ all"}}) {
      score(hits, docs, relevant, rows[row]);
    }
  }
  for (const auto& [name, mean] : rows) print_row(name, mean);
  std::ranges::sort(times);
  std::printf("one query: median %.3f ms, p99 %.3f ms\n", times[times.size() / 2],
              times[times.size() * 99 / 100]);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2 && count != 3) {
    std::fprintf(stderr, "usage: search_eval DIRECTORY [MODEL]\n");
    return 2;
  }
  const std::string directory = arguments[1];
  const auto tools = read_lines(directory + "/tools.jsonl");
  const auto queries = read_lines(directory + "/queries.jsonl");
  if (tools.empty() || queries.empty()) return 1;
  const auto docs = docs_of(tools);
  const auto start = Clock::now();
  const auto index =
      search::Index::build(docs, count == 2 ? search::Words::alone : search::Words::beside_meaning);
  std::printf("%zu tools: words indexed in %.1f ms\n", docs.size(), milliseconds_since(start));
  if (count == 2) {
    evaluate({.index = *index, .encoder = nullptr, .table = nullptr}, docs, queries);
    return 0;
  }
  const auto encoder = search::Encoder::open(arguments[2]);
  if (!encoder) {
    std::fprintf(stderr, "search_eval: %s\n", encoder.error().message.c_str());
    return 1;
  }
  const auto embedding_start = Clock::now();
  const auto table = table_of(**encoder, docs);
  std::printf("vectors (%s) in %.0f ms\n", std::string{(*encoder)->kernel()}.c_str(),
              milliseconds_since(embedding_start));
  evaluate({.index = *index, .encoder = encoder->get(), .table = &table}, docs, queries);
  return 0;
}
