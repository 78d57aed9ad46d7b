#include "store/secrets.h"

#include <filesystem>
#include <fstream>

#include <sys/stat.h>

#include "base/test_folder.h"
#include "crypto/hash.h"
#include "store/documents.h"
#include "store/memory/memory_store.h"
#include "store/store_suite.h"

namespace toolgate::store::testing {
namespace {

class MasterKey : public ::testing::Test {
 protected:
  void write(const std::string& content, mode_t mode = 0600) {
    std::ofstream{path_} << content;
    ASSERT_EQ(::chmod(path_.c_str(), mode), 0);
  }
  Code refusal() {
    const auto key = master_key(path_, IfAbsent::make);
    return key ? Code::internal : key.error().code;
  }

  TestFolder folder_;
  std::string path_ = folder_.path("master.key");
};

mode_t mode_of(const std::string& path) {
  struct stat about = {};
  EXPECT_EQ(::stat(path.c_str(), &about), 0);
  return about.st_mode & 0777;
}

class SecretsTest : public ::testing::Test {
 protected:
  Result<Secrets> open(const crypto::SealKey& master) {
    return wait_for(Secrets::open(*store_, master));
  }

  ManualClock clock_;
  std::unique_ptr<Store> store_ = make_memory_store(clock_);
  crypto::SealKey master_ = crypto::SealKey::random();
};

// Answers the first look for a document as if another process made it just afterwards.
class SecondToCome final : public Store {
 public:
  explicit SecondToCome(Store& first) : first_{first} {}
  Task<Result<std::optional<Document>>> get(Key key) override {
    if (!std::exchange(looked_, true)) co_return std::nullopt;
    co_return co_await first_.get(std::move(key));
  }
  Task<Result<Version>> commit(Batch batch) override {
    co_return co_await first_.commit(std::move(batch));
  }
  Task<Result<Page>> list(Key, std::size_t, std::string) override { co_return Page{}; }
  Task<Result<Page>> list_behind(Key, std::size_t, std::string) override { co_return Page{}; }
  Task<Result<std::vector<Key>>> keys_of(std::string) override { co_return std::vector<Key>{}; }
  Task<Result<std::optional<Key>>> owner_of(Key, std::string) override { co_return std::nullopt; }
  Task<Result<std::optional<Idempotency>>> find_idempotent(std::string, std::string) override {
    co_return std::nullopt;
  }
  Task<Result<std::optional<Job>>> claim_job(std::string, std::chrono::seconds) override {
    co_return std::nullopt;
  }
  Task<Result<void>> renew_job(const Job&, std::chrono::seconds) override {
    co_return Result<void>{};
  }
  Task<Result<void>> release_leases() override { co_return Result<void>{}; }
  Task<Result<void>> postpone_job(const Job&, Time) override { co_return Result<void>{}; }
  void on_change(Listener) override {}
  [[nodiscard]] Version version() const override { return first_.version(); }

 private:
  Store& first_;
  bool looked_ = false;
};

}  // namespace

TEST_F(MasterKey, IsMadeOnceAndReadAgain) {
  path_ = folder_.path("new/folder/master.key");
  const auto made = master_key(path_, IfAbsent::make);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->bytes().size(), crypto::seal_key_bytes);
  EXPECT_EQ(mode_of(path_), 0600U);
  EXPECT_EQ(mode_of(folder_.path("new/folder")), 0700U);
  EXPECT_EQ(master_key(path_, IfAbsent::fail)->bytes(), made->bytes());
  EXPECT_EQ(master_key(path_, IfAbsent::make)->bytes(), made->bytes());
  // Nothing is left beside it.
  const std::filesystem::directory_iterator files{folder_.path("new/folder")};
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST_F(MasterKey, IsNotMadeUnlessAsked) {
  EXPECT_EQ(master_key(path_, IfAbsent::fail).error().code, Code::not_found);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(MasterKey, RefusesAFileThatOthersCanRead) {
  write(crypto::base64(std::string(32, 'k')) + "\n");
  EXPECT_TRUE(master_key(path_, IfAbsent::fail));
  for (const mode_t mode : {0640U, 0604U, 0620U, 0644U, 0610U}) {
    ASSERT_EQ(::chmod(path_.c_str(), mode), 0);
    EXPECT_EQ(refusal(), Code::invalid) << mode;
  }
}

TEST_F(MasterKey, RefusesMalformedOnes) {
  const auto good = crypto::base64(std::string(32, 'k'));
  for (const auto& content :
       {std::string{}, std::string{"\n"}, crypto::base64(std::string(31, 'k')),
        crypto::base64(std::string(33, 'k')), good + "\n" + good, good.substr(1),
        std::string(10'000, 'A')}) {
    write(content);
    EXPECT_EQ(refusal(), Code::invalid) << content.substr(0, 80);
  }
  EXPECT_EQ(master_key(folder_.path(), IfAbsent::make).error().code, Code::invalid);
}

TEST_F(SecretsTest, UnsealsWhatAnEarlierProcessSealed) {
  const auto first = open(master_);
  ASSERT_TRUE(first);
  const auto sealed = first->seal("hunter2", "oauth2_provider/orders/clientSecret");
  EXPECT_EQ(sealed.find("hunter2"), std::string::npos);
  const auto second = open(master_);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->unseal(sealed, "oauth2_provider/orders/clientSecret").value(), "hunter2");
  EXPECT_EQ(store_->version(), 1U);
}

TEST_F(SecretsTest, RefusesAnotherContextOrAChangedText) {
  const auto secrets = open(master_);
  const auto sealed = secrets->seal("hunter2", "a");
  EXPECT_EQ(secrets->unseal(sealed, "b").error().code, Code::denied);
  EXPECT_EQ(secrets->unseal("not base64!", "a").error().code, Code::denied);
  EXPECT_EQ(secrets->unseal("", "a").error().code, Code::denied);
}

TEST_F(SecretsTest, RefusesAnotherMasterKey) {
  ASSERT_TRUE(open(master_));
  EXPECT_EQ(open(crypto::SealKey::random()).error().code, Code::denied);
}

TEST_F(SecretsTest, SaysThatTheDataKeyIsDamaged) {
  Batch batch;
  batch.puts = {put_json({.account = "", .region = "", .kind = "data_key", .id = "1"}, Json("x"))};
  ASSERT_TRUE(wait_for(store_->commit(batch)));
  EXPECT_EQ(open(master_).error().code, Code::internal);
}

TEST_F(SecretsTest, TakesTheKeyOfTheProcessThatCameFirst) {
  const auto first = open(master_);
  SecondToCome late{*store_};
  const auto second = wait_for(Secrets::open(late, master_));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->unseal(first->seal("hunter2", "a"), "a").value(), "hunter2");
  EXPECT_EQ(store_->version(), 1U);
}

}  // namespace toolgate::store::testing
