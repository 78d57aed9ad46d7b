#include "services/cognito/documents.h"

#include "services/cognito/test_bench.h"

namespace toolgate::services::cognito {
namespace {

const PoolPlace place{"123456789012", "us-east-1", "us-east-1_Ab3dEf6hI"};

class Documents : public testing::Test {
 protected:
  Result<store::Version> commit(store::Batch batch) {
    return run_task(bench.io(), bench.store().commit(std::move(batch)));
  }
  Loaded stored() {
    auto found = run_task(bench.io(), load(bench.store(), key_of(place, kind::pool)));
    EXPECT_TRUE(found.has_value() && found->has_value());
    return **std::move(found);
  }
  Documents() {
    store::Batch batch;
    create(batch, key_of(place, kind::pool), {{"Name", "first"}});
    EXPECT_TRUE(commit(std::move(batch)).has_value());
  }
  Bench bench;
};

TEST_F(Documents, WhoReadBeforeSomeoneElseWroteDoesNotWrite) {
  Loaded early = stored();
  Loaded late = stored();
  late.body["Name"] = "second";
  store::Batch by_late;
  write_back(by_late, late);
  ASSERT_TRUE(commit(std::move(by_late)).has_value());

  store::Batch change;
  write_back(change, early);
  const auto changed = commit(std::move(change));
  ASSERT_FALSE(changed.has_value());
  EXPECT_TRUE(store::lost_race(changed.error()));
  store::Batch removal;
  remove(removal, early);
  EXPECT_TRUE(store::lost_race(commit(std::move(removal)).error()));
  store::Batch again;
  create(again, early.key, {});
  EXPECT_TRUE(store::lost_race(commit(std::move(again)).error()));
  EXPECT_EQ(member(stored().body, "Name"), "second");
}

// Loses as many races as the input says, and counts its runs there.
Task<Result<aws::Answer>> lose_races(Cognito&, aws::Call& call, net::Worker&) {
  JsonObject& input = call.input.as_object();
  input["runs"] = number(input, "runs") + 1;
  if (number(input, "runs") <= number(input, "races")) {
    co_return refuse(Code::conflict, "precondition", "somebody else");
  }
  co_return aws::Answer{JsonObject{{"runs", number(input, "runs")}}, {}};
}

TEST_F(Documents, AnOperationThatLostARaceRunsAgainButNotForever) {
  const auto writing = aws::writing_row(bench.cognito(), "LoseRaces", lose_races, busy);
  const auto attempt = [&](int races) -> std::string {
    aws::Call call;
    call.input = JsonObject{{"races", races}};
    const auto answer = run_task(bench.io(), writing.run(call, bench.worker()));
    return answer ? at(answer->output, "/runs") : answer.error().name;
  };
  EXPECT_EQ(attempt(0), "1");
  EXPECT_EQ(attempt(3), "4");
  EXPECT_EQ(attempt(100), "ConcurrentModificationException");
}

}  // namespace
}  // namespace toolgate::services::cognito
