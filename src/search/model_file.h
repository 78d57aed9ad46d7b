// The embedding model as it lies on disk, mapped into memory: made by tools/model.py.
//
// The file: 8 bytes of magic, the SHA-256 of what follows the next number, the number of sections,
// the sections' table (16 bytes of name, offset, length), the sections. Little-endian.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace toolgate::search {

inline constexpr std::size_t model_width = 384;
inline constexpr std::size_t model_layers = 6;
inline constexpr std::size_t model_positions = 256;

// A mapped file. Immutable; any thread. Pages are read when they are first touched.
class ModelFile {
 public:
  // Fails with Code::not_found (no such file) or Code::invalid (not a model, cut off).
  static Result<ModelFile> open(const std::string& path);

  // Fails as open does, without mapping the file: what stands before its sections is read, and that
  // these are inside the file.
  static Result<void> check(const std::string& path);

  ModelFile(ModelFile&& other) noexcept;
  ModelFile& operator=(ModelFile&&) = delete;
  ~ModelFile();

  // 16 hexadecimal digits of the file's hash: vectors of files with one id are the same.
  [[nodiscard]] const std::string& id() const { return id_; }
  // A section of exactly `count` items (0: any number). Fails with Code::invalid when it is not
  // there or of another size.
  template <class Item>
  [[nodiscard]] Result<std::span<const Item>> section(std::string_view name,
                                                      std::size_t count = 0) const {
    TRY(const std::string_view bytes, find(name, sizeof(Item), count));
    return std::span{reinterpret_cast<const Item*>(bytes.data()), bytes.size() / sizeof(Item)};
  }
  // What was read of a section (its bytes) leaves this process's memory, and is read again where it
  // is touched.
  void forget(std::span<const std::byte> section) const;

 private:
  explicit ModelFile(std::string_view bytes) : bytes_{bytes} {}
  [[nodiscard]] Result<std::string_view> find(std::string_view name, std::size_t item_bytes,
                                              std::size_t count) const;

  std::string_view bytes_;
  std::string id_;
};

}  // namespace toolgate::search
