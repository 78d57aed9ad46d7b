// Texts as the token ids of BERT's WordPiece, equal to those of the PyPI package `tokenizers`:
// cleaned, CJK apart, accents off, lower case, split at spaces and punctuation, then the longest
// known pieces. What a character becomes is a table in the model file.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "search/model_file.h"

namespace toolgate::search {

// Immutable; any thread. The model file outlives it.
class WordPiece {
 public:
  WordPiece() = default;  // empty: only to be assigned to
  static Result<WordPiece> open(const ModelFile& file);

  // [CLS] pieces [SEP], at most `ids_max` (at least 2): what is more is cut off at the end. Reads
  // no more of a long text than it needs. Bytes that are no UTF-8 are left out.
  [[nodiscard]] std::vector<std::int32_t> encode(std::string_view text, std::size_t ids_max) const;
  [[nodiscard]] std::size_t vocabulary_size() const { return ends_.size() - 1; }

 private:
  enum class Kind : std::uint16_t { drop, space, shift, alone, expand };
  // What the characters from `first` to `last` become.
  struct Change {
    char32_t first;
    char32_t last;
    std::int32_t value;  // shift, alone: is added; expand: an index into expansions_
    Kind kind;
    std::uint16_t stride;  // shift: each so many characters, from the first
  };
  struct Range {
    char32_t first;
    char32_t last;
  };
  class Encoder;

  [[nodiscard]] const Change* change_of(char32_t character) const;
  [[nodiscard]] bool is_punctuation(char32_t character) const;
  [[nodiscard]] std::int32_t find(std::string_view prefix, std::string_view piece,
                                  std::uint32_t hash) const;

  std::span<const char> pieces_;
  std::span<const std::uint32_t> ends_;
  std::span<const std::uint32_t> slots_;
  std::span<const Change> changes_;
  std::span<const char32_t> expansions_;
  std::span<const Range> punctuation_;
};

}  // namespace toolgate::search
