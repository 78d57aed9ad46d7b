#include "search/doc_text.h"

#include "base/text.h"
#include "search/words.h"

namespace toolgate::search {
namespace {

// Longer than 256 tokens are in any language.
constexpr std::size_t text_bytes_max = 4'096;

}  // namespace

std::string text_of(const Doc& doc) {
  std::string text = join(split_words(doc.name), " ");
  text += ". ";
  text += doc.description;
  for (std::size_t i = 0; i < doc.parameters.size() && text.size() < text_bytes_max; ++i) {
    text += ' ';
    text += join(split_words(doc.parameters[i].name), " ");
    text += ": ";
    text += doc.parameters[i].description;
  }
  if (text.size() > text_bytes_max) text.resize(text_bytes_max);
  return text;
}

}  // namespace toolgate::search
