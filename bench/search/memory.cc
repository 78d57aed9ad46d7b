// What many tools cost to be found: resident memory of the words' index and of the vectors, and the
// time of one search.
//   search_memory TOOLS_JSONL MODEL [COUNT]
// TOOLS_JSONL as search_eval's; its tools are repeated under other names, with a number in the
// description, up to COUNT (100,000). Vectors are random directions, but for the time that one
// thread takes to make real ones, which is measured on the first 200 tools.
#include <malloc.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "json/json.h"
#include "search/doc_text.h"
#include "search/encoder.h"
#include "search/finder.h"
#include "search/ranking.h"

using namespace toolgate;

namespace {

using Wall = std::chrono::steady_clock;
constexpr std::size_t timed_tools = 200;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

double seconds_since(Wall::time_point start) {
  return std::chrono::duration<double>(Wall::now() - start).count();
}

double resident_mb() {
  malloc_trim(0);
  std::ifstream file{"/proc/self/statm"};
  double whole = 0;
  double resident = 0;
  file >> whole >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

struct Tool {
  std::string name, description;
  std::vector<search::Parameter> parameters;
};

std::vector<Tool> read_tools(const std::string& path) {
  std::vector<Tool> tools;
  std::ifstream file{path};
  for (std::string line; std::getline(file, line);) {
    const auto value = json::parse(line);
    if (!value) continue;
    Tool tool{.name = std::string{json::find_string(*value, "name").value_or("")},
              .description = std::string{json::find_string(*value, "description").value_or("")},
              .parameters = {}};
    for (const Json& one : *json::find_array(*value, "params")) {
      tool.parameters.push_back(
          {.name = std::string{json::find_string(one, "name").value_or("")},
           .description = std::string{json::find_string(one, "description").value_or("")}});
    }
    tools.push_back(std::move(tool));
  }
  return tools;
}

std::vector<std::string> names_of(const std::vector<Tool>& tools, std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) {
    names.push_back(tools[i % tools.size()].name + "_" + std::to_string(i / tools.size()));
  }
  return names;
}

std::shared_ptr<search::Finder> make_finder(const std::vector<Tool>& tools,
                                            const std::vector<std::string>& names) {
  const auto doc = [&](std::size_t i) {
    const Tool& tool = tools[i % tools.size()];
    return search::Doc{.prefix = {},
                       .name = names[i],
                       .description = tool.description + " " + std::to_string(i),
                       .parameters = tool.parameters};
  };
  return std::make_shared<search::Finder>(store::Key{}, names.size(), doc,
                                          search::Words::beside_meaning);
}

std::shared_ptr<search::DocVectors> random_vectors(std::size_t count) {
  std::mt19937 random{1};
  std::uniform_real_distribution<float> number{-1, 1};
  auto vectors = std::make_shared<search::DocVectors>(search::DocVectors{
      std::vector<search::TextId>(count), search::VectorTable{search::model_width}});
  vectors->table.reserve(count);
  std::vector<float> direction(search::model_width);
  for (std::size_t i = 0; i < count; ++i) {
    for (float& value : direction) value = number(random);
    vectors->table.add(search::to_vector(direction));
  }
  return vectors;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) {
    std::fprintf(stderr, "usage: search_memory TOOLS_JSONL MODEL [COUNT]\n");
    return 2;
  }
  const auto tools = read_tools(arguments[1]);
  const auto encoder = search::Encoder::open(arguments[2]);
  if (tools.empty() || !encoder) {
    std::fprintf(stderr, "search_memory: tools or model cannot be read\n");
    return 1;
  }
  const std::size_t wanted = count > 3 ? std::stoul(arguments[3]) : 100'000;
  const auto names = names_of(tools, wanted);
  const double before = resident_mb();
  auto start = Wall::now();
  const auto finder = make_finder(tools, names);
  std::printf("%zu tools: words indexed in %.2f s\n", wanted, seconds_since(start));
  std::printf("words: %.1f MB\n", resident_mb() - before);
  const double began = cpu_seconds();
  {
    const auto texts = finder->texts();
    for (std::size_t i = 0; i < timed_tools; ++i) {
      const auto made = (*encoder)->encode({{texts->text(i)}}, search::model_positions);
      if (made.empty()) return 1;
    }
  }
  const double each = (cpu_seconds() - began) / timed_tools;
  std::printf("vectors (%s): %.0f tools a second of one core, 10,000 in %.1f s\n",
              std::string{(*encoder)->kernel()}.c_str(), 1 / each, 1e4 * each);
  finder->set_vectors(random_vectors(wanted));
  std::printf("words and vectors: %.1f MB\n", resident_mb() - before);
  std::printf("in all, with the model: %.1f MB\n", resident_mb());
  search::Request request{.parts = {"what will the weather be like in the city of paris tomorrow"},
                          .vectors = {finder->vectors()->table.row(7)},
                          .limit = 10,
                          .admits = {}};
  start = Wall::now();
  const auto hits = search::rank(finder->index(), &finder->vectors()->table, request);
  std::printf("ranked in %.2f ms, %zu hits\n", 1e3 * seconds_since(start), hits.size());
  return 0;
}
