#include "net/poller.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <limits>
#include <utility>

#include <boost/asio/post.hpp>
#include <sys/epoll.h>

#include "base/result.h"
#include "base/turns.h"

namespace toolgate::net {
namespace {

namespace asio = boost::asio;

constexpr std::size_t events_count_max = 256;
constexpr std::size_t all = std::numeric_limits<std::size_t>::max();
// Clients that have their turn before targets are looked at again, and how often that is done
// before Asio's own work has its turn.
constexpr std::size_t clients_in_turn = 16;
constexpr int turns_in_row = 16;
// So many take some 0.3 ms. On a busy machine others want this thread's core: the thread that they
// wait for, or that waits for them, does (decision 0012).
constexpr std::size_t resumed_before_offer = 64;

template <class Waiter>
std::optional<Waiter> take_if(bool ready, std::optional<Waiter>& from) {
  std::optional<Waiter> taken;
  if (ready && from) {
    taken.emplace(*std::move(from));
    from.reset();
  }
  return taken;
}

}  // namespace

asio::execution_context::id Poller::id;

Poller::Poller(asio::execution_context& context)
    : service{context}, io_{static_cast<asio::io_context&>(context)} {
  const int descriptor = ::epoll_create1(EPOLL_CLOEXEC);
  ASSERT(descriptor >= 0);
  epoll_.emplace(io_, descriptor);
}

Poller& Poller::of(asio::io_context& io) { return asio::use_service<Poller>(io); }

// Destroys what is suspended, as Asio does with its own.
void Poller::shutdown() {
  for (Link* list : {&due_targets_, &due_clients_, &waiting_}) {
    while (!list->empty()) {
      auto& socket = static_cast<Socket&>(list->first());
      socket.leave();
      const auto reader = take_if(true, socket.reader_);
      const auto writer = take_if(true, socket.writer_);
    }
  }
  epoll_.reset();
}

// Waiting for events is no work of its own: a context with nothing else to do ends its run().
void Poller::arm() {
  if (armed_ || !epoll_) return;
  armed_ = true;
  epoll_->async_wait(asio::posix::stream_descriptor::wait_read,
                     [this](const boost::system::error_code& error) {
                       io_.get_executor().on_work_started();
                       armed_ = false;
                       if (!error) on_events();
                     });
  io_.get_executor().on_work_finished();
}

void Poller::on_events() {
  for (int turn = 0; turn < turns_in_row; ++turn) {
    if (resumed_ >= resumed_before_offer) {
      resumed_ = 0;
      offer_turn();
    }
    ask();
    resume_due();
    if (due_clients_.empty()) break;
  }
  if (!due_clients_.empty()) resume_later();
  arm();
}

// First all are told, then the due ones resume: who resumes may destroy other sockets.
void Poller::ask() {
  if (!epoll_) return;
  std::array<epoll_event, events_count_max> events;
  const int count =
      ::epoll_wait(epoll_->native_handle(), events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i) {
    static_cast<Socket*>(events[static_cast<std::size_t>(i)].data.ptr)
        ->told(events[static_cast<std::size_t>(i)].events);
  }
}

// Those that become due meanwhile wait for their turn.
void Poller::resume_due() {
  resume(due_targets_, all);
  resume(due_clients_, clients_in_turn);
}

void Poller::resume(Link& sockets, std::size_t count_max) {
  Link turn;
  turn.take_all(sockets);
  for (std::size_t count = 0; count < count_max && !turn.empty(); ++count) {
    auto& socket = static_cast<Socket&>(turn.first());
    socket.leave();
    socket.resume();
    ++resumed_;
  }
  // Who came meanwhile stands behind them.
  turn.take_all(sockets);
  sockets.take_all(turn);
}

void Poller::resume_later() {
  if (std::exchange(resumes_later_, true)) return;
  asio::post(io_, [this] {
    resumes_later_ = false;
    on_events();
  });
}

Poller::Socket::~Socket() {
  close();
  leave();
}

int Poller::Socket::open(int descriptor) {
  ASSERT(!is_open());
  // EPOLLRDHUP: the end may be told together with the last bytes, and only once.
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.ptr = this}};
  if (!poller_.epoll_ ||
      ::epoll_ctl(poller_.epoll_->native_handle(), EPOLL_CTL_ADD, descriptor, &event) != 0) {
    const int error = poller_.epoll_ ? errno : ECANCELED;
    ::close(descriptor);
    return error;
  }
  descriptor_ = descriptor;
  poller_.arm();
  return 0;
}

void Poller::Socket::close() {
  if (!is_open()) return;
  // Not left to close(): a child of fork() may hold the descriptor for a moment more.
  if (poller_.epoll_) {
    ::epoll_ctl(poller_.epoll_->native_handle(), EPOLL_CTL_DEL, descriptor_, nullptr);
  }
  ::close(std::exchange(descriptor_, -1));
  if (!reader_ && !writer_) return;
  join_due();
  poller_.resume_later();
}

void Poller::Socket::join_due() {
  join(peer_ == Peer::target ? poller_.due_targets_ : poller_.due_clients_);
}

bool Poller::Socket::is_due() const {
  return (reader_ && (may_read_ || !is_open())) || (writer_ && (may_write_ || !is_open()));
}

void Poller::Socket::told(std::uint32_t events) {
  constexpr std::uint32_t over = EPOLLERR | EPOLLHUP;
  if ((events & (EPOLLIN | EPOLLRDHUP | over)) != 0) may_read_ = true;
  if ((events & (EPOLLOUT | over)) != 0) may_write_ = true;
  if ((events & (EPOLLRDHUP | over)) != 0) ended_ = true;
  if (is_due()) join_due();
}

// May destroy this.
void Poller::Socket::resume() {
  auto reader = take_if(may_read_ || !is_open(), reader_);
  auto writer = take_if(may_write_ || !is_open(), writer_);
  if (reader_ || writer_) join(poller_.waiting_);
  if (reader) (*std::move(reader))();
  if (writer) (*std::move(writer))();
}

Task<void> Poller::Socket::wait(std::optional<Waiter>& waiter) {
  return asio::async_initiate<const asio::use_awaitable_t<>, void()>(
      [this, &waiter](Waiter handler) {
        ASSERT(!waiter);
        waiter.emplace(std::move(handler));
        if (is_due()) {
          join_due();
          poller_.resume_later();
        } else {
          join(poller_.waiting_);
        }
      },
      asio::use_awaitable);
}

Task<void> Poller::Socket::readable() { return wait(reader_); }
Task<void> Poller::Socket::writable() { return wait(writer_); }

}  // namespace toolgate::net
