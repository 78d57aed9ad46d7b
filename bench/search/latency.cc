// How long a search takes: a query of 16 tokens over 10,000 tools, on each instruction set that
// this CPU has.
//   search_latency MODEL [TOOLS]
// Prints the median of encoding, of ranking and of both and the best of both, in CPU time of one
// thread, and the p99 of four callers who share one thread of the model's, as in the server on two
// cores, by that thread's CPU time: other work on the machine does not disturb it. Then the CPU
// time of a pass with one to four queries in it. The tools are made up: words of a vocabulary of
// 5,000, directions at random.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <future>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include "search/encoder.h"
#include "search/query_line.h"
#include "search/ranking.h"

using namespace toolgate;

namespace {

using Wall = std::chrono::steady_clock;
constexpr int rounds = 300;
constexpr std::size_t callers = 4;
// [CLS], 14 pieces, [SEP].
const std::string query =
    "what will the weather be like in the city of paris tomorrow morning please";

double milliseconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

double cpu_milliseconds() { return milliseconds(CLOCK_THREAD_CPUTIME_ID); }

double quantile(std::vector<double>& times, double share) {
  std::ranges::sort(times);
  return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
}

struct Corpus {
  std::vector<std::string> names, texts;
  std::shared_ptr<const search::Index> index;
  search::VectorTable table{search::model_width};

  explicit Corpus(std::size_t count) {
    std::mt19937 random{1};
    std::normal_distribution<float> normal;
    const std::vector<std::string> common{"weather", "city", "paris", "tomorrow", "morning"};
    std::vector<search::Doc> docs;
    for (std::size_t i = 0; i < count; ++i) {
      names.push_back("service" + std::to_string(i % 100) + "_operation" + std::to_string(i));
      std::string text;
      for (int word = 0; word < 30; ++word) text += "word" + std::to_string(random() % 5'000) + ' ';
      texts.push_back(text + common[random() % common.size()]);
      std::vector<float> direction(search::model_width);
      for (float& value : direction) value = normal(random);
      table.add(search::to_vector(direction));
    }
    for (std::size_t i = 0; i < count; ++i) {
      docs.push_back({.name = names[i], .description = texts[i], .parameters = {}});
    }
    index = search::Index::build(docs, search::Words::beside_meaning);
  }
};

struct Times {
  double encoding = 0, ranking = 0;
};

Times search_once(const search::Encoder& encoder, const Corpus& corpus) {
  const double start = cpu_milliseconds();
  search::Request request{.parts = {query}, .vectors = {}, .limit = 10, .admits = {}};
  request.vectors = {search::to_vector(encoder.encode({&query, 1}, 128).front())};
  const double encoded = cpu_milliseconds();
  const auto hits = search::rank(*corpus.index, &corpus.table, request);
  if (hits.size() != 10) std::fprintf(stderr, "search_latency: %zu hits\n", hits.size());
  return {.encoding = encoded - start, .ranking = cpu_milliseconds() - encoded};
}

// So many queries in one pass: the median.
double pass_of(const search::Encoder& encoder, std::size_t count) {
  const std::vector<std::string> queries(count, query);
  std::vector<double> times;
  for (int round = 0; round < rounds; ++round) {
    const double start = cpu_milliseconds();
    if (encoder.encode(queries, 128).size() != count) return 0;
    times.push_back(cpu_milliseconds() - start);
  }
  return quantile(times, 0.5);
}

std::vector<search::Hit> ranked(const Corpus& corpus, std::vector<search::Vector> vectors) {
  const search::Request request{
      .parts = {query}, .vectors = std::move(vectors), .limit = 10, .admits = {}};
  return search::rank(*corpus.index, &corpus.table, request);
}

// Four callers, each asking again once it has its answer.
double p99_of_callers(const search::Encoder& encoder, const Corpus& corpus) {
  boost::asio::thread_pool pool{1};
  std::promise<clockid_t> promised;
  boost::asio::post(pool, [&] {
    clockid_t id{};
    pthread_getcpuclockid(pthread_self(), &id);
    promised.set_value(id);
  });
  const clockid_t clock = promised.get_future().get();
  search::QueryLine line{encoder.queries_together()};
  const search::QueryLine::Encode encode = [&](std::span<const std::string> texts) {
    std::vector<search::Vector> vectors;
    for (const auto& one : encoder.encode(texts, 128)) vectors.push_back(search::to_vector(one));
    return search::QueryLine::Vectors{std::move(vectors)};
  };
  std::mutex mutex;
  std::vector<double> times;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < callers; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < rounds; ++round) {
        const double start = milliseconds(clock);
        std::promise<double> done;
        const auto answer = [&](search::QueryLine::Vectors made) {
          ranked(corpus, *std::move(made));
          done.set_value(milliseconds(clock));
        };
        line.add({.texts = {query}, .done = answer}, Wall::now());
        boost::asio::post(pool, [&] { line.serve(encode); });
        const double took = done.get_future().get() - start;
        const std::scoped_lock lock{mutex};
        times.push_back(took);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  return quantile(times, 0.99);
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    std::fprintf(stderr, "usage: search_latency MODEL [TOOLS]\n");
    return 2;
  }
  const Corpus corpus{count > 2 ? std::stoul(arguments[2]) : 10'000};
  std::printf("%zu tools        encode    rank    both    best   p99 of 4 callers\n",
              corpus.names.size());
  for (const search::Int8Kernel* kernel : search::int8_kernels()) {
    if (kernel == &search::int8_plain) continue;
    const auto encoder = search::Encoder::open(arguments[1], kernel);
    if (!encoder) {
      std::fprintf(stderr, "search_latency: %s\n", encoder.error().message.c_str());
      return 1;
    }
    std::vector<double> encoding;
    std::vector<double> ranking;
    std::vector<double> both;
    for (int round = 0; round < rounds; ++round) {
      const Times times = search_once(**encoder, corpus);
      encoding.push_back(times.encoding);
      ranking.push_back(times.ranking);
      both.push_back(times.encoding + times.ranking);
    }
    std::printf("%-14s %7.3f %7.3f %7.3f %7.3f %7.3f ms\n", std::string{kernel->name}.c_str(),
                quantile(encoding, 0.5), quantile(ranking, 0.5), quantile(both, 0.5),
                quantile(both, 0), p99_of_callers(**encoder, corpus));
    std::printf("  passes of 1 to 4");
    for (std::size_t size = 1; size <= callers; ++size)
      std::printf(" %7.3f", pass_of(**encoder, size));
    std::printf(" ms\n");
  }
  return 0;
}
