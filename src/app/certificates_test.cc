#include "app/certificates.h"

#include <gtest/gtest.h>

#include "app/trust_files.h"
#include "base/run_task.h"
#include "base/test_folder.h"
#include "crypto/seal.h"
#include "store/memory/memory_store.h"

namespace toolgate::app {
namespace {

class CertificatesTest : public ::testing::Test {
 protected:
  CertificatesTest() { config.data_dir = folder.path(); }
  // The authority's certificate as a start at this moment leaves it.
  std::string start() {
    const auto opened = Certificates::open(config, secrets, clock);
    EXPECT_TRUE(opened) << opened.error().message;
    return folder.read("ca.pem");
  }

  TestFolder folder;
  Config config;
  ManualClock clock;
  std::unique_ptr<store::Store> store = store::make_memory_store(clock);
  store::Secrets secrets = *run_task(store::Secrets::open(*store, crypto::SealKey::random()));
};

TEST_F(CertificatesTest, AnAuthorityStays) {
  const auto made = start();
  clock.move(std::chrono::days{1000});
  EXPECT_EQ(start(), made);
}

TEST_F(CertificatesTest, AnAuthorityMadeWhileTheClockWasAheadIsMadeAnew) {
  const auto made = start();
  clock.move(-std::chrono::minutes{59});  // it begins an hour before it was made
  EXPECT_EQ(start(), made);
  clock.move(-std::chrono::minutes{2});
  ::testing::internal::CaptureStderr();
  const auto anew = start();
  const auto said = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(anew, made);
  EXPECT_NE(
      said.find(authority_file(config.data_dir) + " is valid only from 2023-11-14T21:13:20Z on"),
      std::string::npos)
      << said;
  EXPECT_EQ(start(), anew);
}

}  // namespace
}  // namespace toolgate::app
