#include "runtimes/local_requirements.h"

#include <algorithm>
#include <array>
#include <fstream>

#include "base/file.h"
#include "base/text.h"

namespace toolgate::runtimes {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t list_bytes_max = 1024 * 1024;
constexpr std::array<std::string_view, 2> editable{"-e ", "--editable "};

bool line_names_files(std::string_view line) {
  constexpr std::array<std::string_view, 9> starts{
      ".", "-e ", "-r ", "-c ", "--editable", "--requirement", "--constraint", "file:", "-r."};
  return std::ranges::any_of(starts, [&](auto start) { return line.starts_with(start); }) ||
         line.find("@ file:") != line.npos;
}

std::string_view without_editable_in(std::string_view line) {
  const std::string_view plain = trim(line);
  for (const auto word : editable) {
    if (!plain.starts_with(word)) continue;
    const std::string_view what = trim(plain.substr(word.size()));
    return what.starts_with('.') ? what : line;  // a repository stays as it is
  }
  return line;
}

}  // namespace

bool names_files(std::string_view list) {
  return std::ranges::any_of(split(list, '\n'),
                             [](auto line) { return line_names_files(trim(line)); });
}

std::string without_editable(std::string_view list) {
  std::string out;
  for (const auto line : split(list, '\n')) {
    if (!out.empty()) out += '\n';
    out += without_editable_in(line);
  }
  return out;
}

bool copy_for_build(const fs::path& tree, const fs::path& to,
                    const std::vector<std::string>& lists) {
  std::error_code error;
  fs::copy(tree, to, fs::copy_options::recursive | fs::copy_options::copy_symlinks, error);
  if (error) return false;
  constexpr auto mine = fs::perms::owner_read | fs::perms::owner_write;
  fs::permissions(to, mine | fs::perms::owner_exec, fs::perm_options::add, error);
  for (const auto& entry : fs::recursive_directory_iterator{to, error}) {
    if (entry.is_symlink(error)) continue;
    const auto more = entry.is_directory(error) ? mine | fs::perms::owner_exec : mine;
    fs::permissions(entry.path(), more, fs::perm_options::add, error);
  }
  for (const auto& list : lists) {
    const auto text = read_file(to / list, list_bytes_max);
    if (!text) continue;  // pip says so
    std::ofstream file{to / list, std::ios::binary};
    file << without_editable(*text);
    if (!file.flush().good()) return false;
  }
  return !error;
}

}  // namespace toolgate::runtimes
