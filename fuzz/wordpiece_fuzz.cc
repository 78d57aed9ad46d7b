// The tokenizer, with a model file that is made here: a vocabulary of a few pieces and one row of
// every kind of change. The first byte bounds the ids, the rest is the text. Queries come from
// outside, tools from servers that are not ours.
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "search/parts.h"
#include "search/wordpiece.h"

namespace {

using toolgate::search::ModelFile;
using toolgate::search::WordPiece;

constexpr std::size_t slots_count = 256;
constexpr std::int32_t unknown = 100;

template <class Item>
std::string bytes_of(const std::vector<Item>& items) {
  return {reinterpret_cast<const char*>(items.data()), items.size() * sizeof(Item)};
}

std::uint32_t hash_of(std::string_view piece) {
  std::uint32_t hash = 2166136261U;
  for (const char byte : piece) hash = (hash ^ static_cast<unsigned char>(byte)) * 16777619U;
  return hash;
}

// As tools/model.py writes it.
class File {
 public:
  void add(const char* name, std::string data) { sections_.emplace_back(name, std::move(data)); }

  [[nodiscard]] std::string print() const {
    std::string table;
    std::string body;
    const std::size_t begin = 8 + 32 + 8 + 32 * sections_.size();
    for (const auto& [name, data] : sections_) {
      while ((begin + body.size()) % 64 != 0) body += '\0';
      std::array<char, 32> entry{};
      std::strncpy(entry.data(), name, 16);
      const std::array<std::uint64_t, 2> place{begin + body.size(), data.size()};
      std::memcpy(entry.data() + 16, place.data(), sizeof place);
      table.append(entry.data(), entry.size());
      body += data;
    }
    std::string file = "TGMODEL1" + std::string(32, 'h');
    const std::uint64_t count = sections_.size();
    file.append(reinterpret_cast<const char*>(&count), sizeof count);
    return file + table + body;
  }

 private:
  std::vector<std::pair<const char*, std::string>> sections_;
};

std::string model() {
  std::vector<std::string> pieces(104, "\x01");
  for (const char* piece : {"a", "b", "ab", "##a", "##b", "##ab", "abba", "!", "\xE4\xB8\x80",
                            "\xE1\x84\x80", "##\xE1\x85\xA1"}) {
    pieces.emplace_back(piece);
  }
  std::string text;
  std::vector<std::uint32_t> ends{0};
  std::vector<std::uint32_t> slots(slots_count);
  for (std::size_t id = 0; id < pieces.size(); ++id) {
    text += pieces[id];
    ends.push_back(static_cast<std::uint32_t>(text.size()));
    std::size_t slot = hash_of(pieces[id]) % slots_count;
    while (slots[slot] != 0) slot = (slot + 1) % slots_count;
    slots[slot] = static_cast<std::uint32_t>(id) + 1;
  }
  // first, last, value, and kind with stride << 16.
  const std::vector<std::uint32_t> changes{
      0,  8,           0,     0 | 1 << 16, 9, 10,          0,      1 | 1 << 16, 0xC0, 0xDE,
      32, 2 | 2 << 16, 0x130, 0x130,       0, 4 | 1 << 16, 0x4E00, 0x9FFF,      0,    3 | 1 << 16};
  File file;
  file.add("pieces", text);
  file.add("pieces.ends", bytes_of(ends));
  file.add("pieces.slots", bytes_of(slots));
  file.add("changes", bytes_of(changes));
  file.add("expansions", bytes_of(std::vector<std::uint32_t>{2, 'a', 'b'}));
  file.add("punctuation", bytes_of(std::vector<std::uint32_t>{0x2010, 0x2027}));
  return file.print();
}

const WordPiece& tokenizer() {
  static const ModelFile file = [] {
    char path[] = "/tmp/wordpiece_fuzz.XXXXXX";
    const int descriptor = mkstemp(path);
    if (descriptor < 0) std::abort();
    close(descriptor);
    std::ofstream{path} << model();
    auto opened = ModelFile::open(path);
    unlink(path);
    if (!opened) std::abort();
    return *std::move(opened);
  }();
  static const auto made = WordPiece::open(file);
  if (!made) std::abort();
  return *made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t ids_max = 2 + data[0];
  const std::string text{reinterpret_cast<const char*>(data + 1), size - 1};
  const auto ids = tokenizer().encode(text, ids_max);
  // Framed, bounded, and of the vocabulary; what is cut off is cut off at the end.
  if (ids.size() < 2 || ids.size() > ids_max || ids.front() != unknown + 1 ||
      ids.back() != unknown + 2) {
    std::abort();
  }
  const auto whole = tokenizer().encode(text, SIZE_MAX);
  for (std::size_t i = 0; i + 1 < ids.size(); ++i) {
    if (ids[i] != whole[i] || ids[i] < 0 ||
        static_cast<std::size_t>(ids[i]) >= tokenizer().vocabulary_size()) {
      std::abort();
    }
  }
  const auto parts = toolgate::search::parts_of(text);
  const bool bounded = parts.size() <= 1 + toolgate::search::parts_count_max;
  if (parts.empty() || !bounded || parts.front() != text) std::abort();
  return 0;
}
