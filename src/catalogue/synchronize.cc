// Brings a target's catalogue up to date: credential, handshake, lists, chunks, one swap.
#include <fmt/format.h>

#include "base/limits.h"
#include "base/log.h"
#include "catalogue/chunks.h"
#include "catalogue/conform.h"
#include "catalogue/discover.h"
#include "catalogue/jobs.h"
#include "json/schema.h"
#include "model/kinds.h"
#include "store/optimistic.h"
#include "targets/target.h"

namespace toolgate::catalogue {
namespace {

// AWS: statusReasons holds at most 100, each at most 2,048 characters.
constexpr std::size_t reasons_count_max = 100;
constexpr std::size_t reason_bytes_max = 2'048;

constexpr std::size_t chunks_a_sweep = 50;

// Requests to synchronise that come while the swap is tried; each costs one more try.
constexpr int swap_attempts_max = 100;

void add_reason(JsonArray& reasons, std::string text) {
  if (reasons.size() >= reasons_count_max) return;
  if (text.size() > reason_bytes_max) {
    std::size_t end = reason_bytes_max;
    while (end > 0 && (text[end] & 0xC0) == 0x80) --end;  // not within a character
    text.resize(end);
  }
  reasons.emplace_back(std::move(text));
}

// What a reader of the target should know although it is READY: tools that were left out, and
// schema keywords that cannot be enforced.
JsonArray notes_of(const targets::Catalogue& catalogue) {
  JsonArray notes;
  for (const auto& skipped : catalogue.skipped) {
    add_reason(notes, fmt::format("Left out: {}: {}", skipped.what, skipped.why));
  }
  for (const auto& assumed : catalogue.assumed) add_reason(notes, assumed);
  for (const auto& note : catalogue.notes) add_reason(notes, note);
  for (const auto& tool : catalogue.tools) {
    const auto schema = json::Schema::compile(tool.input_schema);
    if (!schema) {
      add_reason(notes, fmt::format("Not checked: arguments of tool {}: {}", tool.name,
                                    schema.error().message));
      continue;
    }
    for (const auto& what : schema->unenforced()) {
      // Formats only describe (JSON Schema 2020-12, Validation 7.2.1), and there are many of them.
      if (what.starts_with("format ")) continue;
      add_reason(notes, fmt::format("Not enforced: tool {}: {}", tool.name, what));
    }
  }
  return notes;
}

// A catalogue is named after the job's try that writes it, so that what a process wrote before it
// died is found again.
std::string catalogue_id(const store::Job& job) {
  return fmt::format("{}.{}", job.id, job.attempts);
}

// What earlier tries of the same job have left goes.
Task<Result<void>> sweep_chunks(JobContext& context, const store::Job& job) {
  store::Key prefix = job.spec.subject;
  prefix.kind = model::kind::catalogue;
  prefix.id += fmt::format("/{}.", job.id);
  for (bool more = true; more;) {
    CO_TRY(const store::Page page, co_await context.store.list(prefix, chunks_a_sweep, {}));
    more = !page.next.empty();
    if (page.documents.empty()) break;
    store::Batch batch;
    for (const auto& document : page.documents) batch.deletes.push_back(document.key);
    CO_TRY(const auto version, co_await context.store.commit(std::move(batch)));
    (void)version;
  }
  co_return Result<void>{};
}

Task<Result<void>> write_chunks(JobContext& context, const store::Key& key, const Pointer& pointer,
                                std::vector<std::string> bodies) {
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    store::Batch batch;
    batch.puts.push_back({.key = chunk_key(key, pointer.id, i), .body = std::move(bodies[i])});
    CO_TRY(const auto version, co_await context.store.commit(std::move(batch)));
    (void)version;
  }
  co_return Result<void>{};
}

// What a synchronisation found, to be put into the target's document.
struct Finding {
  Result<targets::Catalogue> catalogue;
  Pointer pointer;
  JsonArray notes;
  std::int64_t wanted = 0;    // of the document that the work began with
  std::int64_t revision = 0;  // likewise
  std::string status_on_failure;
};

// The document with the finding: new pointer and READY, or the old pointer and why not. When more
// was wanted meanwhile, another job waits and the status stays in progress.
Json finished(Json document, const Finding& finding, double now) {
  auto& members = document.get_object();
  members["updatedAt"] = now;
  members["done"] = finding.wanted;
  const bool last = json::find_int(document, "wanted").value_or(0) == finding.wanted;
  if (finding.catalogue) {
    members["lastSynchronizedAt"] = now;
    members["catalogue"] = to_json(finding.pointer);
  }
  if (!last) return document;
  if (finding.catalogue) {
    members["status"] = "READY";
    members["statusReasons"] = finding.notes;
  } else {
    JsonArray reasons;
    add_reason(reasons, finding.catalogue.error().message);
    members["status"] = finding.status_on_failure;
    members["statusReasons"] = std::move(reasons);
  }
  return document;
}

// Swaps the catalogue in. False: the target was deleted, or its configuration is another one now.
Task<Result<bool>> swap_in(JobContext& context, const store::Job& job, const Finding& finding) {
  const store::Key& key = job.spec.subject;
  for (int attempt = 1;; ++attempt) {
    CO_TRY(const auto stored, co_await context.store.get(key));
    if (!stored) co_return false;
    CO_TRY(Json document, json::parse(stored->body));
    if (json::find_int(document, "revision").value_or(0) != finding.revision) co_return false;
    store::Batch batch;
    batch.preconditions.push_back(
        store::unchanged(key, stored->version, "the target was changed meanwhile"));
    const auto old = pointer_of(document);
    if (old && finding.catalogue) batch.deletes = chunk_keys(key, *old);
    const double now = static_cast<double>(milliseconds_of(context.clock.now())) / 1000.0;
    batch.puts.push_back(
        {.key = key, .body = json::print(finished(std::move(document), finding, now))});
    batch.job_done = job;
    const auto committed = co_await context.store.commit(std::move(batch));
    if (committed) co_return true;
    const bool raced = store::lost_race(committed.error()) && attempt < swap_attempts_max;
    if (!raced) co_return std::unexpected(committed.error());
  }
}

Task<Result<void>> end_job(JobContext& context, const store::Job& job, const store::Key& key) {
  store::Batch batch;
  batch.job_done = job;
  batch.jobs.push_back(collect_job(key));
  CO_TRY(const auto version, co_await context.store.commit(std::move(batch)));
  (void)version;
  co_return Result<void>{};
}

std::string status_on_failure(const store::Job& job) {
  const auto payload = json::parse(job.spec.payload);
  const auto status = payload ? json::find_string(*payload, "statusOnFailure") : std::nullopt;
  return std::string{status.value_or("FAILED")};
}

}  // namespace

store::JobSpec synchronize_job(store::Key target, std::string_view status_on_failure) {
  return {.kind = std::string{synchronize_target},
          .subject = std::move(target),
          .payload = json::print(JsonObject{{"statusOnFailure", status_on_failure}})};
}

Task<Result<void>> run_synchronize(JobContext& context, const store::Job& job,
                                   net::Worker& worker) {
  const store::Key key = job.spec.subject;
  CO_TRY(const auto stored, co_await context.store.get(key));
  if (!stored) co_return co_await end_job(context, job, key);  // deleted meanwhile
  CO_TRY(Json document, json::parse(stored->body));

  const Attempt attempt{.target = key,
                        .document = document,
                        .worker = worker,
                        .deadline = within(limits::synchronize_timeout)};
  Finding finding{.catalogue = co_await discover(context, attempt),
                  .pointer = {.id = catalogue_id(job), .chunks = 0, .tools = 0},
                  .notes = {},
                  .wanted = json::find_int(document, "wanted").value_or(0),
                  .revision = json::find_int(document, "revision").value_or(0),
                  .status_on_failure = status_on_failure(job)};
  if (job.attempts > 1) CO_TRY_DO(co_await sweep_chunks(context, job));
  if (finding.catalogue) {
    auto bodies = co_await context.offload.run([&finding] {
      finding.notes = notes_of(*finding.catalogue);
      return chunk_bodies(finding.catalogue->tools);
    });
    finding.pointer.chunks = bodies.size();
    finding.pointer.tools = finding.catalogue->tools.size();
    CO_TRY_DO(co_await write_chunks(context, key, finding.pointer, std::move(bodies)));
  }
  log::info("synchronize target={} ok={} tools={} {}", key.id, finding.catalogue.has_value(),
            finding.pointer.tools, finding.catalogue ? "" : finding.catalogue.error().message);

  CO_TRY(const bool swapped, co_await swap_in(context, job, finding));
  if (swapped) co_return Result<void>{};
  // Updated or deleted while we worked: what changed it has left a job of its own. Our chunks go.
  store::Batch undo;
  undo.deletes = chunk_keys(key, finding.pointer);
  undo.job_done = job;
  CO_TRY(const auto version, co_await context.store.commit(std::move(undo)));
  (void)version;
  co_return Result<void>{};
}

}  // namespace toolgate::catalogue
