#include "search/encoder.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "base/turns.h"
#include "search/encoder_math.h"

namespace toolgate::search {
namespace {

constexpr std::size_t width = model_width;
constexpr std::size_t heads = 12;
constexpr std::size_t head_width = width / heads;
constexpr std::size_t inner_width = 4 * width;
constexpr std::size_t qkv_width = 3 * width;

// Where one text's tokens stand among those of a pass.
struct Span {
  std::size_t begin = 0;
  std::size_t count = 0;
};

// Eight floats, which the build's baseline has registers for (cmake/compiler.cmake).
using Lanes = float __attribute__((vector_size(32)));
constexpr std::size_t lanes = sizeof(Lanes) / sizeof(float);

Lanes load(const float* at) {
  Lanes value;
  std::memcpy(&value, at, sizeof value);
  return value;
}
void store(float* at, Lanes value) { std::memcpy(at, &value, sizeof value); }

// Keys whose scores are computed side by side, and queries: as many sums as keep the arithmetic
// busy while each waits for its last addition.
constexpr std::size_t abreast = 16;
constexpr std::size_t together = 4;
// A score so low that its share is nothing: of the places that fill up the last sixteen.
constexpr float no_score = -1e4F;

// Scores to shares whose sum is 1. `count` is a multiple of `abreast`.
void to_shares(float* scores, std::size_t count) {
#pragma clang fp reassociate(on)
  std::array<float, abreast> best{};
  std::copy_n(scores, abreast, best.begin());
  for (std::size_t j = abreast; j < count; j += abreast) {
    for (std::size_t i = 0; i < abreast; ++i) best[i] = std::max(best[i], scores[j + i]);
  }
  for (std::size_t half = abreast / 2; half > 0; half /= 2) {
    for (std::size_t i = 0; i < half; ++i) best[i] = std::max(best[i], best[i + half]);
  }
  const float largest = best[0];
  std::array<float, abreast> sums{};
  for (std::size_t j = 0; j < count; j += abreast) {
    for (std::size_t i = 0; i < abreast; ++i) {
      sums[i] += scores[j + i] = fast_exp(scores[j + i] - largest);
    }
  }
  float sum = 0;
  for (const float one : sums) sum += one;
  const float factor = 1.F / sum;
  for (std::size_t j = 0; j < count; j += abreast) {
    for (std::size_t i = 0; i < abreast; ++i) scores[j + i] *= factor;
  }
}

// One head over one text: rows of `qkv` hold query, key and value of all heads.
struct Head {
  const float* qkv;    // the first row's query of this head
  std::size_t count;   // of rows
  std::size_t padded;  // count, up to a multiple of `abreast`
  const float* keys;   // [head_width][padded]
  float* scores;       // [together][padded]
  float* mixed;        // the first row's result of this head
};

// Some queries against sixteen keys, from `key` on.
template <std::size_t Queries>
void score(const Head& head, std::size_t query, std::size_t key) {
  constexpr std::size_t vectors = abreast / lanes;
  const float* queries = head.qkv + query * qkv_width;
  const float* keys = head.keys + key;
  Lanes sums[Queries][vectors] = {};
  for (std::size_t d = 0; d < head_width; ++d, keys += head.padded) {
    const Lanes first = load(keys);
    const Lanes second = load(keys + lanes);
#pragma clang loop unroll(full)
    for (std::size_t q = 0; q < Queries; ++q) {
      const float factor = queries[q * qkv_width + d];
      sums[q][0] += factor * first;
      sums[q][1] += factor * second;
    }
  }
#pragma clang loop unroll(full)
  for (std::size_t q = 0; q < Queries; ++q) {
    store(head.scores + q * head.padded + key, sums[q][0]);
    store(head.scores + q * head.padded + key + lanes, sums[q][1]);
  }
}

// Two vectors of the values, from `at` on, weighed by the shares of some queries.
template <std::size_t Queries>
void mix(const Head& head, std::size_t query, std::size_t at) {
  const float* values = head.qkv + 2 * width + at;
  Lanes sums[Queries][2] = {};
  for (std::size_t j = 0; j < head.count; ++j, values += qkv_width) {
    const Lanes first = load(values);
    const Lanes second = load(values + lanes);
#pragma clang loop unroll(full)
    for (std::size_t q = 0; q < Queries; ++q) {
      const float share = head.scores[q * head.padded + j];
      sums[q][0] += share * first;
      sums[q][1] += share * second;
    }
  }
#pragma clang loop unroll(full)
  for (std::size_t q = 0; q < Queries; ++q) {
    float* out = head.mixed + (query + q) * width + at;
    store(out, sums[q][0]);
    store(out + lanes, sums[q][1]);
  }
}

template <std::size_t Queries>
void attend_from(const Head& head, std::size_t query) {
  for (std::size_t j = 0; j < head.padded; j += abreast) score<Queries>(head, query, j);
  for (std::size_t q = 0; q < Queries; ++q) {
    float* scores = head.scores + q * head.padded;
    std::fill(scores + head.count, scores + head.padded, no_score);
    to_shares(scores, head.padded);
  }
  for (std::size_t at = 0; at < head_width; at += 2 * lanes) mix<Queries>(head, query, at);
}

void attend(const float* qkv, std::size_t count, std::size_t number, float* mixed,
            std::vector<float>& scratch) {
  const std::size_t padded = (count + abreast - 1) / abreast * abreast;
  scratch.resize(std::max(scratch.size(), (head_width + together) * padded));
  float* keys = scratch.data();
  const Head head{.qkv = qkv + number * head_width,
                  .count = count,
                  .padded = padded,
                  .keys = keys,
                  .scores = keys + head_width * padded,
                  .mixed = mixed + number * head_width};
  const float shrink = 1.F / std::sqrt(static_cast<float>(head_width));
  for (std::size_t j = 0; j < count; ++j) {
    for (std::size_t d = 0; d < head_width; ++d) {
      keys[d * padded + j] = shrink * head.qkv[j * qkv_width + width + d];
    }
  }
  std::size_t i = 0;
  for (; i + together <= count; i += together) attend_from<together>(head, i);
  for (; i < count; ++i) attend_from<1>(head, i);
}

}  // namespace

// The tokens of some texts on their way through the layers.
class Encoder::Pass {
 public:
  Pass(const Encoder& encoder, const std::vector<std::vector<std::int32_t>>& texts)
      : encoder_{encoder} {
    for (const auto& ids : texts) {
      spans_.push_back({.begin = count_, .count = ids.size()});
      count_ += ids.size();
    }
    rows_.resize(count_ * width);
    wide_.resize(count_ * inner_width);
    narrow_.resize(count_ * width);
    bytes_.resize(int8_tokens_bytes(count_));
    scales_.resize(count_);
    for (std::size_t i = 0; i < texts.size(); ++i) embed(texts[i], spans_[i].begin);
  }

  std::vector<Embedding> run() {
    for (const Layer& layer : encoder_.layers_) {
      multiply(rows_, layer.qkv, wide_);
      for (const Span& span : spans_) {
        for (std::size_t head = 0; head < heads; ++head) {
          attend(wide_.data() + span.begin * qkv_width, span.count, head,
                 narrow_.data() + span.begin * width, scratch_);
        }
      }
      multiply(narrow_, layer.mix, wide_);
      normalize(wide_, layer.mixed);
      multiply(rows_, layer.up, wide_);
      encoder_.kernel_->gelu(wide_.data(), count_ * inner_width);
      multiply(wide_, layer.down, narrow_);
      normalize(narrow_, layer.done);
    }
    std::vector<Embedding> embeddings;
    for (const Span& span : spans_) embeddings.push_back(mean_of(span));
    return embeddings;
  }

 private:
  void embed(const std::vector<std::int32_t>& ids, std::size_t row) {
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const auto id = static_cast<std::size_t>(ids[i]);
      const std::int8_t* word = encoder_.words_.data() + id * width;
      const float scale = encoder_.word_scales_[id];
      float* out = rows_.data() + (row + i) * width;
      for (std::size_t d = 0; d < width; ++d) out[d] = static_cast<float>(word[d]) * scale;
      const Norm& norm = encoder_.embedded_;
      add_and_normalize(out, encoder_.positions_.data() + i * width, norm.weight, norm.bias, width);
    }
  }

  void multiply(const std::vector<float>& from, const Int8Matrix& matrix, std::vector<float>& to) {
    const Int8Kernel& kernel = *encoder_.kernel_;
    for (std::size_t t = 0; t < count_; ++t) {
      scales_[t] = kernel.quantize(from.data() + t * matrix.inputs, matrix.inputs, kernel.offset,
                                   bytes_.data() + t * int8_token_bytes);
    }
    kernel.multiply(matrix, {.count = count_, .values = bytes_.data(), .scales = scales_.data()},
                    to.data());
    offer_turn();  // some 20 to 100 µs of a short query are over
  }

  void normalize(const std::vector<float>& added, const Norm& norm) {
    for (std::size_t t = 0; t < count_; ++t) {
      add_and_normalize(rows_.data() + t * width, added.data() + t * width, norm.weight, norm.bias,
                        width);
    }
  }

  [[nodiscard]] Embedding mean_of(const Span& span) const {
    Embedding mean{};
    for (std::size_t i = 0; i < span.count; ++i) {
      const float* row = rows_.data() + (span.begin + i) * width;
      for (std::size_t d = 0; d < width; ++d) mean[d] += row[d];
    }
    float squares = 0;
    for (const float value : mean) squares += value * value;
    const float factor = 1.F / std::sqrt(std::max(squares, 1e-24F));
    for (float& value : mean) value *= factor;
    return mean;
  }

  const Encoder& encoder_;
  std::vector<Span> spans_;
  std::size_t count_ = 0;      // of tokens
  std::vector<float> rows_;    // [count][384]: what the layers pass on
  std::vector<float> wide_;    // [count][up to 1536]
  std::vector<float> narrow_;  // [count][384]
  std::vector<std::uint8_t> bytes_;
  std::vector<float> scales_;
  std::vector<float> scratch_;
};

Result<std::unique_ptr<const Encoder>> Encoder::open(const std::string& path,
                                                     const Int8Kernel* kernel) {
  TRY(ModelFile file, ModelFile::open(path));
  std::unique_ptr<Encoder> encoder{new Encoder{std::move(file)}};
  encoder->kernel_ = kernel != nullptr ? kernel : int8_kernels().front();
  TRY_DO(encoder->read());
  return std::unique_ptr<const Encoder>{std::move(encoder)};
}

Result<Int8Matrix> Encoder::matrix(const std::string& name, std::size_t outputs,
                                   std::size_t inputs) {
  TRY(const auto values, file_.section<std::int8_t>(name, outputs * inputs));
  TRY(const auto scales, file_.section<float>(name + ".scale", outputs));
  TRY(const auto sums, file_.section<std::int32_t>(name + ".sum", outputs));
  TRY(const auto bias, file_.section<float>(name + ".bias", outputs));
  Int8Matrix matrix{.outputs = outputs,
                    .inputs = inputs,
                    .values = values.data(),
                    .scales = scales.data(),
                    .sums = sums.data(),
                    .bias = bias.data()};
  if (kernel_->arrange != nullptr) {
    pairs_.push_back(kernel_->arrange(matrix));
    matrix.pairs = pairs_.back().get();
  }
  return matrix;
}

Result<void> Encoder::read() {
  TRY(pieces_, WordPiece::open(file_));
  TRY(words_, file_.section<std::int8_t>("words", pieces_.vocabulary_size() * width));
  TRY(word_scales_, file_.section<float>("words.scale", pieces_.vocabulary_size()));
  TRY(positions_, file_.section<float>("positions", model_positions * width));
  TRY(const auto norms, file_.section<float>("norms", (1 + 2 * model_layers) * 2 * width));
  const auto norm = [&](std::size_t i) {
    return Norm{.weight = norms.data() + 2 * i * width, .bias = norms.data() + (2 * i + 1) * width};
  };
  embedded_ = norm(0);
  for (std::size_t i = 0; i < model_layers; ++i) {
    Layer& layer = layers_[i];
    TRY(layer.qkv, matrix(fmt::format("{}.qkv", i), qkv_width, width));
    TRY(layer.mix, matrix(fmt::format("{}.mix", i), width, width));
    TRY(layer.up, matrix(fmt::format("{}.up", i), inner_width, width));
    TRY(layer.down, matrix(fmt::format("{}.down", i), width, inner_width));
    layer.mixed = norm(1 + 2 * i);
    layer.done = norm(2 + 2 * i);
  }
  return {};
}

std::vector<Embedding> Encoder::encode(std::span<const std::string> texts,
                                       std::size_t ids_max) const {
  std::vector<std::vector<std::int32_t>> ids;
  for (const auto& text : texts) {
    ids.push_back(pieces_.encode(text, std::min(ids_max, model_positions)));
  }
  return Pass{*this, ids}.run();
}

Embedding Encoder::encode_ids(const std::vector<std::int32_t>& ids) const {
  return Pass{*this, {ids}}.run().front();
}

}  // namespace toolgate::search
