// What belongs to one I/O thread: its executor, its HTTP client, and whatever a room keeps per
// thread. Nothing here is shared, so nothing is locked.
#pragma once

#include <memory>
#include <vector>

#include <boost/asio/io_context.hpp>

namespace toolgate::net {

class Client;

class Worker {
 public:
  Worker(std::size_t index, boost::asio::io_context& io) : index_{index}, io_{io} {}
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  [[nodiscard]] std::size_t index() const { return index_; }
  [[nodiscard]] boost::asio::io_context& io() { return io_; }

  // Set once, by who builds the threads, before any request.
  void set_client(Client& client) { client_ = &client; }
  [[nodiscard]] Client& client() { return *client_; }

  // This thread's one object of a type, made at first use: a session pool, a token cache, the
  // current snapshots. Only from this thread.
  template <class Slot>
  Slot& local() {
    const std::size_t number = slot_number<Slot>;
    if (number >= slots_.size()) slots_.resize(number + 1);
    auto& slot = slots_[number];
    if (!slot) slot = std::make_shared<Slot>();
    return *static_cast<Slot*>(slot.get());
  }

 private:
  std::size_t index_;
  boost::asio::io_context& io_;
  Client* client_ = nullptr;
  // A number for each type that is ever asked for, given out before main.
  static inline std::size_t slot_count = 0;
  template <class Slot>
  static inline const std::size_t slot_number = slot_count++;

  std::vector<std::shared_ptr<void>> slots_;
};

}  // namespace toolgate::net
