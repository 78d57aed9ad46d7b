#include "runtimes/build_image.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "runtimes/archive.h"
#include "runtimes/dockerfile.h"

namespace toolgate::runtimes {
namespace {

namespace fs = std::filesystem;

// Sends traces to AWS, which nothing here receives; dozens of packages come with it.
constexpr std::string_view tracer = "aws-opentelemetry-distro";

Result<Dockerfile> read_dockerfile_in(const fs::path& context, std::string_view name) {
  const fs::path path = (context / name).lexically_normal();
  std::error_code error;
  const bool inside = path.string().starts_with(context.string() + '/');
  if (!inside || !fs::is_regular_file(path, error)) {
    return fail(Code::invalid, fmt::format("The archive has no {}", name));
  }
  auto text = read_file(path, dockerfile_bytes_max);
  if (!text) return fail(text.error().code, fmt::format("{} is too long or unreadable", name));
  return read_dockerfile(*text);
}

// The entry file's name in the archive: the tree's without WORKDIR.
std::string in_archive(const Recipe& recipe) {
  std::string entry = entry_file(recipe);
  const std::string prefix = recipe.directory + '/';
  return entry.starts_with(prefix) ? entry.substr(prefix.size()) : entry;
}

void leave_out_tracer(BuiltImage& image) {
  const auto erased = std::erase_if(
      image.recipe.requirements, [](const std::string& line) { return line.starts_with(tracer); });
  if (erased == 0) return;
  image.notes.push_back(
      fmt::format("{} is left out: it sends traces to AWS; the program starts without it", tracer));
}

Result<BuiltImage> build_in(const fs::path& scratch, std::string_view archive,
                            std::string_view dockerfile_name, const ImageTrees& images) {
  const fs::path context = scratch / "context";
  const fs::path tree = scratch / "tree";
  std::error_code error;
  fs::create_directories(context, error);
  fs::create_directories(tree, error);
  TRY(const auto entries, unzip(archive, context));
  TRY(Dockerfile file, read_dockerfile_in(context, dockerfile_name));
  TRY_DO(copy_context(file, context, tree));
  BuiltImage image{.recipe = std::move(file.recipe), .digest = {}, .notes = std::move(file.notes)};
  leave_out_tracer(image);
  const std::string entry = in_archive(image.recipe);
  if (auto stale = stale_dockerfile(entry, dockerfile_name, entries); !stale.empty()) {
    image.notes.push_back(std::move(stale));
  }
  image.digest =
      "sha256:" + crypto::sha256_hex(crypto::sha256(archive) + std::string{dockerfile_name});
  TRY_DO(images.keep(image.digest, tree));
  return image;
}

}  // namespace

std::string stale_dockerfile(std::string_view entry, std::string_view dockerfile_name,
                             const std::vector<Entry>& entries) {
  const auto own = std::ranges::find(entries, entry, &Entry::name);
  if (own == entries.end()) return {};
  const auto folder = entry.substr(0, entry.rfind('/') + 1);
  const Entry* newest = nullptr;
  for (const auto& other : entries) {
    const std::string_view name = other.name;
    const bool beside = name.starts_with(folder) && name.ends_with(".py") &&
                        name.find('/', folder.size()) == std::string_view::npos;
    if (!beside || other.modified <= own->modified) continue;
    if (newest == nullptr || other.modified > newest->modified) newest = &other;
  }
  if (newest == nullptr) return {};
  return fmt::format(
      "WARNING: {} starts {}, and {} is newer. If {} was to be deployed, delete the "
      "{} so that it is written again, and launch once more",
      dockerfile_name, entry, newest->name, newest->name, dockerfile_name);
}

Result<BuiltImage> build_image(std::string_view archive, std::string_view dockerfile_name,
                               const ImageTrees& images) {
  TRY(const fs::path scratch, images.scratch());
  auto image = build_in(scratch, archive, dockerfile_name, images);
  std::error_code ignored;
  fs::remove_all(scratch, ignored);
  return image;
}

}  // namespace toolgate::runtimes
