#include "search/finder.h"

#include "search/doc_text.h"

namespace toolgate::search {

Finder::Finder(store::Key gateway, std::size_t count, DocSource docs, Words words)
    : gateway_{std::move(gateway)}, index_{Index::build(count, docs, words)} {
  if (words == Words::alone) return;  // there will be no vectors
  texts_.store(std::make_shared<Texts>(
      Texts{.count = count,
            .text = [docs = std::move(docs)](std::size_t i) { return text_of(docs(i)); }}));
}

Finder::Finder(store::Key gateway, const std::vector<Doc>& docs, Words words)
    : gateway_{std::move(gateway)}, index_{Index::build(docs, words)} {
  if (words == Words::alone) return;
  std::vector<std::string> texts;
  for (const Doc& doc : docs) texts.push_back(text_of(doc));
  texts_.store(std::make_shared<Texts>(
      Texts{.count = docs.size(),
            .text = [texts = std::move(texts)](std::size_t i) { return texts[i]; }}));
}

}  // namespace toolgate::search
