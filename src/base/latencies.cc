#include "base/latencies.h"

#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace toolgate {
namespace {

double seconds(std::uint64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e9; }

}  // namespace

Latencies::Latencies(Options options)
    : options_{std::move(options)}, series_(options_.threads * options_.values.size()) {}

std::string Latencies::exposition() const {
  std::string out =
      fmt::format("# HELP {0} {1}\n# TYPE {0} histogram\n", options_.name, options_.help);
  const auto to = std::back_inserter(out);
  for (std::size_t at = 0; at < options_.values.size(); ++at) {
    const std::string labels = fmt::format("{}=\"{}\"", options_.label, options_.values[at]);
    std::uint64_t count = 0;
    std::uint64_t nanoseconds = 0;
    for (std::size_t bucket = 0; bucket <= bounds.size(); ++bucket) {
      for (std::size_t i = at; i < series_.size(); i += options_.values.size()) {
        count += series_[i].buckets[bucket].load(std::memory_order_relaxed);
      }
      const std::string bound =
          bucket == bounds.size()
              ? "+Inf"
              : fmt::format("{}", seconds(static_cast<std::uint64_t>(bounds[bucket].count())));
      fmt::format_to(to, "{}_bucket{{{},le=\"{}\"}} {}\n", options_.name, labels, bound, count);
    }
    for (std::size_t i = at; i < series_.size(); i += options_.values.size()) {
      nanoseconds += series_[i].nanoseconds.load(std::memory_order_relaxed);
    }
    fmt::format_to(to, "{0}_sum{{{1}}} {2}\n{0}_count{{{1}}} {3}\n", options_.name, labels,
                   seconds(nanoseconds), count);
  }
  return out;
}

}  // namespace toolgate
