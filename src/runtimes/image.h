// Images: a tree of files and a recipe, under a repository and a tag. What CodeBuild makes, ECR
// shows and a runtime starts.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "json/json.h"
#include "model/kinds.h"
#include "runtimes/dockerfile.h"
#include "runtimes/recipe.h"
#include "store/store.h"

namespace toolgate::runtimes {

// "123456789012.dkr.ecr.us-east-1.amazonaws.com/repository:tag"
struct ImageName {
  model::Place place;
  std::string repository;
  std::string tag = "latest";
  std::string digest;  // "sha256:…" when the name has one
};
// Fails with Code::invalid, saying what was expected.
[[nodiscard]] Result<ImageName> parse_image_name(std::string_view text);

struct Image {
  std::string digest;  // "sha256:<64 hex>"; names the tree
  Recipe recipe;
  std::uint64_t bytes = 0;  // of the archive it was made of
  std::string pushed_by;    // the build's id
};
[[nodiscard]] store::Key image_key(const ImageName& name);
// The document; `pushed_at` in epoch seconds.
[[nodiscard]] Json to_json(const ImageName& name, const Image& image, double pushed_at);
[[nodiscard]] Result<Image> image_from(const Json& document);

// The trees on disk, by digest. Each is written whole or not at all, and never changed.
class ImageTrees {
 public:
  explicit ImageTrees(std::filesystem::path folder) : folder_{std::move(folder)} {}

  [[nodiscard]] std::filesystem::path tree_of(std::string_view digest) const;
  [[nodiscard]] bool has(std::string_view digest) const;
  // A fresh folder for unpacking, on the same file system.
  [[nodiscard]] Result<std::filesystem::path> scratch() const;
  // Moves a finished folder to its place; one that is there already stays. Blocks.
  [[nodiscard]] Result<void> keep(std::string_view digest, const std::filesystem::path& made) const;
  // Removes scratch folders, and trees whose digest `in_use` denies. At start; blocks.
  void sweep(const std::function<bool(std::string_view digest)>& in_use) const;

 private:
  std::filesystem::path folder_;
};

// Copies what the Dockerfile's COPY lines take out of the context into `tree`. Sources may have
// * and ?. Fails with Code::invalid, naming the source that is not there. Blocks.
[[nodiscard]] Result<void> copy_context(const Dockerfile& file,
                                        const std::filesystem::path& context,
                                        const std::filesystem::path& tree);

}  // namespace toolgate::runtimes
