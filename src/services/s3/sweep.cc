// What a crash has left: bytes that no row speaks of.
#include <set>

#include "base/log.h"
#include "services/s3/service.h"
#include "services/s3/uploads.h"

namespace toolgate::services::s3 {

Task<Result<void>> sweep(S3& s3) {
  CO_TRY(const auto uploads, co_await s3.store.keys_of("s3_upload"));
  CO_TRY(const auto parts, co_await s3.store.keys_of("s3_part"));
  std::set<std::string> there;
  for (const auto& key : uploads) there.insert(key.id.substr(key.id.find('/') + 1));
  std::set<std::string> gone;
  for (const auto& key : parts) {
    auto upload = key.id.substr(0, key.id.find('/'));
    if (!there.contains(upload)) gone.insert(std::move(upload));
  }
  for (const auto& upload : gone) {
    CO_TRY_DO(co_await drop_parts(s3, upload));
  }
  if (!gone.empty()) log::info("s3: parts of {} uploads that are gone are deleted", gone.size());
  co_return co_await s3.blobs.sweep();
}

}  // namespace toolgate::services::s3
