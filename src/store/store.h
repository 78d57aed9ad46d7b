// The store keeps documents and says what changed. Everything that must survive is here; nothing
// on the hot path is.
//
// A document is JSON text under a key. One write is one Batch: all or nothing, durable when the
// answer comes, and it gives the version that the change feed and the snapshots speak of.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"

namespace toolgate::store {

// Counts commits, from 1. Grows by one a commit and never repeats.
using Version = std::uint64_t;

// Where a document stands. `id` may have parts, "gatewayId/targetId", so that a prefix lists a
// parent's children.
struct Key {
  std::string account;
  std::string region;
  std::string kind;  // "gateway", "target", "oauth2_provider", … : model/kinds.h
  std::string id;
  auto operator<=>(const Key&) const = default;
};

struct Document {
  Key key;
  Version version = 0;  // of the commit that last wrote it
  std::string body;
};

// What must hold, or the whole batch fails with Code::conflict (Error::name = "precondition",
// Error::message = `otherwise`).
struct Precondition {
  enum class Holds : std::uint8_t { absent, present, at_version, no_children };
  Holds holds = Holds::present;
  Key key;              // no_children: key.id is the prefix ("gatewayId/") under key.kind
  Version version = 0;  // at_version
  std::string otherwise;
};

struct Put {
  Key key;
  std::string body;
};

// A name that is unique within a scope: a gateway's name in its account and region. Claiming a name
// that another id holds fails the batch with Code::conflict (Error::name = "name_taken").
struct Name {
  Key owner;         // the document that holds the name
  std::string name;  // compared as it is
};

// The answer to a call that carried a client token, kept for at least 24 hours.
struct Idempotency {
  std::string scope;  // account, region and operation
  std::string token;
  std::string digest;  // of the parameters
  std::string answer;  // what the same call gets again
};

// Work that outlives a call. Run by catalogue/; kinds are listed there.
struct JobSpec {
  std::string kind;     // "synchronize_target"
  Key subject;          // what it works on: at most one job a subject and kind waits at a time
  std::string payload;  // JSON
};
struct Job {
  std::uint64_t id = 0;
  JobSpec spec;
  int attempts = 0;  // counting this one
  // The lease: a claim by another owner makes commits that name this job and lease fail.
  std::string lease;
};

struct Batch {
  std::vector<Precondition> preconditions;
  std::vector<Put> puts;
  std::vector<Key> deletes;  // absent is fine; its names are released
  std::vector<Name> claims;
  std::vector<Name> releases;
  std::vector<JobSpec> jobs;    // added
  std::optional<Job> job_done;  // removed; fails with Code::conflict if the lease is not ours
  std::optional<Idempotency> idempotency;
};

struct Page {
  std::vector<Document> documents;
  std::string next;  // empty: no more. Opaque; stays right while documents come and go
};

struct Change {
  Version version = 0;
  Key key;
  bool deleted = false;
};

// Any thread may call; a coroutine resumes on its own thread. The contexts of its callers outlive
// the store, which posts to them until it is gone.
class Store {
 public:
  virtual ~Store() = default;

  // Fails with Code::conflict (see above), Code::internal (disk full, broken).
  virtual Task<Result<Version>> commit(Batch batch) = 0;

  virtual Task<Result<std::optional<Document>>> get(Key key) = 0;
  // Documents of one kind whose id begins with `id_prefix`, in order of id. `limit` at least 1.
  // `after` is a Page::next of the same listing, or empty; Code::invalid for one that is not.
  virtual Task<Result<Page>> list(Key prefix, std::size_t limit, std::string after) = 0;
  // The same from an id on, which need not be there: what stands behind `last_id`.
  virtual Task<Result<Page>> list_behind(Key prefix, std::size_t limit, std::string last_id) = 0;
  // The keys of all documents of a kind, whatever account and region: for views that are built at
  // start.
  virtual Task<Result<std::vector<Key>>> keys_of(std::string kind) = 0;
  // The owner of a name, if it is taken. `scope` has account, region and kind; its id is the parent
  // part of the owner's id ("gatewayId/") or empty.
  virtual Task<Result<std::optional<Key>>> owner_of(Key scope, std::string name) = 0;

  virtual Task<Result<std::optional<Idempotency>>> find_idempotent(std::string scope,
                                                                   std::string token) = 0;

  // Takes a waiting job, or one whose lease has run out. Nothing when there is none.
  virtual Task<Result<std::optional<Job>>> claim_job(std::string owner,
                                                     std::chrono::seconds lease_for) = 0;
  // Prolongs the lease; Code::conflict when it is not ours any more.
  virtual Task<Result<void>> renew_job(const Job& job, std::chrono::seconds lease_for) = 0;
  // Ends all leases, so that every job can be claimed. For a process that knows that it is the only
  // one (the data directory's lock says so), at its start.
  virtual Task<Result<void>> release_leases() = 0;
  // Puts a job back, not before `not_before`.
  virtual Task<Result<void>> postpone_job(const Job& job, Time not_before) = 0;

  // Called after every commit, in order of version, on a thread of the store: be brief. Also for
  // commits of other processes on the same database. Set once, before the first commit.
  using Listener = std::function<void(Version, const std::vector<Change>&)>;
  virtual void on_change(Listener listener) = 0;
  [[nodiscard]] virtual Version version() const = 0;
};

}  // namespace toolgate::store
