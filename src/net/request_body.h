// A request's body as it arrives: for handlers that take it streamed, and for chunked ones.
#pragma once

#include <cstdint>
#include <string_view>

#include "net/channel.h"
#include "net/chunked.h"
#include "net/in_buffer.h"
#include "net/parser.h"
#include "net/ticker.h"

namespace toolgate::net {

// Part of its connection, from whose buffer it reads.
class RequestBody final : public BodyReader {
 public:
  RequestBody(Channel& channel, InBuffer& in, Ticker& ticker, Ticker::Watch& watch)
      : channel_{channel}, in_{in}, ticker_{ticker}, watch_{watch} {}

  // The body begins behind the first `head_bytes` bytes of the buffer, which stay where they are.
  void begin(const RequestHead& head, std::size_t head_bytes, std::size_t bytes_max);
  Task<Result<std::string_view>> read(Deadline deadline) override;

  [[nodiscard]] bool ended() const { return ended_; }
  // Bytes of the buffer, from its front, that are done with once the body has ended.
  [[nodiscard]] std::size_t consumed() const { return at_; }
  // The least room behind the head that begin() needs.
  static constexpr std::size_t room_min = 4 * 1024;

 private:
  // The next piece that the buffer already holds; empty when it holds none.
  Result<std::string_view> take();

  Channel& channel_;
  InBuffer& in_;
  Ticker& ticker_;
  Ticker::Watch& watch_;
  ChunkDecoder chunks_;
  bool chunked_ = false;
  bool ended_ = true;
  bool continue_due_ = false;
  std::uint64_t left_ = 0;  // to come, with a length
  std::uint64_t taken_ = 0;
  std::size_t bytes_max_ = 0;
  std::size_t head_bytes_ = 0;
  std::size_t at_ = 0;  // of the buffer
};

}  // namespace toolgate::net
