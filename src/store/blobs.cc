#include "store/blobs.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <unordered_set>

#include <sys/stat.h>

#include "base/ids.h"
#include "base/log.h"
#include "store/private_file.h"

namespace toolgate::store {
namespace {

constexpr std::size_t id_length = 32;
constexpr std::string_view blob_kind = "blob";

// One document a blob, wherever in the store the documents stand that speak of it.
Key key_of(const BlobId& id) {
  return {.account = "", .region = "", .kind = std::string{blob_kind}, .id = id};
}

Result<void> sync_folder(const std::string& path) {
  const OpenFile folder{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!folder || ::fsync(folder.get()) != 0) return file_failure("sync", path);
  return {};
}

std::string parent_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

}  // namespace

// A folder a first character, so that none gets too large.
std::string Blobs::path_of(const BlobId& id) const {
  return folder_ + '/' + id.substr(0, 1) + '/' + id;
}
std::string Blobs::temporary_path_of(const BlobId& id) const { return folder_ + "/new/" + id; }

Result<std::unique_ptr<Blobs>> Blobs::open(std::string folder, Store& store, Offload& offload) {
  TRY_DO(make_private_folder(folder));
  TRY_DO(make_private_folder(folder + "/new"));
  for (const char first : lower_alphanumeric) {
    TRY_DO(make_private_folder(folder + '/' + first));
  }
  TRY_DO(sync_folder(folder));
  return std::unique_ptr<Blobs>{new Blobs{std::move(folder), store, offload}};
}

Task<Result<void>> Blobs::sweep() {
  CO_TRY(auto kept, co_await store_.keys_of(std::string{blob_kind}));
  co_return co_await offload_.run([this, &kept] { return sweep_files(kept); });
}

Result<void> Blobs::sweep_files(const std::vector<Key>& kept) {
  namespace fs = std::filesystem;
  std::unordered_set<std::string_view> ids;
  for (const auto& key : kept) ids.insert(key.id);
  std::error_code error;
  std::size_t swept = 0;
  for (auto at = fs::recursive_directory_iterator{folder_, error};
       !error && at != fs::recursive_directory_iterator{}; at.increment(error)) {
    const auto name = at->path().filename().string();
    const bool is_new = at->path().parent_path().filename() == "new";
    if (!at->is_regular_file(error) || (!is_new && ids.contains(name))) continue;
    if (::unlink(at->path().c_str()) == 0) ++swept;
  }
  if (error) {
    return fail(Code::unavailable, "cannot read " + folder_ + ": " + error.message());
  }
  if (swept > 0) log::info("store: {} files that nothing refers to are deleted", swept);
  return {};
}

Result<Blobs::Writer> Blobs::writer() {
  auto id = random_text(id_length, lower_alphanumeric);
  const auto path = temporary_path_of(id);
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) return file_failure("make", path);
  return Writer{*this, std::move(id), descriptor};
}

Blobs::Writer::Writer(Writer&& other) noexcept
    : blobs_{other.blobs_},
      id_{std::move(other.id_)},
      descriptor_{std::exchange(other.descriptor_, -1)},
      finished_{other.finished_} {}

Blobs::Writer::~Writer() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  if (!finished_) ::unlink(blobs_->temporary_path_of(id_).c_str());
}

Result<void> Blobs::Writer::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return file_failure("write", blobs_->temporary_path_of(id_));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<BlobId> Blobs::Writer::finish() {
  const auto temporary = blobs_->temporary_path_of(id_);
  const auto path = blobs_->path_of(id_);
  if (::fsync(descriptor_) != 0) return file_failure("sync", temporary);
  if (::rename(temporary.c_str(), path.c_str()) != 0) return file_failure("move", temporary);
  finished_ = true;
  TRY_DO(sync_folder(parent_of(path)));
  return id_;
}

Result<BlobId> Blobs::link(const BlobId& id) {
  auto made = random_text(id_length, lower_alphanumeric);
  const auto path = path_of(made);
  if (::link(path_of(id).c_str(), path.c_str()) != 0) {
    if (errno == ENOENT) return fail(Code::not_found, "the blob was dropped");
    return file_failure("link", path);
  }
  TRY_DO(sync_folder(parent_of(path)));
  return made;
}

void Blobs::keep(Batch& batch, const BlobId& id) {
  batch.puts.push_back({.key = key_of(id), .body = "{}"});
}
void Blobs::forget(Batch& batch, const BlobId& id) { batch.deletes.push_back(key_of(id)); }

void Blobs::drop(std::vector<BlobId> ids) {
  {
    const std::scoped_lock lock{mutex_};
    std::erase_if(ids, [&](const BlobId& id) {
      const auto held = held_.find(id);
      if (held == held_.end()) return false;
      held->second.dropped = true;
      return true;
    });
  }
  if (ids.empty()) return;
  std::vector<std::string> paths;  // no part of this object, which may be gone by then
  for (const auto& id : ids) paths.push_back(path_of(id));
  offload_.post([paths = std::move(paths)] {
    for (const auto& path : paths) ::unlink(path.c_str());
  });
}

Result<std::shared_ptr<const Blobs::Hold>> Blobs::hold(std::vector<BlobId> ids) {
  {
    const std::scoped_lock lock{mutex_};
    for (const auto& id : ids) ++held_[id].readers;
  }
  auto hold = std::make_shared<const Hold>(*this, std::move(ids));
  // Held first, then looked at: what is there now stays.
  for (const auto& id : hold->ids()) {
    if (::access(path_of(id).c_str(), R_OK) != 0) {
      return fail(Code::not_found, "the blob was dropped");
    }
  }
  return hold;
}

Blobs::Hold::~Hold() { blobs_.let_go(ids_); }

void Blobs::let_go(const std::vector<BlobId>& ids) {
  std::vector<BlobId> free;
  {
    const std::scoped_lock lock{mutex_};
    for (const auto& id : ids) {
      const auto held = held_.find(id);
      if (held == held_.end() || --held->second.readers > 0) continue;
      if (held->second.dropped) free.push_back(id);
      held_.erase(held);
    }
  }
  if (!free.empty()) drop(std::move(free));
}

Result<int> Blobs::open_file(const BlobId& id) const {
  const auto path = path_of(id);
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return file_failure("open", path);
  return descriptor;
}

Result<std::size_t> Blobs::read_at(int descriptor, std::uint64_t offset, char* to,
                                   std::size_t bytes) {
  while (true) {
    const auto got = ::pread(descriptor, to, bytes, static_cast<off_t>(offset));
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return file_failure("read", "a blob");
  }
}

}  // namespace toolgate::store
