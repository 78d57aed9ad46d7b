#include "search/finder.h"

#include "search/doc_text.h"

namespace toolgate::search {

Finder::Finder(store::Key gateway, const std::vector<Doc>& docs, Words words)
    : gateway_{std::move(gateway)}, index_{Index::build(docs, words)} {
  if (words == Words::alone) return;  // there will be no vectors
  auto texts = std::make_shared<std::vector<std::string>>();
  texts->reserve(docs.size());
  for (const Doc& doc : docs) texts->push_back(text_of(doc));
  texts_.store(std::move(texts));
}

}  // namespace toolgate::search
