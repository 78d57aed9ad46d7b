#include "app/search_engine.h"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "search/local_embedder.h"
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

}  // namespace

Result<std::unique_ptr<search::Embedder>> open_embedder(const Config& config) {
  if (!config.embeddings_url.empty()) {
    TRY(auto key, read_key(config.embeddings_key_file));
    TRY(auto remote, search::RemoteEmbedder::make({.url = config.embeddings_url,
                                                   .model = config.embeddings_model,
                                                   .key = std::move(key)}));
    log::info("search: by words, and by meaning with {}", config.embeddings_url);
    return remote;
  }
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
  return std::make_unique<search::LocalEmbedder>(path);
}

Result<std::unique_ptr<search::Engine>> open_search(const Config& config, store::Store& store,
                                                    Offload& offload,
                                                    const std::vector<net::Worker*>& workers) {
  TRY(auto embedder, open_embedder(config));
  return std::make_unique<search::Engine>(
      search::Engine::Options{.store = &store,
                              .offload = &offload,
                              .background = workers.back(),
                              .embedder = std::move(embedder)});
}

}  // namespace toolgate::app
