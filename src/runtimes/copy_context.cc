// COPY and ADD: from the build's context into the image's tree.
#include <fnmatch.h>

#include <fmt/format.h>

#include "runtimes/image.h"

namespace toolgate::runtimes {
namespace {

namespace fs = std::filesystem;

bool has_pattern(std::string_view name) { return name.find_first_of("*?[") != name.npos; }

// The files and folders that a source names; a pattern is of the last part only.
std::vector<fs::path> sources_of(const fs::path& context, const std::string& from) {
  const fs::path whole = from == "." ? context : context / from;
  std::error_code error;
  if (!has_pattern(from)) {
    return fs::exists(whole, error) ? std::vector{whole} : std::vector<fs::path>{};
  }
  std::vector<fs::path> found;
  const std::string pattern = whole.filename();
  for (const auto& entry : fs::directory_iterator{whole.parent_path(), error}) {
    if (fnmatch(pattern.c_str(), entry.path().filename().c_str(), FNM_PERIOD) == 0) {
      found.push_back(entry.path());
    }
  }
  return found;
}

// A folder's content goes into `to`, a file to `to` or into it (Dockerfile reference, "COPY").
Result<void> copy_one(const fs::path& source, const fs::path& to, bool into) {
  constexpr auto how = fs::copy_options::recursive | fs::copy_options::overwrite_existing;
  std::error_code error;
  if (fs::is_directory(source, error)) {
    fs::create_directories(to, error);
    if (!error) fs::copy(source, to, how, error);
  } else {
    const bool folder = into || fs::is_directory(to, error);
    const fs::path target = folder ? to / source.filename() : to;
    fs::create_directories(target.parent_path(), error);
    if (!error) fs::copy(source, target, how, error);
  }
  if (!error) return {};
  return fail(Code::invalid,
              fmt::format("COPY {}: {}", source.filename().string(), error.message()));
}

}  // namespace

Result<void> copy_context(const Dockerfile& file, const fs::path& context, const fs::path& tree) {
  for (const auto& copy : file.copies) {
    for (const auto& from : copy.from) {
      const auto sources = sources_of(context, from);
      if (sources.empty()) {
        return fail(Code::invalid, fmt::format("COPY {}: no such file in the archive", from));
      }
      for (const auto& source : sources) TRY_DO(copy_one(source, tree / copy.to, copy.into));
    }
  }
  std::error_code error;
  fs::create_directories(tree / file.recipe.directory, error);
  if (error) return fail(Code::internal, "cannot make WORKDIR", error.message());
  return {};
}

}  // namespace toolgate::runtimes
