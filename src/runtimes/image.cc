#include "runtimes/image.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ids.h"
#include "base/text.h"
#include "runtimes/documents.h"

namespace toolgate::runtimes {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view registry_middle = ".dkr.ecr.";
constexpr std::string_view registry_end = ".amazonaws.com";
constexpr std::string_view digest_scheme = "sha256:";
constexpr std::string_view scratch_prefix = "unpacking-";

std::unexpected<Error> no_image(std::string_view text) {
  return fail(Code::invalid,
              fmt::format("{}: expected ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY:TAG",
                          text.substr(0, 300)));
}

}  // namespace

Result<ImageName> parse_image_name(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return no_image(text);
  const auto registry = text.substr(0, slash);
  auto rest = text.substr(slash + 1);
  const auto middle = registry.find(registry_middle);
  if (middle != 12 || !registry.ends_with(registry_end)) return no_image(text);
  ImageName name;
  name.place.account = registry.substr(0, middle);
  const auto region = registry.substr(middle + registry_middle.size());
  name.place.region = region.substr(0, region.size() - registry_end.size());
  if (const auto at = rest.find('@'); at != std::string_view::npos) {
    name.digest = rest.substr(at + 1);
    rest = rest.substr(0, at);
  }
  const auto colon = rest.find(':');
  name.repository = rest.substr(0, colon);
  if (colon != std::string_view::npos) name.tag = rest.substr(colon + 1);
  if (name.place.region.empty() || name.repository.empty() || name.tag.empty()) {
    return no_image(text);
  }
  return name;
}

store::Key image_key(const ImageName& name) {
  return {.account = name.place.account,
          .region = name.place.region,
          .kind = std::string{kind::image},
          .id = name.repository + ':' + name.tag};
}

Json to_json(const ImageName& name, const Image& image, double pushed_at) {
  return JsonObject{{"repositoryName", name.repository}, {"imageTag", name.tag},
                    {"imageDigest", image.digest},       {"imageSizeInBytes", image.bytes},
                    {"imagePushedAt", pushed_at},        {"pushedBy", image.pushed_by},
                    {"recipe", to_json(image.recipe)}};
}

Result<Image> image_from(const Json& document) {
  const Json* recipe = json::find(document, "recipe");
  const auto digest = json::find_string(document, "imageDigest");
  if (recipe == nullptr || !digest) return fail(Code::internal, "an image without recipe");
  Image image;
  TRY(image.recipe, recipe_from(*recipe));
  image.digest = *digest;
  image.bytes =
      static_cast<std::uint64_t>(json::find_int(document, "imageSizeInBytes").value_or(0));
  image.pushed_by = json::find_string(document, "pushedBy").value_or("");
  return image;
}

fs::path ImageTrees::tree_of(std::string_view digest) const {
  ASSERT(digest.starts_with(digest_scheme) && digest.find('/') == std::string_view::npos);
  return folder_ / digest.substr(digest_scheme.size());
}

bool ImageTrees::has(std::string_view digest) const {
  std::error_code ignored;
  return fs::is_directory(tree_of(digest), ignored);
}

Result<fs::path> ImageTrees::scratch() const {
  fs::path made = folder_ / (std::string{scratch_prefix} + random_text(16, lower_alphanumeric));
  std::error_code error;
  fs::create_directories(made, error);
  if (error) return fail(Code::internal, "cannot make a folder for an image", error.message());
  return made;
}

Result<void> ImageTrees::keep(std::string_view digest, const fs::path& made) const {
  std::error_code error;
  if (!has(digest)) fs::rename(made, tree_of(digest), error);
  if (error && !has(digest)) return fail(Code::internal, "cannot keep an image", error.message());
  fs::remove_all(made, error);
  return {};
}

void ImageTrees::sweep(const std::function<bool(std::string_view)>& in_use) const {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator{folder_, error}) {
    const std::string name = entry.path().filename().string();
    const std::string digest = std::string{digest_scheme} + name;
    if (name.starts_with(scratch_prefix) || !in_use(digest)) {
      std::error_code ignored;
      fs::remove_all(entry.path(), ignored);
    }
  }
}

}  // namespace toolgate::runtimes
