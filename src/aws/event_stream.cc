#include "aws/event_stream.h"

#include <algorithm>
#include <array>

#include <boost/crc.hpp>

#include "aws/errors.h"
#include "aws/output.h"

namespace toolgate::aws {
namespace {

// Lengths of the frame and of its headers, and a checksum of the two.
constexpr std::size_t prelude_bytes = 12;
constexpr std::size_t checksum_bytes = 4;
constexpr std::size_t frame_bytes_min = prelude_bytes + checksum_bytes;

std::uint32_t checksum(std::string_view bytes) {
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

template <class Number>
void put(std::string& out, Number number) {
  for (std::size_t byte = sizeof number; byte-- > 0;) {
    out += static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * byte) & 0xFF);
  }
}

std::uint32_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < size; ++i) {
    number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  }
  return number;
}

std::unexpected<Error> broken(std::string_view what) {
  return fail(Code::invalid, "Event stream: " + std::string{what});
}

void put_header(std::string& out, const EventHeader& header) {
  ASSERT(header.type == EventHeader::string_type);
  ASSERT(!header.name.empty() && header.name.size() <= 0xFF && header.value.size() <= 0x7FFF);
  put(out, static_cast<std::uint8_t>(header.name.size()));
  out += header.name;
  put(out, header.type);
  put(out, static_cast<std::uint16_t>(header.value.size()));
  out += header.value;
}

// Bytes of a header's value by its type; nothing for those that say their length themselves.
std::optional<std::size_t> fixed_size(std::uint8_t type) {
  constexpr std::array<std::size_t, 6> sizes{0, 0, 1, 2, 4, 8};
  if (type < sizes.size()) return sizes.at(type);
  if (type == 8) return 8;
  if (type == 9) return 16;
  return std::nullopt;
}

Result<EventHeader> take_header(std::string_view& bytes) {
  EventHeader header;
  const std::size_t name_size = number_at(bytes, 0, 1);
  if (name_size == 0 || bytes.size() < 1 + name_size + 1) return broken("a header's name is cut");
  header.name = bytes.substr(1, name_size);
  header.type = static_cast<std::uint8_t>(bytes[1 + name_size]);
  bytes.remove_prefix(1 + name_size + 1);
  if (header.type > 9) return broken("a header of an unknown type");
  auto size = fixed_size(header.type);
  if (!size) {
    if (bytes.size() < 2) return broken("a header's length is cut");
    size = number_at(bytes, 0, 2);
    bytes.remove_prefix(2);
  }
  if (bytes.size() < *size) return broken("a header's value is cut");
  header.value = bytes.substr(0, *size);
  bytes.remove_prefix(*size);
  return header;
}

const Shape& events_of(const OperationShape& operation) {
  ASSERT(gives_events(operation));
  return *operation.output->payload->shape;
}

EventMessage json_message(std::string_view kind, std::string_view type_header,
                          std::string_view type, std::string payload) {
  return {.headers = {{.name = std::string{type_header}, .value = std::string{type}},
                      {.name = ":content-type", .value = "application/json"},
                      {.name = ":message-type", .value = std::string{kind}}},
          .payload = std::move(payload)};
}

}  // namespace

std::string_view EventMessage::text(std::string_view header) const {
  const auto found = std::ranges::find(headers, header, &EventHeader::name);
  if (found == headers.end() || found->type != EventHeader::string_type) return {};
  return found->value;
}

std::string print_message(const EventMessage& message) {
  std::string headers;
  for (const auto& header : message.headers) put_header(headers, header);
  ASSERT(headers.size() <= event_headers_bytes_max);
  ASSERT(message.payload.size() <= event_payload_bytes_max);
  std::string frame;
  frame.reserve(frame_bytes_min + headers.size() + message.payload.size());
  put(frame, static_cast<std::uint32_t>(frame_bytes_min + headers.size() + message.payload.size()));
  put(frame, static_cast<std::uint32_t>(headers.size()));
  put(frame, checksum(frame));
  frame += headers;
  frame += message.payload;
  put(frame, checksum(frame));
  return frame;
}

Result<std::optional<EventMessage>> take_message(std::string_view& bytes) {
  if (bytes.size() < prelude_bytes) return std::nullopt;
  const std::size_t total = number_at(bytes, 0, 4);
  const std::size_t headers_size = number_at(bytes, 4, 4);
  if (number_at(bytes, 8, 4) != checksum(bytes.substr(0, 8))) {
    return broken("the checksum of a prelude is wrong");
  }
  if (total < frame_bytes_min || headers_size > event_headers_bytes_max ||
      headers_size > total - frame_bytes_min ||
      total - frame_bytes_min - headers_size > event_payload_bytes_max) {
    return broken("a frame of an impossible length");
  }
  if (bytes.size() < total) return std::nullopt;
  const std::string_view frame = bytes.substr(0, total);
  if (number_at(frame, total - checksum_bytes, 4) !=
      checksum(frame.substr(0, total - checksum_bytes))) {
    return broken("the checksum of a frame is wrong");
  }
  EventMessage message;
  std::string_view headers = frame.substr(prelude_bytes, headers_size);
  while (!headers.empty()) {
    TRY(auto header, take_header(headers));
    message.headers.push_back(std::move(header));
  }
  message.payload =
      frame.substr(prelude_bytes + headers_size, total - frame_bytes_min - headers_size);
  bytes.remove_prefix(total);
  return message;
}

bool gives_events(const OperationShape& operation) {
  return operation.output != nullptr && operation.output->payload != nullptr &&
         operation.output->payload->shape->event_stream;
}

EventStream::EventStream(const Contract& contract, const OperationShape& operation)
    : contract_{contract}, operation_{operation}, events_{events_of(operation)} {}

std::string EventStream::event(std::string_view name, const Json& value) const {
  const Member* member = events_.find(name);
  ASSERT(member != nullptr && !member->shape->exception);
  std::string payload;
  if (printable(*member, value, operation_.name)) {
    print_value(payload, *member, value, operation_.name);
  } else {
    payload = "{}";
  }
  return print_message(json_message("event", ":event-type", name, std::move(payload)));
}

std::string EventStream::exception(const Error& error) const {
  const auto wire = wire_error(contract_, error);
  std::string message = wire.message;
  for (const auto& member : events_.members) {
    if (!member.shape->exception || member.shape->name != wire.code) continue;
    return print_message(json_message("exception", ":exception-type", member.name,
                                      json::print(JsonObject{{"message", message}})));
  }
  constexpr std::size_t text_bytes_max = 4'096;  // a header holds no more than 32 KiB
  if (message.size() > text_bytes_max) message.resize(text_bytes_max);
  return print_message({.headers = {{.name = ":error-code", .value = wire.code},
                                    {.name = ":error-message", .value = std::move(message)},
                                    {.name = ":message-type", .value = "error"}},
                        .payload = {}});
}

}  // namespace toolgate::aws
