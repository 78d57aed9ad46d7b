// Moves what is sealed from one KMS key to another, to none, or from none: every document is read
// and written again, and the store seals it under the current data key. Only then do the old keys
// go. Interrupted, it begins again.
#include <fmt/format.h>

#include "base/log.h"
#include "catalogue/jobs.h"
#include "model/kinds.h"
#include "store/documents.h"
#include "store/envelope.h"
#include "store/optimistic.h"

namespace toolgate::catalogue {
namespace {

constexpr std::size_t page_documents = 50;
// A document that others write this often is written under the current key.
constexpr int attempts_max = 20;

// Absent: it was deleted meanwhile.
Task<Result<void>> rewrite(JobContext& context, std::optional<store::Document> document) {
  for (int attempt = 1; document && attempt <= attempts_max; ++attempt) {
    if (store::is_locked(document->body)) {
      co_return fail(Code::unavailable, "a document is sealed under a key that cannot be used");
    }
    store::Batch batch;
    batch.preconditions.push_back(
        store::unchanged(document->key, document->version, "changed meanwhile"));
    batch.puts.push_back({.key = document->key, .body = std::move(document->body)});
    const store::Key key = document->key;
    const auto written = co_await context.store.commit(std::move(batch));
    if (written) break;
    if (!store::lost_race(written.error())) co_return std::unexpected(written.error());
    CO_TRY(document, co_await context.store.get(key));
  }
  co_return Result<void>{};
}

Task<Result<void>> rewrite_all(JobContext& context, const store::Key& owner) {
  const auto sealed = store::sealed_under(owner);
  for (const auto kind : sealed.kinds) {
    store::Key prefix = owner;
    prefix.kind = kind;
    prefix.id = sealed.id_prefix;
    std::string after;
    do {
      CO_TRY(auto page, co_await context.store.list(prefix, page_documents, std::move(after)));
      for (auto& document : page.documents) {
        CO_TRY_DO(co_await rewrite(context, std::move(document)));
      }
      after = std::move(page.next);
    } while (!after.empty());
  }
  co_return Result<void>{};
}

// The owner without the keys that nothing is under any more. One whose key was changed again
// meanwhile keeps them for the job that this has left.
Json settled(Json document, const store::Envelope& moved_to) {
  auto envelope = store::envelope_of(document);
  if (envelope.current != moved_to.current) return document;
  auto& members = document.get_object();
  std::erase_if(envelope.keys, [&](const auto& key) { return key.id != envelope.current; });
  members[store::envelope_member] = store::to_json(envelope);
  if (envelope.keys.empty()) members.erase(store::envelope_member);
  if (json::find_string(document, "status") == "UPDATING") members["status"] = "READY";
  return document;
}

Task<Result<void>> finish(JobContext& context, const store::Job& job,
                          const store::Envelope& moved_to) {
  for (int attempt = 1;; ++attempt) {
    CO_TRY(auto owner, co_await store::get_document(context.store, job.spec.subject));
    store::Batch batch;
    batch.job_done = job;
    if (owner) {
      batch.preconditions.push_back(
          store::unchanged(owner->key, owner->version, "changed meanwhile"));
      batch.puts.push_back(store::put_json(owner->key, settled(std::move(owner->body), moved_to)));
    }
    const auto done = co_await context.store.commit(std::move(batch));
    if (done) co_return Result<void>{};
    const bool raced = store::lost_race(done.error()) && attempt < attempts_max;
    if (!raced) co_return std::unexpected(done.error());
  }
}

}  // namespace

store::JobSpec reseal_job(store::Key owner) {
  return {.kind = std::string{reseal}, .subject = std::move(owner), .payload = "{}"};
}

Task<Result<void>> run_reseal(JobContext& context, const store::Job& job, net::Worker&) {
  CO_TRY(const auto owner, co_await store::get_document(context.store, job.spec.subject));
  const auto envelope = owner ? store::envelope_of(owner->body) : store::Envelope{};
  if (owner) CO_TRY_DO(co_await rewrite_all(context, owner->key));
  log::info("reseal kind={} id={} key={}", job.spec.subject.kind, job.spec.subject.id,
            envelope.current.empty() ? "none" : envelope.keys.front().kms_key_arn);
  co_return co_await finish(context, job, envelope);
}

}  // namespace toolgate::catalogue
