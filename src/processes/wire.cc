#include "processes/wire.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include <fmt/format.h>
#include <sys/socket.h>

namespace toolgate::processes {
namespace {

constexpr std::size_t descriptors_count_max = 4;

std::string pack(const Message& message) {
  std::string packed;
  for (const auto& text : message) packed += fmt::format("{}:{}", text.size(), text);
  return packed;
}

std::optional<Message> unpack(std::string_view packed) {
  Message message;
  while (!packed.empty()) {
    const auto colon = packed.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto size = number_of(packed.substr(0, colon));
    packed.remove_prefix(colon + 1);
    if (size > packed.size()) return std::nullopt;
    message.emplace_back(packed.substr(0, size));
    packed.remove_prefix(size);
  }
  return message;
}

// The parts of an order, taken in the order in which they were put.
class Parts {
 public:
  explicit Parts(const Message& message) : message_{message} {}
  std::string text() {
    if (at_ < message_.size()) return message_[at_++];
    short_ = true;
    return {};
  }
  std::uint64_t number() { return number_of(text()); }
  std::vector<std::string> list() {
    std::vector<std::string> texts;
    for (auto count = number(); count > 0 && !short_; --count) texts.push_back(text());
    return texts;
  }
  [[nodiscard]] bool complete() const { return !short_ && at_ == message_.size(); }

 private:
  const Message& message_;
  std::size_t at_ = 0;
  bool short_ = false;
};

void put_list(Message& message, const std::vector<std::string>& texts) {
  message.push_back(std::to_string(texts.size()));
  message.insert(message.end(), texts.begin(), texts.end());
}

}  // namespace

std::uint64_t number_of(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Result<void> send_message(int socket, const Message& message, const std::vector<int>& descriptors) {
  ASSERT(descriptors.size() <= descriptors_count_max);
  std::string packed = pack(message);
  if (packed.size() > message_bytes_max) {
    return fail(Code::too_large, fmt::format("{} bytes of arguments and environment: at most {}",
                                             packed.size(), command_bytes_max));
  }
  iovec part{.iov_base = packed.data(), .iov_len = packed.size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(descriptors_count_max * sizeof(int))> control{};
  if (!descriptors.empty()) {
    const std::size_t bytes = descriptors.size() * sizeof(int);
    header.msg_control = control.data();
    header.msg_controllen = CMSG_SPACE(bytes);
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(bytes);
    std::memcpy(CMSG_DATA(rights), descriptors.data(), bytes);
  }
  for (;;) {
    if (::sendmsg(socket, &header, MSG_NOSIGNAL) >= 0) return {};
    if (errno == EINTR) continue;
    return fail(Code::unavailable, "the process helper does not answer", std::strerror(errno));
  }
}

Result<std::optional<Received>> receive_message(int socket, Waiting waiting) {
  std::string packed(message_bytes_max, '\0');
  iovec part{.iov_base = packed.data(), .iov_len = packed.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(descriptors_count_max * sizeof(int))> control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  const int flags = MSG_CMSG_CLOEXEC | (waiting == Waiting::refused ? MSG_DONTWAIT : 0);
  ssize_t size = 0;
  do {
    size = ::recvmsg(socket, &header, flags);
  } while (size < 0 && errno == EINTR);
  if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return std::nullopt;
  if (size <= 0) return fail(Code::unavailable, "the other side is gone");
  Received received;
  for (cmsghdr* each = CMSG_FIRSTHDR(&header); each != nullptr; each = CMSG_NXTHDR(&header, each)) {
    if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_RIGHTS) continue;
    std::vector<int> numbers((each->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    std::memcpy(numbers.data(), CMSG_DATA(each), numbers.size() * sizeof(int));
    for (const int number : numbers) received.descriptors.emplace_back(number);
  }
  auto message = unpack(std::string_view{packed}.substr(0, static_cast<std::size_t>(size)));
  if (!message || message->empty()) return fail(Code::internal, "a message that is none");
  received.message = *std::move(message);
  return received;
}

Message encode(const Order& order) {
  const Command& command = order.command;
  Message message;
  put_list(message, command.argv);
  std::vector<std::string> environment;
  for (const auto& [name, value] : command.environment) environment.push_back(name + '=' + value);
  put_list(message, environment);
  message.push_back(command.directory);
  put_list(message, command.readable);
  put_list(message, command.writable);
  const Bounds& bounds = command.bounds;
  for (const std::uint64_t number :
       {bounds.memory_bytes_max, std::uint64_t{bounds.processes_count_max},
        std::uint64_t{bounds.open_files_count_max}, bounds.file_bytes_max,
        static_cast<std::uint64_t>(command.network), static_cast<std::uint64_t>(order.sandbox),
        std::uint64_t{order.uid}}) {
    message.push_back(std::to_string(number));
  }
  put_list(message, order.denied);
  return message;
}

Result<Order> decode_order(const Message& message) {
  Parts parts{message};
  Order order;
  Command& command = order.command;
  command.argv = parts.list();
  for (auto& entry : parts.list()) {
    const auto equals = entry.find('=');
    command.environment.emplace_back(entry.substr(0, equals), entry.substr(equals + 1));
  }
  command.directory = parts.text();
  command.readable = parts.list();
  command.writable = parts.list();
  command.bounds.memory_bytes_max = parts.number();
  command.bounds.processes_count_max = static_cast<std::uint32_t>(parts.number());
  command.bounds.open_files_count_max = static_cast<std::uint32_t>(parts.number());
  command.bounds.file_bytes_max = parts.number();
  command.network = static_cast<Network>(parts.number());
  order.sandbox = static_cast<Sandbox>(parts.number());
  order.uid = static_cast<std::uint32_t>(parts.number());
  order.denied = parts.list();
  if (!parts.complete() || command.argv.empty()) return fail(Code::internal, "a broken order");
  return order;
}

}  // namespace toolgate::processes
