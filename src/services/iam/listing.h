// Marker, MaxItems and IsTruncated: IAM's way to hand out a list in pages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/call.h"
#include "services/iam/documents.h"

namespace toolgate::services::iam {

// How many items the call wants: MaxItems, 100 unless it says so.
[[nodiscard]] std::size_t items_wanted(const aws::Call& call);

// Documents of one kind in order of name.
struct DocumentPage {
  std::vector<Loaded> documents;
  std::string next;  // the store's token; empty: no more
};
// Those whose Path begins with PathPrefix, if the call has one. Fails with ValidationError for a
// token that is none of ours.
Task<Result<DocumentPage>> list_documents(store::Store& store, const aws::Call& call,
                                          std::string_view kind, std::size_t limit,
                                          std::string after);
// All of them, for questions that cut across entities. IAM's quotas bound it (5,000 users).
Task<Result<std::vector<Loaded>>> all_documents(store::Store& store, std::string_view account,
                                                std::string_view kind);

// Sets Marker, if there is more, and IsTruncated.
void close_page(JsonObject& output, std::string_view marker);

// The call's page of names that are all in memory: a slice of `names`, sorted. Closes the page.
[[nodiscard]] Result<std::vector<std::string>> page_of(const aws::Call& call,
                                                       std::vector<std::string> names,
                                                       JsonObject& output);

}  // namespace toolgate::services::iam
