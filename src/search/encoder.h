// all-MiniLM-L6-v2: texts as vectors whose cosine says how near their meanings are. Six layers of
// attention, 384 wide, in 8-bit integers (int8_kernels.h); the rest in floats.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "search/int8_kernels.h"
#include "search/int8_pairs.h"
#include "search/model_file.h"
#include "search/wordpiece.h"

namespace toolgate::search {

// A unit vector.
using Embedding = std::array<float, model_width>;

// Immutable; any thread.
class Encoder {
 public:
  // `kernel` null: the fastest that the CPU can run. Fails as ModelFile does.
  static Result<std::unique_ptr<const Encoder>> open(const std::string& path,
                                                     const Int8Kernel* kernel = nullptr);

  // One vector a text. The texts are cut off at `ids_max` tokens (at most model_positions). All of
  // them go through the layers together: a handful, not thousands. Offers its thread's core to
  // others after each step (base/turns.h).
  [[nodiscard]] std::vector<Embedding> encode(std::span<const std::string> texts,
                                              std::size_t ids_max) const;
  // Of one text, already tokenized.
  [[nodiscard]] Embedding encode_ids(const std::vector<std::int32_t>& ids) const;
  // After thousands of texts: half of the model's bytes are words, of which a query has a handful.
  void forget_words() const { file_.forget(std::as_bytes(words_)); }

  [[nodiscard]] const std::string& id() const { return file_.id(); }
  [[nodiscard]] std::string_view kernel() const { return kernel_->name; }
  [[nodiscard]] std::size_t queries_together() const { return kernel_->queries_together; }

 private:
  struct Norm {
    const float* weight = nullptr;
    const float* bias = nullptr;
  };
  struct Layer {
    Int8Matrix qkv, mix, up, down;
    Norm mixed, done;
  };
  class Pass;

  explicit Encoder(ModelFile file) : file_{std::move(file)} {}
  Result<void> read();
  Result<Int8Matrix> matrix(const std::string& name, std::size_t outputs, std::size_t inputs);

  ModelFile file_;
  const Int8Kernel* kernel_ = nullptr;
  WordPiece pieces_;
  std::span<const std::int8_t> words_;
  std::span<const float> word_scales_;
  std::span<const float> positions_;
  Norm embedded_;
  std::array<Layer, model_layers> layers_;
  std::vector<std::unique_ptr<const Int8Pairs>> pairs_;  // of the matrices, if the kernel has them
};

}  // namespace toolgate::search
