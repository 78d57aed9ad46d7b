// What server, helper and keepers tell one another over sequenced-packet sockets: one message is
// a list of texts, and may carry descriptors.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "processes/descriptor.h"
#include "processes/processes.h"

namespace toolgate::processes {

// A packet must fit in a socket's send buffer (net.core.wmem_default, 208 KiB).
inline constexpr std::size_t message_bytes_max = 160 * 1024;
// What a caller may give: execve's own bound for one string is 128 KiB.
inline constexpr std::size_t command_bytes_max = 128 * 1024;

using Message = std::vector<std::string>;

struct Received {
  Message message;
  std::vector<Descriptor> descriptors;
};

// Fails with Code::unavailable when the other side is gone, Code::too_large.
Result<void> send_message(int socket, const Message& message,
                          const std::vector<int>& descriptors = {});
enum class Waiting : std::uint8_t { allowed, refused };
// Nothing when there is no message now (Waiting::refused). Fails with Code::unavailable at the end
// of the connection, Code::internal for a message that is none of ours.
Result<std::optional<Received>> receive_message(int socket, Waiting waiting);

// What the helper is to start: a command, and how.
struct Order {
  Command command;
  Sandbox sandbox = Sandbox::none;
  std::vector<std::string> denied{};
  std::uint32_t uid = 0;  // of own_user
};
Message encode(const Order& order);
Result<Order> decode_order(const Message& message);

// The words of a keeper: ["running", pid], ["failed", code, text] and ["ended", why, code, signal,
// text]; and to it: ["stop", grace in ms] and ["kill"].
inline constexpr std::string_view word_running = "running";
inline constexpr std::string_view word_failed = "failed";
inline constexpr std::string_view word_ended = "ended";
inline constexpr std::string_view word_stop = "stop";
inline constexpr std::string_view word_kill = "kill";

// A decimal number, 0 for anything else.
std::uint64_t number_of(std::string_view text);

}  // namespace toolgate::processes
