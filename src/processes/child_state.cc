#include "processes/child_state.h"

#include <array>
#include <cerrno>
#include <cstdlib>

#include <sys/socket.h>

namespace toolgate::processes {
namespace {

constexpr std::size_t read_bytes = 16 * 1024;
// One of the last lines, kept for the Exit.
constexpr std::size_t last_line_bytes_max = 1024;

Exit exit_of(const Message& message) {
  return {.why = static_cast<Exit::Why>(number_of(message[1])),
          .code = std::atoi(message[2].c_str()),
          .signal = std::atoi(message[3].c_str()),
          .text = message[4],
          .last_lines = {}};
}

}  // namespace

ChildState::ChildState(std::uint64_t id, Ends ends, OutputSink sink, const Bounds& bounds)
    : id_{id},
      ends_{std::move(ends)},
      sink_{std::move(sink)},
      rate_{bounds.output_bytes_per_second_max, Rate::Instant::clock::now()} {}

void ChildState::take(Stream stream, std::string_view line) {
  if (last_lines_.size() == last_lines_count_max) last_lines_.pop_front();
  last_lines_.emplace_back(line.substr(0, last_line_bytes_max));
  if (sink_) sink_(stream, line);
}

void ChildState::read(Descriptor& pipe, Stream stream, Lines& lines, Reading reading) {
  std::array<char, read_bytes> buffer;
  const auto to_sink = [&](std::string_view line) { take(stream, line); };
  while (pipe && (reading == Reading::to_the_end || rate_.may_read(Rate::Instant::clock::now()))) {
    const auto size = ::read(pipe.get(), buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size == 0) return pipe.close();  // and so it leaves the supervisor's epoll
    if (size < 0) return;
    rate_.spend(static_cast<std::size_t>(size), Rate::Instant::clock::now());
    lines.feed({buffer.data(), static_cast<std::size_t>(size)}, to_sink);
  }
}

bool ChildState::drain() {
  read(ends_.out, Stream::out, out_lines_, Reading::bounded);
  read(ends_.err, Stream::err, err_lines_, Reading::bounded);
  return !rate_.may_read(Rate::Instant::clock::now());
}

void ChildState::finish(Exit exit) {
  // Nobody writes any more: what is left is at most what the pipes hold.
  read(ends_.out, Stream::out, out_lines_, Reading::to_the_end);
  read(ends_.err, Stream::err, err_lines_, Reading::to_the_end);
  out_lines_.finish([this](std::string_view line) { take(Stream::out, line); });
  err_lines_.finish([this](std::string_view line) { take(Stream::err, line); });
  ends_.out.close();
  ends_.err.close();
  sink_ = nullptr;
  exit.last_lines.assign(last_lines_.begin(), last_lines_.end());
  {
    const std::scoped_lock lock{mutex_};
    exit_ = std::move(exit);
  }
  settled_.set();
  ended_.set();
}

void ChildState::hear(const Message& message) {
  if (message.front() == word_running) {
    settled_.set();
  } else if (message.front() == word_failed && message.size() == 4) {
    give_up({.code = static_cast<Code>(number_of(message[1])),
             .message = message[2],
             .detail = message[3],
             .name = {},
             .fields = {}});
  } else if (message.front() == word_ended && message.size() == 5) {
    finish(exit_of(message));
  }
}

ChildState::Says ChildState::hear() {
  for (;;) {
    auto received = receive_message(ends_.control.get(), Waiting::refused);
    if (!received) {
      if (!exit()) give_up(fail(Code::unavailable, "its keeper was killed").error());
      return Says::ended;
    }
    if (!*received) return exit() ? Says::ended : Says::nothing;
    hear((*received)->message);
  }
}

void ChildState::give_up(Error error) {
  Exit exit;
  exit.text = error.message;
  if (!settled_.is_set()) {
    const std::scoped_lock lock{mutex_};
    failure_ = std::move(error);
  }
  finish(std::move(exit));
}

bool ChildState::tell(const Message& message) const {
  return send_message(ends_.control.get(), message).has_value();
}

std::optional<Error> ChildState::failure() const {
  const std::scoped_lock lock{mutex_};
  return failure_;
}

std::optional<Exit> ChildState::exit() const {
  const std::scoped_lock lock{mutex_};
  return exit_;
}

}  // namespace toolgate::processes
