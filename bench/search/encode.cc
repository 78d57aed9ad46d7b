// What the tokenizer makes of texts, for comparison with the reference.
//   search_encode MODEL < texts     one JSON string a line; prints the ids of each, a line a text
#include <cstdio>
#include <iostream>
#include <string>

#include "json/json.h"
#include "search/wordpiece.h"

using namespace toolgate;

int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "usage: search_encode MODEL\n");
    return 2;
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
  for (std::string line; std::getline(std::cin, line);) {
    const auto text = json::parse(line);
    if (!text || !text->is_string()) {
      std::fprintf(stderr, "search_encode: not a JSON string: %s\n", line.c_str());
      return 1;
    }
    const char* between = "";
    for (const auto id : pieces->encode(std::string{text->get_string()}, SIZE_MAX)) {
      std::printf("%s%d", between, id);
      between = " ";
    }
    std::printf("\n");
  }
  return 0;
}
