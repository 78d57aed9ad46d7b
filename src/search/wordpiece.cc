#include "search/wordpiece.h"

#include <algorithm>
#include <array>

#include "search/utf8.h"

namespace toolgate::search {
namespace {

// Of the vocabulary that is shipped.
constexpr std::int32_t unknown_id = 100;
constexpr std::int32_t begin_id = 101;
constexpr std::int32_t end_id = 102;
// A word of more characters is unknown as a whole (max_input_chars_per_word).
constexpr std::size_t word_characters_max = 100;
// Pieces inside a word are in the vocabulary with this in front.
constexpr std::string_view inside = "##";

// The names of control tokens stand for them wherever they are in a text.
struct Named {
  std::string_view text;
  std::int32_t id;
};
constexpr std::array named{Named{"[PAD]", 0}, Named{"[UNK]", unknown_id}, Named{"[CLS]", begin_id},
                           Named{"[SEP]", end_id}, Named{"[MASK]", 103}};

constexpr std::uint32_t hash_seed = 2166136261U;  // FNV-1a, as tools/model.py
constexpr std::uint32_t hash_on(std::uint32_t hash, char byte) {
  return (hash ^ static_cast<unsigned char>(byte)) * 16777619U;
}
constexpr std::uint32_t inside_seed = hash_on(hash_on(hash_seed, '#'), '#');

// Precomposed syllables are two or three letters (Unicode, "Hangul Syllable Decomposition").
constexpr char32_t syllable_first = 0xAC00;
constexpr char32_t syllable_last = 0xD7A3;

template <class Range>
const Range* find_range(std::span<const Range> ranges, char32_t character) {
  const auto after = std::ranges::upper_bound(ranges, character, {}, &Range::first);
  if (after == ranges.begin()) return nullptr;
  const Range& range = *(after - 1);
  return character <= range.last ? &range : nullptr;
}

}  // namespace

// One text on its way to ids: characters come in, words go out.
class WordPiece::Encoder {
 public:
  Encoder(const WordPiece& owner, std::size_t ids_max) : owner_{owner}, ids_max_{ids_max} {
    ids_.push_back(begin_id);
  }

  std::vector<std::int32_t> run(std::string_view text) {
    for (std::size_t at = 0; at < text.size() && !full();) {
      if (text[at] == '[' && take_named(text.substr(at), at)) continue;
      const Character next = decode_utf8(text.substr(at));
      at += next.bytes;
      if (next.well_formed) add(next.point);
    }
    end_word();
    ids_.push_back(end_id);
    return std::move(ids_);
  }

 private:
  [[nodiscard]] bool full() const { return ids_.size() + 1 >= ids_max_; }

  void push(std::int32_t id) {
    if (!full()) ids_.push_back(id);
  }

  bool take_named(std::string_view rest, std::size_t& at) {
    for (const Named& one : named) {
      if (!rest.starts_with(one.text)) continue;
      end_word();
      push(one.id);
      at += one.text.size();
      return true;
    }
    return false;
  }

  void add(char32_t point) {
    if (point >= syllable_first && point <= syllable_last) return add_syllable(point);
    const Change* change = owner_.change_of(point);
    if (change == nullptr) return add_plain(point);
    switch (change->kind) {
      case Kind::drop:
        return;
      case Kind::space:
        return end_word();
      case Kind::shift:
        return add_plain((point - change->first) % change->stride == 0
                             ? point + static_cast<char32_t>(change->value)
                             : point);
      case Kind::alone:
        end_word();
        add_plain(point + static_cast<char32_t>(change->value));
        return end_word();
      case Kind::expand: {
        const std::size_t from = static_cast<std::size_t>(change->value);
        const std::size_t count = owner_.expansions_[from];
        for (std::size_t i = 1; i <= count; ++i) add_plain(owner_.expansions_[from + i]);
      }
    }
  }

  void add_syllable(char32_t point) {
    constexpr char32_t vowels = 21;
    constexpr char32_t tails = 28;
    const char32_t index = point - syllable_first;
    add_plain(0x1100 + index / (vowels * tails));
    add_plain(0x1161 + index % (vowels * tails) / tails);
    if (index % tails != 0) add_plain(0x11A7 + index % tails);
  }

  // A character of the cleaned text.
  void add_plain(char32_t point) {
    if (point == ' ') return end_word();
    if (owner_.is_punctuation(point)) {
      end_word();
      append_utf8(word_, point);
      characters_ = 1;
      return end_word();
    }
    // Beyond the bound only the fact counts, so the word need not grow.
    if (++characters_ <= word_characters_max) append_utf8(word_, point);
  }

  void end_word() {
    if (characters_ > word_characters_max) {
      push(unknown_id);
    } else if (characters_ > 0) {
      cut();
    }
    word_.clear();
    characters_ = 0;
  }

  // The longest piece first, then the longest of the rest; a rest that nothing fits makes the whole
  // word unknown.
  void cut() {
    const std::size_t before = ids_.size();
    for (std::size_t begin = 0; begin < word_.size();) {
      std::size_t end = begin;
      const std::int32_t id = longest(begin, end);
      if (id < 0) {
        ids_.resize(before);
        return push(unknown_id);
      }
      ids_.push_back(id);
      begin = end;
    }
    if (ids_.size() + 1 > ids_max_) ids_.resize(ids_max_ - 1);
  }

  // Hashes grow byte by byte, so that all prefixes are hashed in one pass.
  std::int32_t longest(std::size_t begin, std::size_t& end) {
    std::uint32_t hash = begin == 0 ? hash_seed : inside_seed;
    hashes_.clear();
    for (std::size_t i = begin; i < word_.size(); ++i) {
      hashes_.push_back(hash = hash_on(hash, word_[i]));
    }
    const std::string_view rest = std::string_view{word_}.substr(begin);
    const std::string_view prefix = begin == 0 ? std::string_view{} : inside;
    for (std::size_t length = rest.size(); length > 0; --length) {
      const std::int32_t id = owner_.find(prefix, rest.substr(0, length), hashes_[length - 1]);
      if (id < 0) continue;
      end = begin + length;
      return id;
    }
    return -1;
  }

  const WordPiece& owner_;
  std::size_t ids_max_;
  std::vector<std::int32_t> ids_;
  std::string word_;
  std::size_t characters_ = 0;  // of word_
  std::vector<std::uint32_t> hashes_;
};

Result<WordPiece> WordPiece::open(const ModelFile& file) {
  WordPiece made;
  TRY(made.pieces_, file.section<char>("pieces"));
  TRY(made.ends_, file.section<std::uint32_t>("pieces.ends"));
  TRY(made.slots_, file.section<std::uint32_t>("pieces.slots"));
  TRY(made.changes_, file.section<Change>("changes"));
  TRY(made.expansions_, file.section<char32_t>("expansions"));
  TRY(made.punctuation_, file.section<Range>("punctuation"));
  // What every look-up relies on; what a look-up would notice by itself is not checked.
  const bool ordered =
      std::ranges::is_sorted(made.ends_) && made.ends_.back() <= made.pieces_.size();
  const bool linked = std::ranges::all_of(
      made.slots_, [&](std::uint32_t slot) { return slot < made.ends_.size(); });
  const bool room = std::ranges::find(made.slots_, 0U) != made.slots_.end();
  const bool expands = std::ranges::all_of(made.changes_, [&](const Change& change) {
    if (change.kind != Kind::expand) return change.kind < Kind::expand && change.stride > 0;
    const auto at = static_cast<std::size_t>(change.value);
    return at < made.expansions_.size() && at + made.expansions_[at] < made.expansions_.size();
  });
  if (!ordered || !linked || !room || !expands) {
    return fail(Code::invalid, "model: a broken vocabulary");
  }
  return made;
}

std::vector<std::int32_t> WordPiece::encode(std::string_view text, std::size_t ids_max) const {
  return Encoder{*this, ids_max}.run(text);
}

const WordPiece::Change* WordPiece::change_of(char32_t character) const {
  if (character > ' ' && character < 0x7F) {
    static constexpr Change to_lower{
        .first = 'A', .last = 'Z', .value = 'a' - 'A', .kind = Kind::shift, .stride = 1};
    return character >= 'A' && character <= 'Z' ? &to_lower : nullptr;
  }
  return find_range(changes_, character);
}

bool WordPiece::is_punctuation(char32_t character) const {
  if (character < 0x80) {
    const bool letter = (character | 0x20) >= 'a' && (character | 0x20) <= 'z';
    return character > ' ' && character < 0x7F && !letter &&
           !(character >= '0' && character <= '9');
  }
  return find_range(punctuation_, character) != nullptr;
}

// The id of prefix + piece, or -1. `hash` is that of both.
std::int32_t WordPiece::find(std::string_view prefix, std::string_view piece,
                             std::uint32_t hash) const {
  for (std::size_t slot = hash % slots_.size(); slots_[slot] != 0;
       slot = (slot + 1) % slots_.size()) {
    const std::size_t id = slots_[slot] - 1;
    const std::string_view known{pieces_.data() + ends_[id], ends_[id + 1] - ends_[id]};
    if (known.size() == prefix.size() + piece.size() && known.starts_with(prefix) &&
        known.ends_with(piece)) {
      return static_cast<std::int32_t>(id);
    }
  }
  return -1;
}

}  // namespace toolgate::search
