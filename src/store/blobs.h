// Large bytes, as files beside the store's documents. A blob is written once, streamed, and never
// changed. It lives as long as a document says so: the batch that makes a blob visible also keeps
// it (`keep`), the batch that lets go of it forgets it. What a crash leaves without such a document
// is swept at the next start.
//
//   writer → write … → finish (synced, in place) → commit{keep} → visible
//   commit{forget} → drop (the file goes when its last reader has gone)
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/offload.h"
#include "base/result.h"
#include "base/task.h"
#include "base/text.h"
#include "store/store.h"

namespace toolgate::store {

using BlobId = std::string;  // 32 characters, random

// Any thread; files are read and written on the offload pool.
class Blobs {
 public:
  // Makes the folder (0700) when it does not exist. What outlives it: store and pool. Fails with
  // Code::unavailable.
  static Result<std::unique_ptr<Blobs>> open(std::string folder, Store& store, Offload& offload);

  // Deletes the files that no document keeps. At start, before anything is written.
  Task<Result<void>> sweep();

  // Bytes on their way in. One task at a time; gone without finish, its file goes with it.
  class Writer {
   public:
    Writer(Writer&& other) noexcept;
    Writer& operator=(Writer&&) = delete;
    ~Writer();
    // Fails with Code::unavailable: the disk is full, or broken. On the offload pool.
    Result<void> write(std::string_view bytes);
    // Syncs the file and moves it in place. On the offload pool.
    Result<BlobId> finish();

   private:
    friend class Blobs;
    Writer(Blobs& blobs, BlobId id, int descriptor)
        : blobs_{&blobs}, id_{std::move(id)}, descriptor_{descriptor} {}
    Blobs* blobs_;
    BlobId id_;
    int descriptor_;
    bool finished_ = false;
  };
  // On the offload pool.
  Result<Writer> writer();
  // Another blob with the same bytes, without copying them. Code::not_found when it was dropped. On
  // the offload pool.
  Result<BlobId> link(const BlobId& id);

  // What a batch says of blobs.
  static void keep(Batch& batch, const BlobId& id);
  static void forget(Batch& batch, const BlobId& id);
  // Deletes the files, each once its last reader has gone. After the batch that forgets them, or
  // when the batch that was to keep them failed.
  void drop(std::vector<BlobId> ids);

  // Readers' hold on blobs: dropped ones stay readable while it lives.
  class Hold {
   public:
    Hold(Blobs& blobs, std::vector<BlobId> ids) : blobs_{blobs}, ids_{std::move(ids)} {}
    ~Hold();
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    [[nodiscard]] const std::vector<BlobId>& ids() const { return ids_; }

   private:
    Blobs& blobs_;
    std::vector<BlobId> ids_;
  };
  // Fails with Code::not_found when one of them was dropped: read its document again. On the
  // offload pool.
  Result<std::shared_ptr<const Hold>> hold(std::vector<BlobId> ids);

  // Bytes from `offset` on, at most `bytes_max`; empty at the end. Of a held blob. On the offload
  // pool. A descriptor of the blob, and reading from it.
  Result<int> open_file(const BlobId& id) const;
  static Result<std::size_t> read_at(int descriptor, std::uint64_t offset, char* to,
                                     std::size_t bytes);

  [[nodiscard]] Offload& offload() { return offload_; }

 private:
  Blobs(std::string folder, Store& store, Offload& offload)
      : folder_{std::move(folder)}, store_{store}, offload_{offload} {}
  [[nodiscard]] std::string path_of(const BlobId& id) const;
  [[nodiscard]] std::string temporary_path_of(const BlobId& id) const;
  Result<void> sweep_files(const std::vector<Key>& kept);
  void let_go(const std::vector<BlobId>& ids);

  struct Held {
    std::size_t readers = 0;
    bool dropped = false;
  };
  std::string folder_;
  Store& store_;
  Offload& offload_;
  std::mutex mutex_;
  TextMap<Held> held_;  // guarded by mutex_
};

}  // namespace toolgate::store
