#include "credentials/sweeper.h"

#include "credentials/bounds.h"
#include "json/json.h"

namespace toolgate::credentials {
namespace {

constexpr std::size_t documents_a_page = 200;

}  // namespace

Task<void> Sweeper::sweep(store::Store& store, store::Key prefix, Time now) {
  auto due = next_.load();
  const auto next = milliseconds_of(now + bounds::sweep_ended_every);
  if (due > milliseconds_of(now) || !next_.compare_exchange_strong(due, next)) co_return;
  std::string after;
  do {
    const auto page = co_await store.list(prefix, documents_a_page, after);
    if (!page) co_return;
    store::Batch batch;
    for (const auto& document : page->documents) {
      const auto body = json::parse(document.body);
      const auto ends = body ? json::find_int(*body, "ends").value_or(0) : 0;
      if (ends <= milliseconds_of(now)) batch.deletes.push_back(document.key);
    }
    after = page->next;
    if (batch.deletes.empty()) continue;
    const auto version = co_await store.commit(std::move(batch));
    if (!version) co_return;
  } while (!after.empty());
}

}  // namespace toolgate::credentials
