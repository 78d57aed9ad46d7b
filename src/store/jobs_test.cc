#include "store/store_suite.h"

namespace toolgate::store::testing {
namespace {

using std::chrono::seconds;

Batch adding(std::string kind, Key subject, std::string payload = "{}") {
  Batch batch;
  batch.jobs.push_back(
      {.kind = std::move(kind), .subject = std::move(subject), .payload = std::move(payload)});
  return batch;
}

Batch finishing(const Job& job) {
  Batch batch;
  batch.job_done = job;
  return batch;
}

}  // namespace

TEST_P(StoreSuite, ClaimsAJobOnce) {
  EXPECT_FALSE(claim("w", seconds{10}));
  must_commit(adding("synchronize", target("a/1"), R"({"x":1})"));
  const auto job = claim("w", seconds{10});
  ASSERT_TRUE(job);
  EXPECT_EQ(job->spec.kind, "synchronize");
  EXPECT_EQ(job->spec.subject, target("a/1"));
  EXPECT_EQ(job->spec.payload, R"({"x":1})");
  EXPECT_EQ(job->attempts, 1);
  EXPECT_TRUE(job->lease.starts_with("w/"));
  EXPECT_FALSE(claim("v", seconds{10}));
}

TEST_P(StoreSuite, ClaimsTheOldestJobFirst) {
  for (const auto* id : {"c", "a", "b"}) {
    must_commit(adding("work", gateway(id)));
    clock_.move(seconds{1});
  }
  for (const auto* id : {"c", "a", "b"}) EXPECT_EQ(claim("w", seconds{10})->spec.subject.id, id);
}

TEST_P(StoreSuite, RemovesAJobThatIsDone) {
  must_commit(adding("work", gateway("a")));
  Batch done = finishing(*claim("w", seconds{10}));
  done.puts.push_back({.key = gateway("a"), .body = "done"});
  must_commit(done);
  clock_.move(seconds{100});
  EXPECT_FALSE(claim("w", seconds{10}));
  EXPECT_REFUSED(commit(done), Code::conflict, "lease_lost");
}

TEST_P(StoreSuite, GivesAJobToAnotherWhenItsLeaseHasRunOut) {
  must_commit(adding("work", gateway("a")));
  const auto lost = claim("w", seconds{10});
  clock_.move(seconds{9});
  EXPECT_FALSE(claim("v", seconds{10}));
  clock_.move(seconds{1});
  const auto taken = claim("v", seconds{10});
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->id, lost->id);
  EXPECT_EQ(taken->attempts, 2);
  EXPECT_REFUSED(commit(finishing(*lost)), Code::conflict, "lease_lost");
  EXPECT_REFUSED(wait_for(store().renew_job(*lost, seconds{10})), Code::conflict, "lease_lost");
  EXPECT_REFUSED(wait_for(store().postpone_job(*lost, clock_.now())), Code::conflict, "lease_lost");
  must_commit(finishing(*taken));
}

TEST_P(StoreSuite, LetsALateWorkerFinishWhatNobodyElseHasTaken) {
  must_commit(adding("work", gateway("a")));
  const auto job = claim("w", seconds{10});
  clock_.move(seconds{60});
  EXPECT_TRUE(commit(finishing(*job)));
}

TEST_P(StoreSuite, ProlongsALease) {
  must_commit(adding("work", gateway("a")));
  const auto job = claim("w", seconds{10});
  clock_.move(seconds{9});
  EXPECT_TRUE(wait_for(store().renew_job(*job, seconds{10})));
  clock_.move(seconds{9});
  EXPECT_FALSE(claim("v", seconds{10}));
  clock_.move(seconds{1});
  EXPECT_TRUE(claim("v", seconds{10}));
}

TEST_P(StoreSuite, KeepsOneWaitingJobOfAKindAndSubject) {
  must_commit(adding("work", gateway("a"), "first"));
  must_commit(adding("work", gateway("a"), "second"));
  must_commit(adding("other work", gateway("a")));
  must_commit(adding("work", target("a")));
  const auto first = claim("w", seconds{10});
  EXPECT_EQ(first->spec.payload, "first");
  EXPECT_EQ(claim("w", seconds{10})->spec.kind, "other work");
  EXPECT_EQ(claim("w", seconds{10})->spec.subject, target("a"));
  must_commit(finishing(*first));
  EXPECT_FALSE(claim("w", seconds{10}));
}

TEST_P(StoreSuite, LetsANewJobWaitUntilTheRunningOneIsDone) {
  must_commit(adding("work", gateway("a"), "first"));
  const auto first = claim("w", seconds{10});
  must_commit(adding("work", gateway("a"), "second"));
  must_commit(adding("work", gateway("a"), "third"));
  EXPECT_FALSE(claim("v", seconds{10}));
  must_commit(finishing(*first));
  const auto second = claim("v", seconds{10});
  EXPECT_EQ(second->spec.payload, "second");
  must_commit(finishing(*second));
  EXPECT_FALSE(claim("v", seconds{10}));
}

TEST_P(StoreSuite, LetsAJobWhoseWorkerDiedGoBeforeTheOneThatWaits) {
  must_commit(adding("work", gateway("a"), "first"));
  (void)claim("w", seconds{10});
  must_commit(adding("work", gateway("a"), "second"));
  clock_.move(seconds{20});
  EXPECT_EQ(claim("v", seconds{10})->spec.payload, "first");
  EXPECT_FALSE(claim("v", seconds{10}));
}

TEST_P(StoreSuite, AddsTheNextJobInTheBatchThatEndsTheFirst) {
  must_commit(adding("work", gateway("a"), "first"));
  Batch done = finishing(*claim("w", seconds{10}));
  done.jobs = {{.kind = "work", .subject = gateway("a"), .payload = "second"}};
  must_commit(done);
  EXPECT_EQ(claim("w", seconds{10})->spec.payload, "second");
}

TEST_P(StoreSuite, PostponesAJob) {
  must_commit(adding("work", gateway("a")));
  const auto job = claim("w", seconds{10});
  EXPECT_TRUE(wait_for(store().postpone_job(*job, clock_.now() + seconds{30})));
  EXPECT_REFUSED(commit(finishing(*job)), Code::conflict, "lease_lost");
  clock_.move(seconds{29});
  EXPECT_FALSE(claim("w", seconds{10}));
  clock_.move(seconds{1});
  EXPECT_EQ(claim("w", seconds{10})->attempts, 2);
}

TEST_P(StoreSuite, DropsAPostponedJobWhenAnotherWaitsAlready) {
  must_commit(adding("work", gateway("a"), "first"));
  const auto first = claim("w", seconds{10});
  must_commit(adding("work", gateway("a"), "second"));
  EXPECT_TRUE(wait_for(store().postpone_job(*first, clock_.now() + seconds{30})));
  const auto second = claim("w", seconds{10});
  EXPECT_EQ(second->spec.payload, "second");
  must_commit(finishing(*second));
  clock_.move(seconds{60});
  EXPECT_FALSE(claim("w", seconds{10}));
}

TEST_P(StoreSuite, EndsAllLeasesOfADeadProcess) {
  must_commit(adding("work", gateway("a")));
  must_commit(adding("work", gateway("b")));
  const auto lost = claim("w", seconds{1000});
  EXPECT_TRUE(wait_for(store().release_leases()));
  EXPECT_REFUSED(commit(finishing(*lost)), Code::conflict, "lease_lost");
  EXPECT_TRUE(claim("v", seconds{10}));
  EXPECT_TRUE(claim("v", seconds{10}));
  EXPECT_FALSE(claim("v", seconds{10}));
}

TEST_P(StoreSuite, RefusesAJobWithoutALease) {
  must_commit(adding("work", gateway("a")));
  EXPECT_REFUSED(commit(finishing({.id = 1, .spec = {}, .lease = ""})), Code::conflict,
                 "lease_lost");
  EXPECT_TRUE(claim("w", seconds{10}));
}

}  // namespace toolgate::store::testing
