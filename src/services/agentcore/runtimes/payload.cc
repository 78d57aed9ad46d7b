#include "services/agentcore/runtimes/payload.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <sys/mman.h>

#include "base/limits.h"

namespace toolgate::services::agentcore {
namespace {

constexpr std::size_t memory_bytes_max = 1024UL * 1024;
constexpr std::size_t piece_bytes = 512UL * 1024;
// Of files at a time: what invocations may take of the disk.
constexpr int files_count_max = 32;
std::atomic<int> files_count = 0;

std::unexpected<Error> failed(std::string_view step) {
  return fail(Code::internal, "The payload could not be kept",
              fmt::format("{}: {}", step, std::strerror(errno)));
}

}  // namespace

Payload::~Payload() {
  if (mapped_ != nullptr) ::munmap(const_cast<char*>(mapped_), written_);
  if (file_ < 0) return;
  ::close(file_);
  --files_count;
}

std::string_view Payload::view() const {
  return mapped_ != nullptr ? std::string_view{mapped_, written_} : std::string_view{memory_};
}

Result<void> Payload::spill(const std::filesystem::path& folder) {
  if (++files_count > files_count_max) {
    --files_count;
    return fail(Code::throttled, fmt::format("{} large payloads are on their way already; try "
                                             "again later",
                                             files_count_max));
  }
  std::string name = folder / "payload-XXXXXX";
  const int file = ::mkostemp(name.data(), O_CLOEXEC);
  if (file < 0) {
    --files_count;
    return failed("open");
  }
  file_ = file;
  if (::unlink(name.c_str()) != 0) return failed("unlink");
  return {};
}

Result<void> Payload::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::write(file_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return failed("write");
    bytes.remove_prefix(static_cast<std::size_t>(count));
    written_ += static_cast<std::size_t>(count);
  }
  return {};
}

Result<void> Payload::map() {
  void* const at = ::mmap(nullptr, written_, PROT_READ, MAP_SHARED, file_, 0);
  if (at == MAP_FAILED) return failed("mmap");
  mapped_ = static_cast<const char*>(at);
  return {};
}

Task<Result<std::unique_ptr<Payload>>> Payload::read(net::BodyReader& stream,
                                                     std::filesystem::path folder,
                                                     Offload& offload) {
  auto payload = std::make_unique<Payload>();
  std::string& memory = payload->memory_;
  for (;;) {
    CO_TRY(const auto piece, co_await stream.read(within(limits::http_body_timeout)));
    const bool ended = piece.empty();
    if (payload->written_ + memory.size() + piece.size() > payload_bytes_max) {
      co_return fail(Code::too_large, fmt::format("payload: longer than {} MB",
                                                  payload_bytes_max / (1024UL * 1024)));
    }
    memory += piece;
    if (payload->file_ < 0) {
      if (ended) co_return payload;
      if (memory.size() < memory_bytes_max) continue;
      CO_TRY_DO(payload->spill(folder));
    }
    if (!ended && memory.size() < piece_bytes) continue;
    CO_TRY_DO(co_await offload.run([&] { return payload->append(memory); }));
    memory.clear();
    if (!ended) continue;
    CO_TRY_DO(payload->map());
    co_return payload;
  }
}

}  // namespace toolgate::services::agentcore
