#include "app/search_engine.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "base/log.h"
#include "base/text.h"
#include "search/local_embedder.h"
#include "search/model_file.h"
#include "search/remote_embedder.h"

namespace toolgate::app {
namespace {

constexpr std::string_view file_name = "minilm.model";
constexpr std::size_t key_bytes_max = 4'096;

Result<std::string> read_key(const std::string& path) {
  if (path.empty()) return std::string{};
  std::ifstream file{path};
  std::string line;
  if (!std::getline(file, line)) {
    return fail(Code::invalid, fmt::format("--embeddings-key-file: nothing to read in {}", path));
  }
  if (line.size() > key_bytes_max) {
    return fail(Code::invalid, "--embeddings-key-file: expected a key in one line");
  }
  return std::string{trim(line)};
}

// Beside the binary, as the build leaves it, or where a package puts it: ../share/toolgate/.
std::string find_model() {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
  if (error) return {};
  for (const fs::path& path :
       {folder / file_name, folder.parent_path() / "share/toolgate" / file_name}) {
    if (fs::is_regular_file(path, error)) return path.string();
  }
  return {};
}

// The key of a provider of the server's own account and region, as a target would be shown it.
credentials::Need need_of(const Config& config) {
  credentials::Need need;
  need.kind = credentials::Need::Kind::api_key;
  need.place = {.account = config.account, .region = config.region};
  need.provider = config.embeddings_key_provider;
  need.parameter_name = "authorization";
  need.prefix = "Bearer ";
  return credentials::Credentials::sealed(std::move(need));
}

Result<std::unique_ptr<search::Embedder>> open_service(
    const Config& config, const credentials::Credentials* credentials) {
  search::RemoteEmbedder::Options options{.url = config.embeddings_url,
                                          .model = config.embeddings_model};
  TRY(options.key, read_key(config.embeddings_key_file));
  if (!config.embeddings_key_provider.empty()) {
    if (!options.key.empty()) {
      return fail(Code::invalid, "--embeddings-key-provider: expected no --embeddings-key-file");
    }
    ASSERT(credentials != nullptr);
    options.credential = [credentials, need = need_of(config)](net::Worker& worker,
                                                               Deadline deadline) {
      return credentials->fetch(need, worker, deadline);
    };
    options.refused = [credentials, need = need_of(config)](const net::Credential& shown,
                                                            net::Worker& worker) {
      credentials->refused(need, shown, worker);
    };
  }
  TRY(auto remote, search::RemoteEmbedder::make(std::move(options)));
  log::info("search: by words, and by meaning with {}", config.embeddings_url);
  return remote;
}

}  // namespace

Result<std::unique_ptr<search::Embedder>> open_embedder(
    const Config& config, const credentials::Credentials* credentials) {
  if (!config.embeddings_url.empty()) return open_service(config, credentials);
  if (config.search_model == "off") {
    log::info("search: by words alone (--search-model off)");
    return nullptr;
  }
  const std::string path = config.search_model.empty() ? find_model() : config.search_model;
  if (path.empty()) {
    log::warn("search: by words alone: there is no {} beside the binary (tools/model.py)",
              file_name);
    return nullptr;
  }
  if (::access(path.c_str(), R_OK) != 0) {
    return fail(Code::invalid, fmt::format("--search-model: {} cannot be read", path));
  }
  if (const auto model = search::ModelFile::check(path); !model) {
    return fail(Code::invalid, fmt::format("--search-model: expected a file that tools/model.py "
                                           "has made: {}",
                                           model.error().message));
  }
  return std::make_unique<search::LocalEmbedder>(path);
}

Result<std::unique_ptr<search::Engine>> open_search(const Config& config, store::Store& store,
                                                    Offload& offload,
                                                    const credentials::Credentials& credentials,
                                                    const std::vector<net::Worker*>& workers) {
  TRY(auto embedder, open_embedder(config, &credentials));
  return std::make_unique<search::Engine>(search::Engine::Options{.store = &store,
                                                                  .offload = &offload,
                                                                  .background = workers.back(),
                                                                  .embedder = std::move(embedder)});
}

}  // namespace toolgate::app
