#include "services/lambda/code.h"

#include <fmt/format.h>

#include "crypto/hash.h"
#include "json/members.h"
#include "services/lambda/resource.h"

namespace toolgate::services::lambda {
namespace {

using aws::Call;

// The server reads as itself: what the caller may read is asked first.
Task<Result<std::string>> read_s3(Lambda& lambda, const Call& call, const Json& given,
                                  net::Worker& worker) {
  const runtimes::S3Object object{.bucket = json::member(given, "S3Bucket"),
                                  .key = json::member(given, "S3Key"),
                                  .version = json::member(given, "S3ObjectVersion")};
  if (object.bucket.empty() || object.key.empty()) {
    co_return invalid("Please provide a source for function code.");
  }
  const std::string arn = fmt::format("arn:aws:s3:::{}/{}", object.bucket, object.key);
  const auto may = lambda.authorizer.may({.caller = call.caller,
                                          .action = "s3:GetObject",
                                          .resource = arn,
                                          .region = call.region,
                                          .request = call.request});
  if (!may) co_return std::unexpected(may.error());
  auto bytes = co_await lambda.source.read(place_of(call), object, worker);
  if (!bytes) {
    co_return invalid(fmt::format("Error occurred while GetObject. {}", bytes.error().message));
  }
  co_return *std::move(bytes);
}

Task<Result<std::string>> read_archive(Lambda& lambda, const Call& call, const Json& given,
                                       net::Worker& worker) {
  const auto zip = json::find_string(given, "ZipFile");
  if (!zip) co_return co_await read_s3(lambda, call, given, worker);
  auto bytes = crypto::from_base64(*zip);
  if (!bytes) co_return invalid("ZipFile: expected base64");
  if (bytes->size() > zip_bytes_max) {
    co_return refuse(Code::too_large, "RequestTooLargeException",
                     fmt::format("ZipFile: {} bytes; at most {} in a request, larger archives come "
                                 "from S3",
                                 bytes->size(), zip_bytes_max));
  }
  co_return *std::move(bytes);
}

Result<void> in_lambdas_words(const Result<void>& unpacked) {
  if (unpacked) return {};
  const Error& error = unpacked.error();
  if (error.code == Code::too_large) {
    return invalid("Unzipped size must be smaller than 262144000 bytes (" + error.message + ")");
  }
  if (error.code != Code::invalid) return std::unexpected(error);
  return invalid(
      "Could not unzip uploaded file. Please check your file, then try to upload again. (" +
      error.message + ")");
}

}  // namespace

Task<Result<Package>> take_code(Lambda& lambda, const Call& call, const Json& given,
                                net::Worker& worker) {
  Package package;
  CO_TRY(package.archive, co_await read_archive(lambda, call, given, worker));
  package.bytes = static_cast<std::int64_t>(package.archive.size());
  const auto unpacked = co_await lambda.blobs.offload().run([&]() -> Result<void> {
    const std::string hash = crypto::sha256(package.archive);
    package.sha256 = crypto::base64(hash);
    package.digest = "sha256:" + crypto::hex(hash);
    return in_lambdas_words(lambda.runner.unpack(package.digest, package.archive));
  });
  if (!unpacked) co_return std::unexpected(unpacked.error());
  co_return package;
}

Task<Result<store::BlobId>> keep_code(Lambda& lambda, const Package& package) {
  co_return co_await lambda.blobs.offload().run([&]() -> Result<store::BlobId> {
    TRY(auto writer, lambda.blobs.writer());
    TRY_DO(writer.write(package.archive));
    return writer.finish();
  });
}

}  // namespace toolgate::services::lambda
