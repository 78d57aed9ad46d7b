// How a channel's waits end, on the poller that tells of them.
#include "net/poller.h"

#include <unistd.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "net/channel.h"
#include "net/test_loop.h"

namespace toolgate::net {
namespace {

namespace asio = boost::asio;
using testing::patience;
using testing::run_until;
using testing::settle;

// A channel and the other end of its socket.
struct Pair {
  explicit Pair(asio::io_context& io, Poller::Peer of = Poller::Peer::client) : channel{io, of} {
    int ends[2];
    ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends);
    peer = ends[1];
    asio::post(io, [this, one = ends[0]] { channel.open(one); });
  }
  ~Pair() { hang_up(); }
  void say(std::string_view text) const {
    EXPECT_EQ(::write(peer, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void hang_up() {
    if (peer >= 0) ::close(std::exchange(peer, -1));
  }

  Channel channel;
  int peer = -1;
};

Task<void> read(Channel& channel, std::size_t at_once, std::vector<std::string>& came) {
  std::string room(at_once, ' ');
  while (true) {
    const auto [error, bytes] = co_await channel.read_some(room.data(), room.size());
    came.push_back(error ? error.message() : room.substr(0, bytes));
    if (error) break;
  }
}

// Until all tasks have ended.
void run(asio::io_context& io) {
  io.restart();
  io.run_for(patience);
}

// The kernel tells of both with one event.
TEST(Poller, TellsOfAnEndThatCameWithTheLastBytes) {
  asio::io_context io;
  Pair pair{io};
  std::vector<std::string> came;
  asio::co_spawn(io, read(pair.channel, 100, came), asio::detached);
  settle(io);  // waits
  pair.say("last");
  ::shutdown(pair.peer, SHUT_WR);
  run(io);
  EXPECT_EQ(came, (std::vector<std::string>{"last", make_error_code(asio::error::eof).message()}));
}

TEST(Poller, TellsOfEachArrival) {
  asio::io_context io;
  Pair pair{io};
  std::vector<std::string> came;
  asio::co_spawn(io, read(pair.channel, 4, came), asio::detached);
  for (const std::string text : {"ab", "cdef", "g", "hijklm"}) {
    pair.say(text);
    settle(io);
  }
  EXPECT_EQ(came, (std::vector<std::string>{"ab", "cdef", "g", "hijk", "lm"}));
}

TEST(Poller, ResumesWhoWaitsOnAClosedSocket) {
  asio::io_context io;
  Pair pair{io};
  std::vector<std::string> came;
  asio::co_spawn(io, read(pair.channel, 100, came), asio::detached);
  settle(io);  // waits
  asio::post(io, [&] {
    pair.channel.close();
    EXPECT_TRUE(came.empty());  // later, not inside of close()
  });
  run(io);
  EXPECT_EQ(came, std::vector{make_error_code(asio::error::operation_aborted).message()});
}

// One that always has more to read does not keep the thread.
TEST(Poller, GivesEachSocketItsTurn) {
  asio::io_context io;
  Pair busy{io};
  Pair other{io};
  busy.say(std::string(20'000, 'x'));
  other.say("y");
  std::vector<std::string> came;
  asio::co_spawn(io, read(busy.channel, 100, came), asio::detached);
  asio::co_spawn(io, read(other.channel, 100, came), asio::detached);
  run_until(io, [&] { return came.size() >= 201; });
  ASSERT_EQ(came.size(), 201U);
  EXPECT_LT(std::ranges::find(came, "y") - came.begin(), 100);
}

// More than the poller hears of at once; nothing else happens that would make it look again.
TEST(Poller, ResumesAllWhoWaitForTargetsThatCloseTogether) {
  asio::io_context io;
  std::vector<std::unique_ptr<Pair>> targets;
  std::vector<std::string> came;
  for (int i = 0; i < 400; ++i) {
    targets.push_back(std::make_unique<Pair>(io, Poller::Peer::target));
    asio::co_spawn(io, read(targets.back()->channel, 100, came), asio::detached);
  }
  settle(io);  // all wait
  asio::post(io, [&] {
    for (const auto& target : targets) target->channel.close();
  });
  run(io);
  EXPECT_EQ(came.size(), targets.size());
}

Task<void> ask_target(Channel& client, const Pair& target, std::vector<std::string>& came) {
  std::string room(10, ' ');
  const auto [error, bytes] = co_await client.read_some(room.data(), room.size());
  if (came.empty()) target.say("answer");
  came.push_back(room.substr(0, bytes));
}

// The answer comes while many clients are waiting already.
TEST(Poller, ResumesWhoWaitsForATargetBeforeFurtherClients) {
  asio::io_context io;
  Pair target{io, Poller::Peer::target};
  std::vector<std::unique_ptr<Pair>> clients;
  std::vector<std::string> came;
  asio::co_spawn(io, read(target.channel, 100, came), asio::detached);
  for (int i = 0; i < 100; ++i) {
    clients.push_back(std::make_unique<Pair>(io));
    asio::co_spawn(io, ask_target(clients.back()->channel, target, came), asio::detached);
  }
  settle(io);  // all wait
  for (const auto& client : clients) client->say("ask");
  run_until(io, [&] { return came.size() >= 101; });
  ASSERT_EQ(came.size(), 101U);
  EXPECT_LT(std::ranges::find(came, "answer") - came.begin(), 40);
}

Task<void> write_all(Channel& channel, const std::string& text, std::optional<ErrorCode>& done) {
  Pieces pieces{text};
  done = co_await channel.write(pieces);
}

TEST(Poller, TellsWhenThereIsRoomToWriteAgain) {
  asio::io_context io;
  Pair pair{io};
  const std::string text(3'000'000, 'z');
  std::optional<ErrorCode> done;
  asio::co_spawn(io, write_all(pair.channel, text, done), asio::detached);
  std::size_t taken = 0;
  std::array<char, 65536> room;
  for (int i = 0; i < 1'000 && taken < text.size(); ++i) {
    settle(io);
    for (ssize_t n = 0; (n = ::read(pair.peer, room.data(), room.size())) > 0;) {
      taken += static_cast<std::size_t>(n);
    }
  }
  EXPECT_EQ(taken, text.size());
  EXPECT_TRUE(done.has_value() && !*done);
}

// With both a reader and a writer suspended; what they hold is destroyed (leaks are looked for
// under ASan).
TEST(Poller, DestroysWhatIsSuspendedWithItsContext) {
  const auto held = std::make_shared<int>(1);
  {
    asio::io_context io;
    auto pair = std::make_shared<Pair>(io);
    const auto task = [](std::shared_ptr<Pair> mine, std::shared_ptr<int> keep,
                         bool reads) -> Task<void> {
      std::string text(3'000'000, 'z');
      Pieces pieces{text};
      if (reads) {
        co_await mine->channel.read_some(text.data(), text.size());
      } else {
        co_await mine->channel.write(pieces);
      }
      *keep = 2;
    };
    asio::co_spawn(io, task(pair, held, true), asio::detached);
    asio::co_spawn(io, task(pair, held, false), asio::detached);
    pair.reset();
    settle(io);
    EXPECT_EQ(held.use_count(), 3);
  }
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_EQ(*held, 1);
}

}  // namespace
}  // namespace toolgate::net
