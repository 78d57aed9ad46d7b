#include "base/log.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <thread>

#include <sys/uio.h>

namespace toolgate::log {
namespace {

constexpr std::array<std::string_view, 5> level_names{"debug", "info", "warn", "error", "off"};
// A burst larger than this is written by the thread that logs it, which slows that thread down.
constexpr std::size_t pending_bytes_max = 4 * 1024 * 1024;
constexpr auto flush_every = std::chrono::milliseconds{50};

std::atomic<Level> lowest{Level::info};

void write_all(std::string_view text) {
  while (!text.empty()) {
    const auto n = ::write(STDERR_FILENO, text.data(), text.size());
    if (n <= 0) return;  // nobody reads the log; there is nowhere to say so
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

// The only state of the log. It is never destroyed, so that a late line finds it.
struct Writer {
  std::mutex mutex;
  std::condition_variable wake;
  std::string pending;
  bool running = false;
  std::thread thread;

  void run() {
    std::string lines;
    std::unique_lock lock{mutex};
    while (running || !pending.empty()) {
      wake.wait_for(lock, flush_every, [this] { return !running; });
      std::swap(lines, pending);
      lock.unlock();
      write_all(lines);
      lines.clear();
      lock.lock();
    }
  }
};

Writer& writer() {
  static auto* const one = new Writer;
  return *one;
}

// "2026-11-21T04:05:06.789Z ", printed again only when the second changes.
void append_time(std::string& line) {
  using namespace std::chrono;
  const auto now = system_clock::now();
  const auto since = now.time_since_epoch();
  const auto second = duration_cast<seconds>(since).count();
  const auto milli = static_cast<int>(duration_cast<milliseconds>(since).count() % 1000);
  thread_local std::int64_t printed_second = -1;
  thread_local std::array<char, 32> printed{};
  if (second != printed_second) {
    const std::time_t time = second;
    std::tm parts{};
    gmtime_r(&time, &parts);
    std::strftime(printed.data(), printed.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    printed_second = second;
  }
  line.append(printed.data(), 19);
  const std::array<char, 6> tail{'.',
                                 static_cast<char>('0' + milli / 100),
                                 static_cast<char>('0' + milli / 10 % 10),
                                 static_cast<char>('0' + milli % 10),
                                 'Z',
                                 ' '};
  line.append(tail.data(), tail.size());
}

}  // namespace

bool set_level(std::string_view name) {
  for (std::size_t i = 0; i < level_names.size(); ++i) {
    if (level_names[i] == name) {
      lowest = static_cast<Level>(i);
      return true;
    }
  }
  return false;
}

bool enabled(Level level) { return level >= lowest.load(std::memory_order_relaxed); }

void start() {
  auto& w = writer();
  const std::scoped_lock lock{w.mutex};
  if (w.running) return;
  w.running = true;
  w.thread = std::thread{[&w] { w.run(); }};
}

void stop() {
  auto& w = writer();
  {
    const std::scoped_lock lock{w.mutex};
    if (!w.running) return;
    w.running = false;
  }
  w.wake.notify_all();
  w.thread.join();
}

void write(Level level, std::string_view message) { write(level, {message}); }

void write(Level level, std::initializer_list<std::string_view> pieces) {
  if (!enabled(level)) return;
  thread_local std::string line;
  line.clear();
  append_time(line);
  line += level_names[static_cast<std::size_t>(level)];
  line += ' ';
  for (const auto piece : pieces) line += piece;
  // Others' words are in it: a newline would begin a line of theirs, an escape sequence would speak
  // to who reads it in a terminal.
  for (char& c : line) {
    c = static_cast<unsigned char>(c) < ' ' || c == '\x7f' ? ' ' : c;
  }
  line += '\n';
  auto& w = writer();
  std::unique_lock lock{w.mutex};
  if (w.running && w.pending.size() < pending_bytes_max) {
    w.pending += line;
    return;
  }
  lock.unlock();
  write_all(line);
}

}  // namespace toolgate::log
