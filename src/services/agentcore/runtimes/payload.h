// The payload of an invocation, whole: its signature covers all of it, so that nothing may be
// handed on before the last byte is here. Small ones stay in memory; larger ones go to a file
// without a name, whose pages the kernel may write away, so that memory stays bounded.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/offload.h"
#include "base/result.h"
#include "base/task.h"
#include "net/http.h"

namespace toolgate::services::agentcore {

// "InvokeAgentRuntime": payloads of up to 100 MB.
inline constexpr std::size_t payload_bytes_max = 100UL * 1024 * 1024;

class Payload {
 public:
  Payload() = default;
  Payload(const Payload&) = delete;
  Payload& operator=(const Payload&) = delete;
  ~Payload();

  // All of `stream`. `folder` is where files may be. Fails with Code::too_large, Code::throttled
  // (too many large ones at a time), and as the stream does.
  static Task<Result<std::unique_ptr<Payload>>> read(net::BodyReader& stream,
                                                     std::filesystem::path folder,
                                                     Offload& offload);

  // For as long as the object lives.
  [[nodiscard]] std::string_view view() const;

 private:
  Result<void> spill(const std::filesystem::path& folder);
  Result<void> append(std::string_view bytes);
  Result<void> map();

  std::string memory_;  // of what is in the file: the piece that is not written yet
  int file_ = -1;
  std::size_t written_ = 0;  // to the file
  const char* mapped_ = nullptr;
};

}  // namespace toolgate::services::agentcore
