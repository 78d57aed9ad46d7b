#include "services/agentcore/runtimes/artifact.h"

#include <fmt/format.h>

#include "crypto/hash.h"
#include "json/members.h"
#include "runtimes/code_archive.h"
#include "runtimes/image.h"
#include "store/documents.h"

namespace toolgate::services::agentcore {
namespace {

Task<Result<Artifact>> from_image(const RuntimeParts& parts, const store::Key& version,
                                  std::string uri) {
  CO_TRY(const auto name, runtimes::parse_image_name(uri));
  const auto absent = [&] {
    return fail(Code::not_found,
                fmt::format("The image {} does not exist. Images come from CodeBuild builds of "
                            "this server whose buildspec has `docker push {}`.",
                            uri, uri));
  };
  if (name.place.account != version.account) co_return absent();
  CO_TRY(const auto document,
         co_await store::get_json(*parts.fleet.options().store, runtimes::image_key(name)));
  if (!document) co_return absent();
  CO_TRY(auto image, runtimes::image_from(*document));
  if (!name.digest.empty() && name.digest != image.digest) co_return absent();
  co_return Artifact{.recipe = std::move(image.recipe), .digest = std::move(image.digest)};
}

Task<Result<Artifact>> from_code(const RuntimeParts& parts, const store::Key& version,
                                 const Json& code, net::Worker& worker) {
  const auto object = archive_of(code);
  if (!object) co_return fail(Code::invalid, "codeConfiguration.code.s3 is missing");
  CO_TRY(const std::string bytes,
         co_await parts.source.read({version.account, version.region}, *object, worker));
  std::vector<std::string> entry_point;
  if (const JsonArray* words = json::find_array(code, "entryPoint")) {
    for (const auto& word : *words) entry_point.emplace_back(word.get_string());
  }
  const std::string runtime = json::member(code, "runtime");
  const auto& options = parts.fleet.options();
  auto unpacked = co_await options.offload->run(
      [&] { return runtimes::keep_code(bytes, runtime, entry_point, *options.images); });
  if (!unpacked) co_return std::unexpected(unpacked.error());
  co_return Artifact{.recipe = std::move(unpacked->recipe), .digest = std::move(unpacked->digest)};
}

}  // namespace

std::optional<runtimes::S3Object> archive_of(const Json& code) {
  const Json* at = json::find(code, "code", "s3");
  if (at == nullptr) return std::nullopt;
  const auto text = [&](std::string_view member) { return json::member(*at, member); };
  return runtimes::S3Object{
      .bucket = text("bucket"), .key = text("prefix"), .version = text("versionId")};
}

Task<Result<Artifact>> resolve_artifact(const RuntimeParts& parts, store::Key version,
                                        Json document, net::Worker& worker) {
  const Json* artifact = json::find(document, "agentRuntimeArtifact");
  if (artifact == nullptr) co_return fail(Code::invalid, "agentRuntimeArtifact is missing");
  if (const auto uri = json::find_string(*artifact, "containerConfiguration", "containerUri")) {
    co_return co_await from_image(parts, version, std::string{*uri});
  }
  if (const Json* code = json::find(*artifact, "codeConfiguration")) {
    co_return co_await from_code(parts, version, *code, worker);
  }
  co_return fail(Code::invalid, "agentRuntimeArtifact names neither a container nor code");
}

}  // namespace toolgate::services::agentcore
