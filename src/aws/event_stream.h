// Event streams (application/vnd.amazon.eventstream): the frames in which an operation answers with
// events over time. Amazon Transcribe's "Event stream encoding" describes the format.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/contract.h"
#include "base/result.h"
#include "json/json.h"

namespace toolgate::aws {

inline constexpr std::string_view event_stream_type = "application/vnd.amazon.eventstream";

// What the SDKs take (botocore's eventstream.py).
inline constexpr std::size_t event_payload_bytes_max = 16 * 1024 * 1024;
inline constexpr std::size_t event_headers_bytes_max = 128 * 1024;

struct EventHeader {
  // What stands before the value on the wire: 0 true, 1 false, 2 byte, 3 short, 4 integer, 5 long,
  // 6 bytes, 7 string, 8 timestamp, 9 UUID.
  static constexpr std::uint8_t string_type = 7;

  std::string name;   // ":event-type"
  std::string value;  // the bytes as on the wire, without a length
  std::uint8_t type = string_type;
};

struct EventMessage {
  std::vector<EventHeader> headers;
  std::string payload;

  // The value of a header that is a string; empty when there is none.
  [[nodiscard]] std::string_view text(std::string_view header) const;
};

// One frame. Headers within event_headers_bytes_max and a payload within event_payload_bytes_max
// are the caller's business: more is a bug.
[[nodiscard]] std::string print_message(const EventMessage& message);

// Takes the first frame off `bytes`; nothing while it is not whole. Fails with Code::invalid for a
// wrong checksum, impossible lengths, a broken header.
[[nodiscard]] Result<std::optional<EventMessage>> take_message(std::string_view& bytes);

// The events of one operation, by the contract. `contract` and `operation` outlive it.
class EventStream {
 public:
  // An operation whose output is no event stream is a bug.
  EventStream(const Contract& contract, const OperationShape& operation);

  // A frame for the event of that name, whose members are JSON in the payload. A name that the
  // contract does not have is a bug.
  [[nodiscard]] std::string event(std::string_view name, const Json& value) const;

  // The frame that ends a stream that goes wrong after its first byte: as the exception of that
  // name where the contract has it among the events, else as an error of the protocol.
  [[nodiscard]] std::string exception(const Error& error) const;

 private:
  const Contract& contract_;
  const OperationShape& operation_;
  const Shape& events_;
};

// Whether the operation answers with an event stream.
[[nodiscard]] bool gives_events(const OperationShape& operation);

}  // namespace toolgate::aws
