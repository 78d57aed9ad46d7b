// What the tokenizer and the encoder make of texts, for comparison with others.
//   search_encode MODEL < texts            one JSON string a line; prints each one's ids in a line
//   search_encode MODEL vectors < texts    prints each one's vector instead
#include <cstdio>
#include <functional>
#include <iostream>
#include <string>

#include "json/json.h"
#include "search/encoder.h"
#include "search/wordpiece.h"

using namespace toolgate;

namespace {

void print_vector(const search::Encoder& encoder, const std::string& text) {
  const auto vector = encoder.encode({&text, 1}, search::model_positions).front();
  for (const float value : vector) {
    std::printf("%.6f ", static_cast<double>(value));
  }
}

void print_ids(const search::WordPiece& pieces, const std::string& text) {
  for (const auto id : pieces.encode(text, SIZE_MAX)) std::printf("%d ", id);
}

int for_each_text(const std::function<void(const std::string&)>& print) {
  for (std::string line; std::getline(std::cin, line);) {
    const auto text = json::parse(line);
    if (!text || !text->is_string()) {
      std::fprintf(stderr, "search_encode: not a JSON string: %s\n", line.c_str());
      return 1;
    }
    print(std::string{text->get_string()});
    std::printf("\n");
  }
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  const bool vectors = count == 3 && std::string_view{arguments[2]} == "vectors";
  if (count != 2 && !vectors) {
    std::fprintf(stderr, "usage: search_encode MODEL [vectors]\n");
    return 2;
  }
  if (vectors) {
    const auto encoder = search::Encoder::open(arguments[1]);
    if (!encoder) {
      std::fprintf(stderr, "search_encode: %s\n", encoder.error().message.c_str());
      return 1;
    }
    return for_each_text([&](const std::string& text) { print_vector(**encoder, text); });
  }
  const auto file = search::ModelFile::open(arguments[1]);
  if (!file) {
    std::fprintf(stderr, "search_encode: %s\n", file.error().message.c_str());
    return 1;
  }
  const auto pieces = search::WordPiece::open(*file);
  if (!pieces) {
    std::fprintf(stderr, "search_encode: %s\n", pieces.error().message.c_str());
    return 1;
  }
  return for_each_text([&](const std::string& text) { print_ids(*pieces, text); });
}
