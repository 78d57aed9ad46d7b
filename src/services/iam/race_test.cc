// Two writers at once: who comes second sees what the first wrote, and nothing is lost.
#include <functional>

#include "services/iam/test_bench.h"

namespace toolgate::services::iam {
namespace {

// Passes everything on; before each commit somebody else may do something.
class RacedStore final : public store::Store {
 public:
  explicit RacedStore(store::Store& real) : real_{real} {}
  std::function<void()> before_commit;  // not during its own commits

  Task<Result<store::Version>> commit(store::Batch batch) override {
    if (const auto intrude = std::exchange(before_commit, nullptr)) intrude();
    co_return co_await real_.commit(std::move(batch));
  }
  Task<Result<std::optional<store::Document>>> get(store::Key key) override {
    return real_.get(std::move(key));
  }
  Task<Result<store::Page>> list(store::Key prefix, std::size_t limit, std::string after) override {
    return real_.list(std::move(prefix), limit, std::move(after));
  }
  Task<Result<store::Page>> list_behind(store::Key prefix, std::size_t limit,
                                        std::string last_id) override {
    return real_.list_behind(std::move(prefix), limit, std::move(last_id));
  }
  Task<Result<std::vector<store::Key>>> keys_of(std::string kind) override {
    return real_.keys_of(std::move(kind));
  }
  Task<Result<std::optional<store::Key>>> owner_of(store::Key scope, std::string name) override {
    return real_.owner_of(std::move(scope), std::move(name));
  }
  Task<Result<std::optional<store::Idempotency>>> find_idempotent(std::string scope,
                                                                  std::string token) override {
    return real_.find_idempotent(std::move(scope), std::move(token));
  }
  Task<Result<std::optional<store::Job>>> claim_job(std::string owner,
                                                    std::chrono::seconds lease_for) override {
    return real_.claim_job(std::move(owner), lease_for);
  }
  Task<Result<void>> renew_job(const store::Job& job, std::chrono::seconds lease_for) override {
    return real_.renew_job(job, lease_for);
  }
  Task<Result<void>> release_leases() override { return real_.release_leases(); }
  Task<Result<void>> postpone_job(const store::Job& job, Time not_before) override {
    return real_.postpone_job(job, not_before);
  }
  void on_change(Listener listener) override { real_.on_change(std::move(listener)); }
  [[nodiscard]] store::Version version() const override { return real_.version(); }

 private:
  store::Store& real_;
};

class Race : public testing::Test {
 protected:
  Bench bench;
  RacedStore raced{bench.store()};
  Iam slow_iam{raced, bench.secrets(), bench.directory()};
  aws::Service slow = table(slow_iam);
  const JsonObject role{{"RoleName", "R"}, {"AssumeRolePolicyDocument", trust_policy}};
};

TEST_F(Race, OfTwoCreatorsOneIsToldThatTheOtherWasFaster) {
  raced.before_commit = [&] { EXPECT_EQ(outcome(bench.call("CreateRole", role)), "fine"); };
  EXPECT_EQ(outcome(bench.call_in(slow, "CreateRole", role)),
            "EntityAlreadyExists: Role with name R already exists.");
}

TEST_F(Race, BothChangesOfOneRoleAreKept) {
  ASSERT_EQ(outcome(bench.call("CreateRole", role)), "fine");
  const JsonObject put{{"RoleName", "R"}, {"PolicyDocument", identity_policy}};
  JsonObject first = put;
  first["PolicyName"] = "First";
  JsonObject second = put;
  second["PolicyName"] = "Second";
  raced.before_commit = [&] { EXPECT_EQ(outcome(bench.call("PutRolePolicy", first)), "fine"); };
  EXPECT_EQ(outcome(bench.call_in(slow, "PutRolePolicy", second)), "fine");
  EXPECT_EQ(at(*bench.call("ListRolePolicies", {{"RoleName", "R"}}), "/PolicyNames"),
            R"(["First","Second"])");
}

TEST_F(Race, ARoleThatGetsAPolicyMeanwhileIsNotDeleted) {
  ASSERT_EQ(outcome(bench.call("CreateRole", role)), "fine");
  raced.before_commit = [&] {
    EXPECT_EQ(outcome(bench.call(
                  "PutRolePolicy",
                  {{"RoleName", "R"}, {"PolicyName", "P"}, {"PolicyDocument", identity_policy}})),
              "fine");
  };
  EXPECT_EQ(outcome(bench.call_in(slow, "DeleteRole", {{"RoleName", "R"}})),
            "DeleteConflict: Cannot delete entity, must delete policies first.");
}

}  // namespace
}  // namespace toolgate::services::iam
