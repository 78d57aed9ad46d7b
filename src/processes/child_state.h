// One child as the server's process knows it: its pipes, its keeper's socket, its end.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/event.h"
#include "processes/output.h"
#include "processes/wire.h"

namespace toolgate::processes {

class ChildState {
 public:
  struct Ends {
    Descriptor out;  // ours of the pipes; not blocking
    Descriptor err;
    Descriptor control;  // to the keeper
  };
  ChildState(std::uint64_t id, Ends ends, OutputSink sink, const Bounds& bounds);

  // On the supervisor's thread.
  enum class Says : std::uint8_t { nothing, ended };
  Says hear();  // the keeper's messages
  // Reads what the rate allows; true when it reads no more until the rate has recovered.
  bool drain();
  [[nodiscard]] const Ends& ends() const { return ends_; }

  // Any thread.
  [[nodiscard]] std::uint64_t id() const { return id_; }
  bool tell(const Message& message) const;
  [[nodiscard]] Event& settled() { return settled_; }  // runs, or failed to start
  [[nodiscard]] Event& ended() { return ended_; }
  [[nodiscard]] std::optional<Error> failure() const;
  [[nodiscard]] std::optional<Exit> exit() const;
  void give_up(Error error);  // it never started

 private:
  enum class Reading : std::uint8_t { bounded, to_the_end };
  void read(Descriptor& pipe, Stream stream, Lines& lines, Reading reading);
  void take(Stream stream, std::string_view line);
  void finish(Exit exit);
  void hear(const Message& message);

  const std::uint64_t id_;
  Ends ends_;
  OutputSink sink_;
  Lines out_lines_{line_bytes_max};
  Lines err_lines_{line_bytes_max};
  Rate rate_;
  std::deque<std::string> last_lines_;
  Event settled_;
  Event ended_;
  mutable std::mutex mutex_;  // of the two below
  std::optional<Error> failure_;
  std::optional<Exit> exit_;
};

}  // namespace toolgate::processes
