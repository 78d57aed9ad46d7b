// The job that deletes the chunks of catalogues which nothing points to any more.
#include "catalogue/jobs.h"
#include "model/kinds.h"

namespace toolgate::catalogue {
namespace {

constexpr std::size_t deletes_a_commit = 50;

}  // namespace

store::JobSpec collect_job(store::Key owner) {
  return {.kind = std::string{collect_garbage}, .subject = std::move(owner), .payload = "{}"};
}

// Deletes in small commits, so that others' writes are not held up.
Task<Result<void>> run_collect(JobContext& context, const store::Job& job, net::Worker&) {
  store::Key prefix = job.spec.subject;
  prefix.kind = model::kind::catalogue;
  prefix.id += '/';
  for (;;) {
    CO_TRY(const store::Page page, co_await context.store.list(prefix, deletes_a_commit, {}));
    store::Batch batch;
    for (const auto& document : page.documents) batch.deletes.push_back(document.key);
    if (page.next.empty()) batch.job_done = job;
    CO_TRY(const store::Version done, co_await context.store.commit(std::move(batch)));
    (void)done;
    if (page.next.empty()) co_return Result<void>{};
  }
}

}  // namespace toolgate::catalogue
