// How well the search finds tools: NDCG@10 and Recall@10 over a set of tools and queries.
//   search_eval DIRECTORY      with tools.jsonl {name, description, params[{name, description}]}
//                              and queries.jsonl {query, relevant[names], source}
// Prints one row a source and one for all, then the times of building and of one query.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "json/json.h"
#include "search/index.h"

using namespace toolgate;

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t depth = 10;

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
                    .description = json::find_string(tool, "description").value_or(""),
                    .parameter_names = {},
                    .parameter_descriptions = {}};
    for (const Json& parameter : *json::find_array(tool, "params")) {
      doc.parameter_names.emplace_back(*json::find_string(parameter, "name"));
      doc.parameter_descriptions.emplace_back(
          json::find_string(parameter, "description").value_or(""));
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

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "usage: search_eval DIRECTORY\n");
    return 2;
  }
  const std::string directory = arguments[1];
  const auto tools = read_lines(directory + "/tools.jsonl");
  const auto queries = read_lines(directory + "/queries.jsonl");
  if (tools.empty() || queries.empty()) return 1;
  const auto docs = docs_of(tools);
  const auto build_start = Clock::now();
  const auto index = search::Index::build(docs);
  const double build = milliseconds_since(build_start);

  std::map<std::string, Mean> rows;
  Mean all;
  double searching = 0;
  for (const Json& query : queries) {
    std::set<std::string_view> relevant;
    for (const Json& name : *json::find_array(query, "relevant")) {
      relevant.insert(std::string_view{name.get_string()});
    }
    const auto start = Clock::now();
    const auto hits = index->search(*json::find_string(query, "query"), depth);
    searching += milliseconds_since(start);
    score(hits, docs, relevant, rows[std::string{*json::find_string(query, "source")}]);
    score(hits, docs, relevant, all);
  }
  for (const auto& [name, mean] : rows) print_row(name, mean);
  print_row("all", all);
  std::printf("built %zu tools in %.1f ms; one query %.4f ms\n", docs.size(), build,
              searching / static_cast<double>(queries.size()));
  return 0;
}
