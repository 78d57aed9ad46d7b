#include "store/blobs.h"

#include <unistd.h>

#include <filesystem>

#include <gtest/gtest.h>

#include "base/test_folder.h"
#include "store/memory/memory_store.h"
#include "store/store_suite.h"

namespace toolgate::store {
namespace {

using testing::wait_for;

class BlobsTest : public ::testing::Test {
 protected:
  BlobsTest() { reopen(); }

  void reopen() {
    blobs_.reset();
    blobs_ = Blobs::open(folder_.path(), *store_, offload_).value();
  }
  BlobId write(std::string_view bytes) {
    auto writer = blobs_->writer().value();
    EXPECT_TRUE(writer.write(bytes));
    return writer.finish().value();
  }
  BlobId write_kept(std::string_view bytes) {
    auto id = write(bytes);
    Batch batch;
    Blobs::keep(batch, id);
    EXPECT_TRUE(wait_for(store_->commit(std::move(batch))));
    return id;
  }
  void forget(const BlobId& id) {
    Batch batch;
    Blobs::forget(batch, id);
    EXPECT_TRUE(wait_for(store_->commit(std::move(batch))));
  }
  std::string read(const BlobId& id) {
    const auto file = blobs_->open_file(id);
    if (!file) return "(gone)";
    std::string out(100, ' ');
    out.resize(Blobs::read_at(*file, 0, out.data(), out.size()).value());
    ::close(*file);
    return out;
  }
  // Files are deleted on the pool.
  void expect_files(std::size_t wanted) {
    for (int i = 0; i < 500 && count_files() != wanted; ++i) ::usleep(10'000);
    EXPECT_EQ(count_files(), wanted);
  }
  std::size_t count_files() {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{folder_.path()}) {
      count += entry.is_regular_file() ? 1 : 0;
    }
    return count;
  }

  ManualClock clock_;
  TestFolder folder_;
  Offload offload_{1};
  std::unique_ptr<Store> store_ = make_memory_store(clock_);
  std::unique_ptr<Blobs> blobs_;
};

TEST_F(BlobsTest, GivesBackWhatWasWritten) {
  const auto id = write_kept("some bytes");
  EXPECT_EQ(read(id), "some bytes");
  const auto other = blobs_->link(id).value();
  blobs_->drop({id});
  expect_files(1);
  EXPECT_EQ(read(other), "some bytes");
  EXPECT_EQ(blobs_->link(id).error().code, Code::not_found);
}

TEST_F(BlobsTest, AWriterThatIsGivenUpLeavesNothing) {
  {
    auto writer = blobs_->writer().value();
    EXPECT_TRUE(writer.write("half"));
    EXPECT_EQ(count_files(), 1U);
  }
  EXPECT_EQ(count_files(), 0U);
}

TEST_F(BlobsTest, ADroppedBlobStaysWhileItIsHeld) {
  const auto id = write_kept("bytes");
  auto hold = blobs_->hold({id}).value();
  auto second = blobs_->hold({id}).value();
  forget(id);
  blobs_->drop({id});
  hold.reset();
  EXPECT_EQ(read(id), "bytes");
  second.reset();
  expect_files(0);
  EXPECT_EQ(blobs_->hold({id}).error().code, Code::not_found);
}

TEST_F(BlobsTest, TheSweepKeepsWhatDocumentsKeep) {
  const auto kept = write_kept("kept");
  const auto forgotten = write_kept("forgotten");
  const auto never = write("never kept");
  forget(forgotten);  // and then the process died before the file went
  {
    auto half = blobs_->writer().value();
    EXPECT_TRUE(half.write("half"));
    EXPECT_EQ(count_files(), 4U);
    ASSERT_TRUE(wait_for(blobs_->sweep()));
    EXPECT_EQ(count_files(), 1U);
  }
  reopen();
  EXPECT_EQ(read(kept), "kept");
  EXPECT_EQ(read(never), "(gone)");
}

}  // namespace
}  // namespace toolgate::store
