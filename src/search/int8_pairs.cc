#include "search/int8_pairs.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/result.h"

namespace toolgate::search {
namespace {

constexpr std::size_t half_lanes = int8_lanes / 2;
constexpr std::size_t half_bytes = half_lanes * int8_group;
// The largest sums of weights of one sign, or of weights without their sign, whose products with
// activations fit into 16 bits: 128 × 255 and 258 × 127 are at most 32,767.
constexpr int unsigned_max = 128;
constexpr int signed_max = 258;
// A group is compared with as many that wait for a partner.
constexpr std::size_t waiting_max = 32;
constexpr int activation_offset = 128;

// Sums of the weights that are multiplied and added together: two neighbours of a channel.
struct Group {
  std::uint16_t number = 0;
  std::array<std::int16_t, half_lanes * 2> above{};  // of positive weights
  std::array<std::int16_t, half_lanes * 2> below{};  // of negative ones, without their sign
};

bool fit_unsigned(const Group& a, const Group& b) {
  int largest = 0;
  for (std::size_t i = 0; i < a.above.size(); ++i) {
    largest = std::max({largest, a.above[i] + b.above[i], a.below[i] + b.below[i]});
  }
  return largest <= unsigned_max;
}

bool fit_signed(const Group& a, const Group& b) {
  int largest = 0;
  for (std::size_t i = 0; i < a.above.size(); ++i) {
    largest = std::max(largest, a.above[i] + b.above[i] + a.below[i] + b.below[i]);
  }
  return largest <= signed_max;
}

using Fit = bool (*)(const Group&, const Group&);
using Pair = std::array<const Group*, 2>;  // the second may be null

// Each group with the first that waits and fits; those without a partner are left.
std::vector<const Group*> pair_up(const std::vector<const Group*>& groups, Fit fit,
                                  std::vector<Pair>& pairs) {
  std::vector<const Group*> waiting;
  std::vector<const Group*> left;
  for (const Group* group : groups) {
    const auto partner =
        std::ranges::find_if(waiting, [&](const Group* other) { return fit(*other, *group); });
    if (partner != waiting.end()) {
      pairs.push_back({*partner, group});
      waiting.erase(partner);
      continue;
    }
    waiting.push_back(group);
    if (waiting.size() > waiting_max) {
      left.push_back(waiting.front());
      waiting.erase(waiting.begin());
    }
  }
  left.insert(left.end(), waiting.begin(), waiting.end());
  return left;
}

class Arranger {
 public:
  explicit Arranger(const Int8Matrix& matrix)
      : matrix_{matrix}, made_{std::make_unique<Int8Pairs>()} {
    ASSERT(matrix.inputs / int8_group <= UINT16_MAX);
    made_->starts.resize(matrix.outputs);
  }

  std::unique_ptr<const Int8Pairs> run() {
    for (std::size_t n = 0; n < matrix_.outputs; n += half_lanes) add_half(n);
    return std::move(made_);
  }

 private:
  [[nodiscard]] const std::int8_t* values_of(std::size_t channel, std::size_t group) const {
    return matrix_.values + channel / int8_lanes * int8_lanes * matrix_.inputs +
           (group * int8_lanes + channel % int8_lanes) * int8_group;
  }

  [[nodiscard]] Group group_of(std::size_t channel, std::size_t number) const {
    Group group{.number = static_cast<std::uint16_t>(number)};
    const std::int8_t* values = values_of(channel, number);
    for (std::size_t i = 0; i < half_bytes; ++i) {
      const auto value = static_cast<std::int16_t>(values[i]);
      auto& sum = value > 0 ? group.above[i / 2] : group.below[i / 2];
      sum = static_cast<std::int16_t>(sum + (value > 0 ? value : -value));
    }
    return group;
  }

  void add_half(std::size_t channel) {
    std::vector<Group> groups;
    for (std::size_t i = 0; i < matrix_.inputs / int8_group; ++i) {
      groups.push_back(group_of(channel, i));
    }
    std::vector<const Group*> all;
    for (const Group& group : groups) all.push_back(&group);
    std::vector<Pair> pairs;
    const auto left = pair_up(all, fit_unsigned, pairs);
    Int8Half half{.unsigned_pairs = static_cast<std::uint32_t>(pairs.size()),
                  .pairs = 0,
                  .first = static_cast<std::uint32_t>(made_->pairs.size())};
    for (const Group* group : pair_up(left, fit_signed, pairs)) pairs.push_back({group, nullptr});
    half.pairs = static_cast<std::uint32_t>(pairs.size());
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      add_pair(channel, pairs[i], i < half.unsigned_pairs);
    }
    made_->halves.push_back(half);
  }

  void add_pair(std::size_t channel, const Pair& pair, bool is_unsigned) {
    Int8Pair numbers{.groups = {pair[0]->number, pair[0]->number}};
    for (std::size_t i = 0; i < pair.size(); ++i) {
      const std::size_t at = made_->values.size();
      made_->values.resize(at + half_bytes);
      if (pair[i] == nullptr) continue;
      numbers.groups[i] = pair[i]->number;
      std::memcpy(made_->values.data() + at, values_of(channel, pair[i]->number), half_bytes);
      for (std::size_t v = 0; is_unsigned && v < half_bytes; ++v) {
        made_->starts[channel + v / int8_group] -= activation_offset * made_->values[at + v];
      }
    }
    made_->pairs.push_back(numbers);
  }

  const Int8Matrix& matrix_;
  std::unique_ptr<Int8Pairs> made_;
};

}  // namespace

std::unique_ptr<const Int8Pairs> arrange_in_pairs(const Int8Matrix& matrix) {
  return Arranger{matrix}.run();
}

}  // namespace toolgate::search
