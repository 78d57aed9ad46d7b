// One connection of the client to an origin, and the idle ones of a thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "net/channel.h"
#include "net/client.h"
#include "net/parser.h"
#include "net/ticker.h"

namespace toolgate::net {

struct Origin {
  std::string host;
  std::uint16_t port = 0;
  bool tls = false;
};

class UpstreamPool;

class Upstream final : private Ticker::Watch {
 public:
  Upstream(boost::asio::io_context& io, Origin origin)
      : channel{io, Poller::Peer::target}, origin_{std::move(origin)}, ticker_{Ticker::of(io)} {}

  Channel channel;
  std::string out;        // the request's head
  ResponseParser parser;  // its views are into `buffer`
  // What has come of the answer: the first `filled` bytes. Given to the caller with the answer, and
  // used again once the caller has dropped it.
  std::shared_ptr<std::string> buffer;
  std::size_t filled = 0;

  [[nodiscard]] const Origin& origin() const { return origin_; }
  [[nodiscard]] std::string_view bytes() const { return {buffer->data(), filled}; }
  // Where to read into, short of the padding.
  [[nodiscard]] std::span<char> room();
  // An empty buffer of our own.
  void renew_buffer();
  // A larger one, for `bytes` bytes in all; views into the old one are void.
  void grow_buffer(std::size_t bytes);

  // Closes the channel when it has passed, or when the caller has gone before, so that what waits
  // fails.
  void give_until(Deadline deadline);
  void give_all_time() { Ticker::clear(*this); }
  // Whose request this connection works on; nobody's when it is given back.
  void work_for(std::shared_ptr<const Caller> caller);
  // Why the channel was closed, if it was: `late` says what did not happen in time.
  [[nodiscard]] bool given_up() const { return given_up_; }
  [[nodiscard]] std::unexpected<Error> why_given_up(std::string_view step, std::string_view late,
                                                    const Url& url) const;

 private:
  friend class UpstreamPool;
  void on_deadline() override;

  Origin origin_;
  Ticker& ticker_;
  std::shared_ptr<const Caller> caller_;
  Deadline until_;
  Deadline next_look_;  // after the caller, however often the deadline is set anew till then
  bool given_up_ = false;
  bool abandoned_ = false;  // by the caller
  // The pool's.
  UpstreamPool* idle_in_ = nullptr;
  Deadline idle_since_;
  int answers_ = 0;
};

// The idle connections of one thread, last in first out. Who holds a connection shares the pool, so
// that it outlives the client when a task does.
class UpstreamPool {
 public:
  UpstreamPool(Ticker& ticker, std::size_t idle_per_origin_max)
      : ticker_{ticker}, idle_per_origin_max_{idle_per_origin_max} {}

  // An idle connection that its peer has not closed, or null.
  std::unique_ptr<Upstream> take(const Url& url);
  void give_back(std::unique_ptr<Upstream> upstream);
  // Idle connections end now, and those in use when they are given back.
  void close();

 private:
  friend class Upstream;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(const Origin& o) const { return hash(o.host, o.port); }
    std::size_t operator()(const Url& u) const { return hash(u.host, u.port); }
    static std::size_t hash(std::string_view host, std::uint16_t port) {
      return std::hash<std::string_view>{}(host) ^ port;
    }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const Origin& a, const Origin& b) const {
      return a.port == b.port && a.tls == b.tls && a.host == b.host;
    }
    bool operator()(const Url& a, const Origin& b) const {
      return a.port == b.port && a.tls() == b.tls && a.host == b.host;
    }
    bool operator()(const Origin& a, const Url& b) const { return (*this)(b, a); }
  };
  using Idle = std::vector<std::unique_ptr<Upstream>>;

  void remove(Upstream& upstream);

  Ticker& ticker_;
  const std::size_t idle_per_origin_max_;
  std::unordered_map<Origin, Idle, Hash, Equal> idle_;
  std::size_t idle_count_ = 0;
  bool closed_ = false;
};

}  // namespace toolgate::net
