#include "services/iam/listing.h"

#include <algorithm>

#include "crypto/hash.h"

namespace toolgate::services::iam {
namespace {

constexpr std::size_t items_default = 100;  // IAM API Reference, "MaxItems"
constexpr std::size_t documents_a_read = 200;

bool under_prefix(const aws::Call& call, const JsonObject& body) {
  const auto prefix = aws::text_if(call, "PathPrefix");
  return !prefix || member(body, "Path").starts_with(*prefix);
}

}  // namespace

std::size_t items_wanted(const aws::Call& call) {
  const auto wanted = json::find_int(call.input, "MaxItems");
  return wanted && *wanted > 0 ? static_cast<std::size_t>(*wanted) : items_default;
}

Task<Result<DocumentPage>> list_documents(store::Store& store, const aws::Call& call,
                                          std::string_view kind, std::size_t limit,
                                          std::string after) {
  const store::Key prefix = key_of(call.account, kind, "");
  DocumentPage out{{}, std::move(after)};
  do {
    const std::size_t missing = limit - out.documents.size();
    Result<store::Page> page = co_await store.list(prefix, missing, out.next);
    if (!page && page.error().code == Code::invalid) co_return validation_error("Invalid Marker.");
    if (!page) co_return std::unexpected(std::move(page).error());
    for (store::Document& document : page->documents) {
      CO_TRY(Loaded loaded, read(std::move(document)));
      if (under_prefix(call, loaded.body)) out.documents.push_back(std::move(loaded));
    }
    out.next = std::move(page->next);
  } while (!out.next.empty() && out.documents.size() < limit);
  co_return out;
}

Task<Result<std::vector<Loaded>>> all_documents(store::Store& store, std::string_view account,
                                                std::string_view kind) {
  const store::Key prefix = key_of(account, kind, "");
  std::vector<Loaded> out;
  std::string after;
  do {
    CO_TRY(store::Page page, co_await store.list(prefix, documents_a_read, after));
    for (store::Document& document : page.documents) {
      CO_TRY(Loaded loaded, read(std::move(document)));
      out.push_back(std::move(loaded));
    }
    after = std::move(page.next);
  } while (!after.empty());
  co_return out;
}

void close_page(JsonObject& output, std::string_view marker) {
  output["IsTruncated"] = !marker.empty();
  if (!marker.empty()) output["Marker"] = marker;
}

Result<std::vector<std::string>> page_of(const aws::Call& call, std::vector<std::string> names,
                                         JsonObject& output) {
  std::ranges::sort(names);
  auto first = names.begin();
  if (const auto marker = aws::text_if(call, "Marker")) {
    const Result<std::string> last = crypto::from_base64url(*marker);
    if (!last) return validation_error("Invalid Marker.");
    first = std::ranges::upper_bound(names, *last);
  }
  const std::size_t rest = static_cast<std::size_t>(names.end() - first);
  const std::size_t count = std::min(items_wanted(call), rest);
  std::vector<std::string> page{first, first + static_cast<std::ptrdiff_t>(count)};
  close_page(output, count < rest ? crypto::base64url(page.back()) : std::string{});
  return page;
}

}  // namespace toolgate::services::iam
