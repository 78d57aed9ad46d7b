#include "store/sqlite/transaction.h"

#include <algorithm>
#include <map>

#include "store/rules.h"
#include "store/sqlite/jobs.h"
#include "store/sqlite/reads.h"

namespace toolgate::store::sqlite {
namespace {

Result<void> check_token(Connection& connection, const Batch& batch, Time now) {
  if (!batch.idempotency) return {};
  const Idempotency& call = *batch.idempotency;
  TRY(const auto kept, read_idempotent(connection, call.scope, call.token, now));
  if (kept) return token_used();
  return {};
}

Result<bool> holds(Connection& connection, const Precondition& wanted) {
  if (wanted.holds == Precondition::Holds::no_children) {
    TRY(const bool children, has_children(connection, wanted.key));
    return !children;
  }
  TRY(const auto version, read_version(connection, wanted.key));
  switch (wanted.holds) {
    case Precondition::Holds::absent:
      return !version;
    case Precondition::Holds::present:
      return version.has_value();
    case Precondition::Holds::at_version:
      return version == wanted.version;
    case Precondition::Holds::no_children:
      break;
  }
  return false;
}

Result<void> check_preconditions(Connection& connection, const Batch& batch) {
  for (const auto& wanted : batch.preconditions) {
    TRY(const bool held, holds(connection, wanted));
    if (!held) return precondition_failed(wanted);
  }
  return {};
}

// Touched keys, in order; true for those that are gone.
using Touched = std::map<Key, bool>;

Result<void> delete_documents(Connection& connection, const Batch& batch, Touched& touched) {
  for (const auto& key : batch.deletes) {
    {
      Query query{
          connection,  "DELETE FROM documents WHERE account=? AND region=? AND kind=? AND id=?",
          key.account, key.region,
          key.kind,    key.id};
      TRY_DO(query.run());
      if (connection.changed() > 0) touched[key] = true;
    }
    Query names{connection,  "DELETE FROM names WHERE account=? AND region=? AND kind=? AND id=?",
                key.account, key.region,
                key.kind,    key.id};
    TRY_DO(names.run());
  }
  return {};
}

Result<void> release(Connection& connection, const Name& name) {
  const auto& owner = name.owner;
  Query query{connection,
              "DELETE FROM names WHERE account=? AND region=? AND kind=? AND parent=? AND name=? "
              "AND id=?",
              owner.account,
              owner.region,
              owner.kind,
              parent_of(owner.id),
              name.name,
              owner.id};
  return query.run();
}

Result<void> claim(Connection& connection, const Name& name) {
  const auto& owner = name.owner;
  const auto parent = parent_of(owner.id);
  {
    Query query{connection,
                "INSERT INTO names(account, region, kind, parent, name, id) VALUES(?,?,?,?,?,?) "
                "ON CONFLICT DO NOTHING",
                owner.account,
                owner.region,
                owner.kind,
                parent,
                name.name,
                owner.id};
    TRY_DO(query.run());
    if (connection.changed() > 0) return {};
  }
  TRY(const auto holder, read_owner(connection, owner, parent, name.name));
  if (holder != owner) return name_taken(name.name);
  return {};
}

Result<void> put(Connection& connection, const Put& put, Version version) {
  Query query{connection,
              "INSERT INTO documents(account, region, kind, id, version, body) "
              "VALUES(?,?,?,?,?,?) ON CONFLICT(account, region, kind, id) "
              "DO UPDATE SET version=excluded.version, body=excluded.body",
              put.key.account,
              put.key.region,
              put.key.kind,
              put.key.id,
              version,
              put.body};
  return query.run();
}

Result<void> keep_answer(Connection& connection, const Idempotency& call, Time now) {
  Query query{connection,
              "INSERT OR REPLACE INTO answers(scope, token, made, digest, answer) "
              "VALUES(?,?,?,?,?)",
              call.scope,
              call.token,
              milliseconds_of(now),
              call.digest,
              call.answer};
  return query.run();
}

Result<void> note_change(Connection& connection, const Change& change, std::int64_t position) {
  Query query{connection,
              "INSERT INTO changes(version, position, account, region, kind, id, deleted) "
              "VALUES(?,?,?,?,?,?,?)",
              change.version,
              position,
              change.key.account,
              change.key.region,
              change.key.kind,
              change.key.id,
              std::int64_t{change.deleted}};
  return query.run();
}

Result<void> note_changes(Transaction& transaction, const Touched& touched, Version version) {
  Commit commit{.version = version, .changes = {}};
  for (const auto& [key, deleted] : touched) {
    const auto position = static_cast<std::int64_t>(commit.changes.size());
    commit.changes.push_back({.version = version, .key = key, .deleted = deleted});
    TRY_DO(note_change(transaction.connection, commit.changes.back(), position));
  }
  transaction.commits.push_back(std::move(commit));
  transaction.version = version;
  return {};
}

}  // namespace

Result<Version> apply(Transaction& transaction, const Batch& batch, Time now) {
  Connection& connection = transaction.connection;
  const Version version = transaction.version + 1;
  transaction.now = std::max(transaction.now, now);
  // The token first: a call made twice must not fail with the name that it has taken itself.
  TRY_DO(check_token(connection, batch, now));
  TRY_DO(check_preconditions(connection, batch));
  if (batch.job_done) TRY_DO(finish_job(connection, *batch.job_done));

  Touched touched;
  TRY_DO(delete_documents(connection, batch, touched));
  for (const auto& name : batch.releases) TRY_DO(release(connection, name));
  for (const auto& name : batch.claims) TRY_DO(claim(connection, name));
  for (const auto& document : batch.puts) {
    TRY_DO(put(connection, document, version));
    touched[document.key] = false;
  }
  for (const auto& job : batch.jobs) TRY_DO(add_job(connection, job, now));
  if (batch.idempotency) TRY_DO(keep_answer(connection, *batch.idempotency, now));
  TRY_DO(note_changes(transaction, touched, version));
  return version;
}

}  // namespace toolgate::store::sqlite
