// Sessions with real processes: how long they live.
#include "runtimes/sessions.h"

#include <fstream>
#include <thread>

#include "base/offload.h"
#include "net/address_guard.h"
#include "net/client.h"
#include "net/server.h"
#include "processes/test_bench.h"
#include "runtimes/hooks.h"

namespace toolgate::runtimes {
namespace {

using namespace std::chrono_literals;
using processes::testing::Bench;

// Before gtest's main: this program, executed again by Helper::launch, is the helper.
[[maybe_unused]] const bool was_helper = [] {
  std::ifstream line{"/proc/self/cmdline"};
  const std::string words{std::istreambuf_iterator<char>{line}, {}};
  const std::string wanted = std::string(1, '\0') + std::string{processes::helper_word} + '\0';
  if (words.ends_with(wanted)) ::_exit(processes::run_helper());
  return false;
}();

// Says Healthy, and HealthyBusy while the file `busy` or `busy-PORT` is there.
constexpr std::string_view program = R"(import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        names = 'busy', 'busy-' + os.environ['TOOLGATE_PORT_GIVEN']
        busy = any(map(os.path.exists, names))
        text = b'{"status": "%s"}' % (b'HealthyBusy' if busy else b'Healthy')
        self.send_response(200)
        self.send_header('Content-Length', str(len(text)))
        self.end_headers()
        self.wfile.write(text)
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(('0.0.0.0', 8080), Handler).serve_forever()
)";

class SessionsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(write_hooks(bench.folder.make("hooks")));
    bench.folder.make("tree");
    bench.folder.write("tree/server.py", std::string{program});
    server.run();
  }
  void TearDown() override {
    for (const auto& one : all) one->stop(0ms);
    EXPECT_TRUE(bench.nothing_left());
    server.stop(within(5s));
  }

  std::shared_ptr<Sessions> make(std::chrono::seconds idle, std::chrono::seconds life,
                                 Sessions::Sharing sharing = Sessions::Sharing::one_each) {
    Launch launch;
    launch.recipe.command = command;
    launch.python.interpreter.program = "/usr/bin/python3";
    launch.recipe.directory = ".";
    launch.tree = bench.folder.path("tree");
    launch.hooks = bench.folder.path("hooks");
    launch.variables = {{"MARK", bench.mark}};
    const Instance::Options options{.name = "test",
                                    .launch = launch,
                                    .idle_timeout = idle,
                                    .max_lifetime = life,
                                    .start_within = start_within,
                                    .supervisor = bench.supervisor.get(),
                                    .offload = &offload,
                                    .client = &client,
                                    .output = bench.output.sink(),
                                    .ended = {}};
    auto sessions = std::make_shared<Sessions>(
        table, sharing, [this, options](std::function<void(const Instance&)> ended) {
          Instance::Options own = options;
          own.launch.scratch = bench.folder.path(fmt::format("scratch-{}", ++made));
          own.ended = std::move(ended);
          auto instance = std::make_shared<Instance>(std::move(own));
          instance->start(*server.workers().front());
          return instance;
        });
    sessions->start();
    all.push_back(sessions);
    return sessions;
  }
  // The port of a session's process: another port is another process.
  static int port_of(Sessions& sessions, const std::string& session) {
    const auto taken = run_task(sessions.take(session, within(20s)));
    EXPECT_TRUE(taken) << (taken ? "" : taken.error().message);
    return taken ? taken->port : 0;
  }
  void say_busy(int port) { bench.folder.write(fmt::format("tree/busy-{}", port), ""); }
  void say_idle(int port) {
    std::filesystem::remove(bench.folder.path(fmt::format("tree/busy-{}", port)));
  }
  bool soon_without_sessions(std::chrono::milliseconds time) {
    return processes::testing::soon([this] { return table->count() == 0; }, time);
  }

  Bench bench;
  net::Server server{{.threads = 1}};
  Offload offload{2};  // ends first: its work answers to the server's threads
  net::AddressGuard guard = *net::AddressGuard::make({.allow_loopback = true});
  net::Client client{*server.workers().front(),
                     {.guard = &guard, .inner = nullptr, .offload = &offload}};
  std::shared_ptr<SessionTable> table = std::make_shared<SessionTable>(2);
  std::vector<std::shared_ptr<Sessions>> all;
  std::atomic<int> made = 0;
  std::vector<std::string> command{"python", "server.py"};
  std::chrono::seconds start_within{60};
};

TEST_F(SessionsTest, EndsASessionThatIsIdle) {
  const auto sessions = make(3s, 60s);
  const int port = port_of(*sessions, "a");
  EXPECT_EQ(port_of(*sessions, "a"), port);
  EXPECT_EQ(table->count(), 1);
  EXPECT_TRUE(soon_without_sessions(30s));
  EXPECT_NE(port_of(*sessions, "a"), port);
}

TEST_F(SessionsTest, ASessionThatSaysThatItIsBusyIsNotIdle) {
  const std::string busy = bench.folder.write("tree/busy", "");  // from the first moment
  const auto sessions = make(1s, 60s);
  const int port = port_of(*sessions, "a");
  EXPECT_FALSE(soon_without_sessions(4s));
  EXPECT_EQ(port_of(*sessions, "a"), port);
  std::filesystem::remove(busy);
  EXPECT_TRUE(soon_without_sessions(30s));
}

TEST_F(SessionsTest, EndsASessionThatIsOldThoughItIsUsed) {
  const auto sessions = make(60s, 3s);
  const int port = port_of(*sessions, "a");
  const auto until = std::chrono::steady_clock::now() + 30s;
  while (port_of(*sessions, "a") == port && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(200ms);
  }
  EXPECT_NE(port_of(*sessions, "a"), port);
}

TEST_F(SessionsTest, OneInUseIsNeverEndedForAnother) {
  const auto sessions = make(60s, 60s);
  const auto a = run_task(sessions->take("a", within(20s)));
  const auto b = run_task(sessions->take("b", within(20s)));
  ASSERT_TRUE(a && b);
  const auto c = run_task(sessions->take("c", within(20s)));
  ASSERT_FALSE(c);
  EXPECT_EQ(c.error().code, Code::throttled);
  EXPECT_EQ(table->count(), 2);
}

TEST_F(SessionsTest, OneThatSaysThatItIsBusyIsNotEndedForAnother) {
  const auto sessions = make(60s, 60s);
  const int a = port_of(*sessions, "a");
  const int b = port_of(*sessions, "b");
  say_busy(a);
  const int c = port_of(*sessions, "c");  // the place of b, though a was used before it
  EXPECT_EQ(port_of(*sessions, "a"), a);
  EXPECT_EQ(table->count(), 2);
  say_busy(c);
  const auto none = run_task(sessions->take("b", within(20s)));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Code::throttled);
  say_idle(c);
  EXPECT_NE(port_of(*sessions, "b"), b);
}

TEST_F(SessionsTest, OneThatNeverAnswersIsGivenUpWithWhatItSaid) {
  command = {"python", "-c", "import time; print('still loading', flush=True); time.sleep(60)"};
  start_within = 5s;
  const auto sessions = make(60s, 60s);
  const auto ready = run_task(sessions->ready(within(30s)));
  ASSERT_FALSE(ready);
  EXPECT_EQ(ready.error().code, Code::unavailable);
  EXPECT_NE(ready.error().message.find("did not answer on port 8080 within 5 seconds"),
            std::string::npos)
      << ready.error().message;
  EXPECT_NE(ready.error().message.find("still loading"), std::string::npos);
  EXPECT_TRUE(bench.nothing_left());
}

TEST_F(SessionsTest, ASharedProcessSleepsWhenItIsIdleAndIsWoken) {
  const auto sessions = make(3s, 60s, Sessions::Sharing::all_one);
  EXPECT_GT(port_of(*sessions, "a"), 0);
  EXPECT_TRUE(bench.nothing_left());
  EXPECT_GT(port_of(*sessions, "b"), 0);
  EXPECT_FALSE(processes::testing::processes_with(bench.mark).empty());
}

TEST_F(SessionsTest, AllOfAnMcpServerShareOne) {
  const auto sessions = make(60s, 60s, Sessions::Sharing::all_one);
  EXPECT_EQ(port_of(*sessions, "a"), port_of(*sessions, "b"));
  EXPECT_EQ(table->count(), 0);
  sessions->stop(0ms);
  const auto late = run_task(sessions->take("a", within(1s)));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Code::conflict);
}

}  // namespace
}  // namespace toolgate::runtimes
