#include "processes/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"
#include "processes/descriptor.h"
#include "processes/wire.h"

namespace toolgate::processes {
namespace {

std::string read_all(const std::string& path) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  std::string text;
  std::array<char, 4096> buffer;
  while (file) {
    const auto size = ::read(file.get(), buffer.data(), buffer.size());
    if (size <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(size));
  }
  return text;
}

// proc(5), /proc/<pid>/stat: the name in parentheses may hold anything, also ") ".
std::optional<Process> read_process(int pid) {
  const std::string text = read_all("/proc/" + std::to_string(pid) + "/stat");
  const auto close = text.rfind(") ");
  if (close == std::string::npos) return std::nullopt;
  const auto fields = split(std::string_view{text}.substr(close + 2), ' ');
  constexpr std::size_t parent_at = 1;
  constexpr std::size_t threads_at = 17;
  constexpr std::size_t resident_at = 21;
  if (fields.size() <= resident_at) return std::nullopt;
  static const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return Process{.pid = pid,
                 .parent = static_cast<int>(number_of(fields[parent_at])),
                 .threads_count = static_cast<std::uint32_t>(number_of(fields[threads_at])),
                 .resident_bytes = number_of(fields[resident_at]) * page};
}

// Each page counted by its share; nothing when we may not look.
std::optional<std::uint64_t> proportional_bytes(int pid) {
  const std::string text = read_all("/proc/" + std::to_string(pid) + "/smaps_rollup");
  const auto at = text.find("\nPss:");
  if (at == std::string::npos) return std::nullopt;
  return std::strtoull(text.c_str() + at + 5, nullptr, 10) * 1024;
}

}  // namespace

std::vector<Process> descendants(int root) {
  std::multimap<int, Process> by_parent;
  DIR* folder = ::opendir("/proc");
  if (folder == nullptr) return {};
  while (const dirent* entry = ::readdir(folder)) {
    const auto pid = static_cast<int>(number_of(entry->d_name));
    if (pid <= 0) continue;
    if (const auto process = read_process(pid)) by_parent.emplace(process->parent, *process);
  }
  ::closedir(folder);
  std::vector<Process> tree;
  std::vector<int> open{root};
  while (!open.empty()) {
    const auto [begin, end] = by_parent.equal_range(open.back());
    open.pop_back();
    for (auto each = begin; each != end; ++each) {
      tree.push_back(each->second);
      open.push_back(each->second.pid);
    }
    by_parent.erase(begin, end);
  }
  return tree;
}

Usage usage_of(const std::vector<Process>& tree, std::uint64_t memory_bytes_max) {
  Usage usage;
  for (const auto& process : tree) {
    usage.memory_bytes += process.resident_bytes;
    usage.tasks_count += process.threads_count;
  }
  if (usage.memory_bytes <= memory_bytes_max) return usage;
  usage.memory_bytes = 0;
  for (const auto& process : tree) {
    usage.memory_bytes += proportional_bytes(process.pid).value_or(process.resident_bytes);
  }
  return usage;
}

}  // namespace toolgate::processes
