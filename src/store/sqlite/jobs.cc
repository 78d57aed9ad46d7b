#include "store/sqlite/jobs.h"

#include "store/rules.h"

namespace toolgate::store::sqlite {
namespace {

// For a statement that touches the one row of a lease, or none when the lease is lost.
Result<void> run_on_lease(Connection& connection, Query& query) {
  TRY_DO(query.run());
  if (connection.changed() == 0) return lease_lost();
  return {};
}

}  // namespace

Result<void> add_job(Connection& connection, const JobSpec& spec, Time now) {
  const Key& subject = spec.subject;
  Query query{connection,
              "INSERT INTO jobs(kind, account, region, subject_kind, subject_id, attempts, due, "
              "lease, payload) VALUES(?,?,?,?,?,0,?,'',?) ON CONFLICT DO NOTHING",
              spec.kind,
              subject.account,
              subject.region,
              subject.kind,
              subject.id,
              milliseconds_of(now),
              spec.payload};
  return query.run();
}

Result<void> finish_job(Connection& connection, const Job& job) {
  if (job.lease.empty()) return lease_lost();
  Query query{connection, "DELETE FROM jobs WHERE id=? AND lease=?", job.id, job.lease};
  return run_on_lease(connection, query);
}

Result<std::optional<Job>> claim_job(Connection& connection, const std::string& owner, Time now,
                                     std::chrono::seconds lease_for) {
  Job job;
  {
    Query query{connection,
                "SELECT id, kind, account, region, subject_kind, subject_id, attempts, payload "
                "FROM jobs AS job WHERE due<=? AND (lease<>'' OR NOT EXISTS("
                "SELECT 1 FROM jobs AS other WHERE other.lease<>'' AND other.kind=job.kind AND "
                "other.account=job.account AND other.region=job.region AND "
                "other.subject_kind=job.subject_kind AND other.subject_id=job.subject_id)) "
                "ORDER BY due, id LIMIT 1",
                milliseconds_of(now)};
    TRY(const bool row, query.step());
    if (!row) return std::nullopt;
    job.id = static_cast<std::uint64_t>(query.integer(0));
    job.spec = {.kind = query.text(1),
                .subject = {.account = query.text(2),
                            .region = query.text(3),
                            .kind = query.text(4),
                            .id = query.text(5)},
                .payload = query.text(7)};
    job.attempts = static_cast<int>(query.integer(6)) + 1;
  }
  job.lease = new_lease(owner);
  Query query{connection,
              "UPDATE jobs SET lease=?, due=?, attempts=? WHERE id=?",
              job.lease,
              milliseconds_of(now + lease_for),
              std::int64_t{job.attempts},
              job.id};
  TRY_DO(query.run());
  return job;
}

Result<void> renew_job(Connection& connection, const Job& job, Time lease_until) {
  if (job.lease.empty()) return lease_lost();
  Query query{connection, "UPDATE jobs SET due=? WHERE id=? AND lease=?",
              milliseconds_of(lease_until), job.id, job.lease};
  return run_on_lease(connection, query);
}

// They stay leased, to nobody: one that waits for the same subject must let them go first.
Result<void> release_leases(Connection& connection, Time now) {
  const auto nobody = new_lease("released");
  Query query{connection, "UPDATE jobs SET lease=?, due=min(due, ?) WHERE lease<>''", nobody,
              milliseconds_of(now)};
  return query.run();
}

Result<void> postpone_job(Connection& connection, const Job& job, Time not_before) {
  if (job.lease.empty()) return lease_lost();
  {
    Query query{connection, "UPDATE OR IGNORE jobs SET lease='', due=? WHERE id=? AND lease=?",
                milliseconds_of(not_before), job.id, job.lease};
    TRY_DO(query.run());
    if (connection.changed() > 0) return {};
  }
  // Lost, or another one waits already and stands for this one.
  return finish_job(connection, job);
}

}  // namespace toolgate::store::sqlite
