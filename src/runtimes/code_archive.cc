#include "runtimes/code_archive.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "base/text.h"
#include "crypto/hash.h"
#include "runtimes/archive.h"

namespace toolgate::runtimes {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view python_prefix = "PYTHON_3_";
constexpr std::string_view node_prefix = "NODE_";

// e_machine of an ELF file (System V ABI); 0 for other files.
int machine_of(const fs::path& path) {
  std::array<unsigned char, 20> head{};
  std::ifstream file{path, std::ios::binary};
  file.read(reinterpret_cast<char*>(head.data()), head.size());
  const bool elf = file.gcount() == static_cast<std::streamsize>(head.size()) && head[0] == 0x7f &&
                   head[1] == 'E' && head[2] == 'L' && head[3] == 'F';
  return elf ? head[18] | head[19] << 8 : 0;
}

bool foreign_code(const fs::path& tree, const std::vector<Entry>& entries) {
  static const int ours = machine_of("/proc/self/exe");
  return std::ranges::any_of(entries, [&](const Entry& entry) {
    const bool library =
        entry.name.ends_with(".so") || entry.name.find(".so.") != std::string::npos;
    const int machine = library ? machine_of(tree / entry.name) : 0;
    return machine != 0 && machine != ours;
  });
}

// "name-1.2.dist-info" at the top: the package's name and version.
struct Package {
  std::string folder;
  std::string requirement;  // "name==1.2"
};
std::vector<Package> packages_of(const fs::path& tree) {
  constexpr std::string_view end = ".dist-info";
  std::vector<Package> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator{tree, error}) {
    const std::string name = entry.path().filename();
    if (!name.ends_with(end)) continue;
    const std::string stem = name.substr(0, name.size() - end.size());
    const auto at = stem.rfind('-');
    if (at == std::string::npos) continue;
    found.push_back(
        {.folder = name, .requirement = stem.substr(0, at) + "==" + stem.substr(at + 1)});
  }
  std::ranges::sort(found, {}, &Package::requirement);
  return found;
}

// Takes a package out by its RECORD (PEP 376): lines of "path,hash,size".
void remove_package(const fs::path& tree, const Package& package) {
  std::error_code ignored;
  std::ifstream record{tree / package.folder / "RECORD"};
  for (std::string line; std::getline(record, line);) {
    const fs::path path{line.substr(0, line.find(','))};
    if (path.is_absolute() || line.find("..") != std::string::npos) continue;
    fs::remove(tree / path, ignored);
  }
  fs::remove_all(tree / package.folder, ignored);
}

Result<Recipe> recipe_of(std::string_view runtime, const std::vector<std::string>& entry_point) {
  Recipe recipe;
  std::string program;
  if (runtime.starts_with(python_prefix)) {
    recipe.python = "3." + std::string{runtime.substr(python_prefix.size())};
    program = "python";
  } else if (runtime.starts_with(node_prefix)) {
    program = "node";
  } else {
    return fail(Code::invalid, fmt::format("codeConfiguration.runtime {} is not served", runtime));
  }
  recipe.command = entry_point;
  // ["server.py"], or ["opentelemetry-instrument", "server.py"]
  const auto file = std::ranges::find_if(recipe.command, [](const std::string& word) {
    return word.ends_with(".py") || word.ends_with("js");
  });
  const bool named = std::ranges::any_of(recipe.command.begin(), file, [&](const auto& word) {
    return word == program || word.starts_with(program);
  });
  if (file != recipe.command.end() && !named) recipe.command.insert(file, program);
  return recipe;
}

Result<void> check_entry(const Recipe& recipe, const fs::path& tree) {
  std::error_code error;
  for (const auto& word : recipe.command) {
    if (!word.ends_with(".py") && !word.ends_with("js")) continue;
    if (fs::exists(tree / word, error)) return {};
    return fail(Code::invalid, fmt::format("entryPoint: the archive has no file {}", word));
  }
  return {};
}

void adapt_packages(Recipe& recipe, const fs::path& tree, const std::vector<Entry>& entries) {
  if (!recipe.python.empty()) {
    const auto packages = packages_of(tree);
    std::error_code error;
    if (packages.empty() && fs::exists(tree / "requirements.txt", error)) {
      recipe.requirement_files.emplace_back("requirements.txt");
    } else if (foreign_code(tree, entries)) {
      for (const auto& package : packages) {
        recipe.requirements.push_back(package.requirement);
        remove_package(tree, package);
      }
    }
  }
}

}  // namespace

Result<CodeArchive> keep_code(std::string_view bytes, std::string_view runtime,
                              const std::vector<std::string>& entry_point,
                              const ImageTrees& images) {
  TRY(Recipe recipe, recipe_of(runtime, entry_point));
  const std::string digest = "sha256:" + crypto::sha256_hex(bytes);
  TRY(const fs::path scratch, images.scratch());
  auto entries = unzip(bytes, scratch);
  std::error_code ignored;
  Result<void> entry = entries ? check_entry(recipe, scratch) : std::unexpected(entries.error());
  if (!entry) {
    fs::remove_all(scratch, ignored);
    return std::unexpected(entry.error());
  }
  adapt_packages(recipe, scratch, *entries);
  TRY_DO(images.keep(digest, scratch));
  return CodeArchive{.recipe = std::move(recipe), .digest = digest};
}

}  // namespace toolgate::runtimes
