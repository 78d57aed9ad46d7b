#include "runtimes/archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include "base/text.h"

namespace toolgate::runtimes {
namespace {

namespace fs = std::filesystem;

struct FreeArchive {
  void operator()(::archive* reader) const { archive_read_free(reader); }
};
using Reader = std::unique_ptr<::archive, FreeArchive>;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

std::unexpected<Error> broken(const Reader& reader) {
  const char* why = archive_error_string(reader.get());
  return fail(Code::invalid,
              fmt::format("The archive cannot be read as a zip: {}", why ? why : "broken"));
}

std::unexpected<Error> refused(std::string_view name, std::string_view why) {
  return fail(Code::invalid, fmt::format("The archive's entry '{}' {}", name.substr(0, 200), why));
}

// The entry's place below the folder; "" for the folder itself.
Result<std::string> safe_name(std::string_view name, const ArchiveBounds& bounds) {
  if (name.empty() || name.size() > bounds.name_bytes_max) {
    return refused(name,
                   fmt::format("has a name of none or more than {} bytes", bounds.name_bytes_max));
  }
  if (name.front() == '/' || name.find('\\') != std::string_view::npos ||
      name.find('\0') != std::string_view::npos) {
    return refused(name, "has an absolute name, or one with a backslash");
  }
  std::string safe;
  for (const auto part : split(name, '/')) {
    if (part == "..") return refused(name, "would leave the folder");
    if (part.empty() || part == ".") continue;
    if (!safe.empty()) safe += '/';
    safe += part;
  }
  return safe;
}

class Unpacker {
 public:
  Unpacker(Reader reader, const fs::path& into, const ArchiveBounds& bounds)
      : reader_{std::move(reader)}, into_{into}, bounds_{bounds} {}

  Result<std::vector<Entry>> run() {
    ::archive_entry* entry = nullptr;
    for (;;) {
      const int next = archive_read_next_header(reader_.get(), &entry);
      if (next == ARCHIVE_EOF) return std::move(files_);
      if (next != ARCHIVE_OK && next != ARCHIVE_WARN) return broken(reader_);
      TRY_DO(take(entry));
    }
  }

 private:
  Result<void> take(::archive_entry* entry) {
    if (++count_ > bounds_.entries_count_max) {
      return fail(Code::too_large,
                  fmt::format("The archive has more than {} entries", bounds_.entries_count_max));
    }
    const char* utf8 = archive_entry_pathname_utf8(entry);
    const char* name = utf8 != nullptr ? utf8 : archive_entry_pathname(entry);
    TRY(const std::string safe, safe_name(name != nullptr ? name : "", bounds_));
    const auto type = archive_entry_filetype(entry);
    if (archive_entry_symlink(entry) != nullptr || archive_entry_hardlink(entry) != nullptr ||
        (type != AE_IFDIR && type != AE_IFREG)) {
      return refused(safe, "is neither a file nor a folder");
    }
    if (archive_entry_is_encrypted(entry) != 0) return refused(safe, "is encrypted");
    std::error_code error;
    const fs::path at = into_ / safe;
    fs::create_directories(type == AE_IFDIR ? at : at.parent_path(), error);
    if (error) return refused(safe, "cannot be written: " + error.message());
    if (type == AE_IFDIR) return {};
    files_.push_back({.name = safe, .modified = archive_entry_mtime(entry)});
    return write(at, safe, (archive_entry_perm(entry) & 0111) != 0);
  }

  Result<void> write(const fs::path& at, std::string_view name, bool executable) {
    // "x": an entry that comes twice must not write through what an earlier one made.
    const File file{std::fopen(at.c_str(), "wbx")};
    if (!file) return refused(name, "comes twice, or cannot be written");
    std::array<char, 64 * 1024> piece;
    for (;;) {
      const auto size = archive_read_data(reader_.get(), piece.data(), piece.size());
      if (size < 0) return broken(reader_);
      if (size == 0) break;
      bytes_ += static_cast<std::uint64_t>(size);
      if (bytes_ > bounds_.unpacked_bytes_max) {
        return fail(Code::too_large, fmt::format("The archive is larger than {} bytes unpacked",
                                                 bounds_.unpacked_bytes_max));
      }
      if (std::fwrite(piece.data(), 1, static_cast<std::size_t>(size), file.get()) !=
          static_cast<std::size_t>(size)) {
        return fail(Code::internal, "The archive cannot be unpacked: the disk takes no more");
      }
    }
    if (std::fflush(file.get()) != 0) {
      return fail(Code::internal, "The archive cannot be unpacked: the disk takes no more");
    }
    std::error_code ignored;
    fs::permissions(at, fs::perms{executable ? 0755U : 0644U}, ignored);
    return {};
  }

  Reader reader_;
  const fs::path& into_;
  const ArchiveBounds& bounds_;
  std::vector<Entry> files_;
  std::size_t count_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace

Result<std::vector<Entry>> unzip(std::string_view bytes, const fs::path& into,
                                 const ArchiveBounds& bounds) {
  if (bytes.size() > archive_bytes_max) {
    return fail(Code::too_large,
                fmt::format("The archive is larger than {} bytes", archive_bytes_max));
  }
  Reader reader{archive_read_new()};
  archive_read_support_format_zip(reader.get());
  if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) {
    return broken(reader);
  }
  return Unpacker{std::move(reader), into, bounds}.run();
}

}  // namespace toolgate::runtimes
