#include "search/model_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>

namespace toolgate::search {
namespace {

constexpr std::string_view magic = "TGMODEL1";
constexpr std::size_t hash_bytes = 32;
constexpr std::size_t id_bytes = 8;
constexpr std::size_t alignment = 64;
constexpr std::size_t sections_max = 200;

struct Section {
  char name[16];
  std::uint64_t offset;
  std::uint64_t bytes;
};
constexpr std::size_t head_bytes = magic.size() + hash_bytes + sizeof(std::uint64_t);

// Maps the whole file; empty for an empty one.
Result<std::string_view> map(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return fail(Code::not_found, fmt::format("{}: {}", path, std::strerror(errno)));
  }
  struct stat about{};
  void* at = MAP_FAILED;
  if (::fstat(file, &about) == 0 && about.st_size > 0) {
    at = ::mmap(nullptr, static_cast<std::size_t>(about.st_size), PROT_READ, MAP_PRIVATE, file, 0);
  }
  ::close(file);
  if (at == MAP_FAILED) return fail(Code::invalid, path + ": cannot be mapped");
  return std::string_view{static_cast<const char*>(at), static_cast<std::size_t>(about.st_size)};
}

std::uint64_t count_of(std::string_view bytes) {
  std::uint64_t count = 0;
  std::memcpy(&count, bytes.data() + magic.size() + hash_bytes, sizeof count);
  return count;
}

Section section_at(std::string_view bytes, std::size_t i) {
  Section section{};
  std::memcpy(&section, bytes.data() + head_bytes + i * sizeof section, sizeof section);
  return section;
}

// What stands before the sections, and whether these are inside the file.
Result<void> check_head(const std::string& path, std::string_view head, std::size_t file_bytes) {
  if (head.size() < head_bytes || !head.starts_with(magic) || count_of(head) > sections_max ||
      head.size() < head_bytes + count_of(head) * sizeof(Section)) {
    return fail(Code::invalid, path + ": not a model file");
  }
  for (std::size_t i = 0; i < count_of(head); ++i) {
    const Section section = section_at(head, i);
    if (section.offset > file_bytes || section.bytes > file_bytes - section.offset) {
      return fail(Code::invalid, path + ": a model file that is cut off");
    }
  }
  return {};
}

}  // namespace

Result<void> ModelFile::check(const std::string& path) {
  // Without waiting for who writes to a pipe.
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return fail(Code::not_found, fmt::format("{}: {}", path, std::strerror(errno)));
  std::string head(head_bytes + sections_max * sizeof(Section), '\0');
  struct stat about{};
  const bool is_file = ::fstat(file, &about) == 0 && S_ISREG(about.st_mode);
  const auto got = is_file ? ::pread(file, head.data(), head.size(), 0) : 0;
  ::close(file);
  head.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return check_head(path, head, static_cast<std::size_t>(about.st_size));
}

Result<ModelFile> ModelFile::open(const std::string& path) {
  TRY(const std::string_view bytes, map(path));
  ModelFile file{bytes};
  TRY_DO(check_head(path, bytes, bytes.size()));
  for (std::size_t i = 0; i < id_bytes; ++i) {
    file.id_ += fmt::format("{:02x}", static_cast<unsigned char>(bytes[magic.size() + i]));
  }
  return file;
}

ModelFile::ModelFile(ModelFile&& other) noexcept
    : bytes_{std::exchange(other.bytes_, {})}, id_{std::move(other.id_)} {}

ModelFile::~ModelFile() {
  if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

void ModelFile::forget(std::span<const std::byte> section) const {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<std::uintptr_t>(section.data());
  const std::uintptr_t first = (begin + page - 1) / page * page;
  const std::uintptr_t end = (begin + section.size()) / page * page;
  if (first < end) ::madvise(reinterpret_cast<void*>(first), end - first, MADV_DONTNEED);
}

Result<std::string_view> ModelFile::find(std::string_view name, std::size_t item_bytes,
                                         std::size_t count) const {
  for (std::size_t i = 0; i < count_of(bytes_); ++i) {
    const Section section = section_at(bytes_, i);
    if (std::string_view{section.name, strnlen(section.name, sizeof section.name)} != name) {
      continue;
    }
    const bool inside = section.offset <= bytes_.size() &&
                        section.bytes <= bytes_.size() - section.offset &&
                        section.offset % alignment == 0;
    const bool fits = count == 0 ? section.bytes % item_bytes == 0 && section.bytes > 0
                                 : section.bytes == count * item_bytes;
    if (!inside || !fits) return fail(Code::invalid, fmt::format("model: section {}", name));
    return bytes_.substr(section.offset, section.bytes);
  }
  return fail(Code::invalid, fmt::format("model: no section {}", name));
}

}  // namespace toolgate::search
