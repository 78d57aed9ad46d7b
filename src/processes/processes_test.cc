#include "processes/processes.h"

#include <fcntl.h>

#include <csignal>
#include <fstream>

#include <sys/wait.h>

#include "processes/test_bench.h"

namespace toolgate::processes {
namespace {

using namespace testing;

// Before gtest's main: this program, executed again by Helper::launch, is the helper.
[[maybe_unused]] const bool was_helper = [] {
  std::ifstream line{"/proc/self/cmdline"};
  const std::string words{std::istreambuf_iterator<char>{line}, {}};
  const std::string wanted = std::string(1, '\0') + std::string{helper_word} + '\0';
  if (words.ends_with(wanted)) ::_exit(run_helper());
  return false;
}();

struct Case {
  const char* name;
  Sandbox sandbox;
  User user;
};
void PrintTo(const Case& value, std::ostream* out) { *out << value.name; }

class EverySandbox : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    if (::geteuid() != 0 && GetParam().user == User::nobody) GTEST_SKIP() << "needs root";
    if (::geteuid() != 0 && GetParam().sandbox == Sandbox::own_user) GTEST_SKIP() << "needs root";
    // What the server has when it starts its helper, without close-on-exec, on purpose.
    ::setenv("TOOLGATE_TEST_SECRET", "inherited-secret", 1);
    leaked = ::open("/etc/hostname", O_RDONLY);
    bench.emplace(GetParam().sandbox, GetParam().user);
    if (bench->supervisor->sandbox() == Sandbox::none) GTEST_SKIP() << "not on this machine";
  }
  void TearDown() override {
    ::unsetenv("TOOLGATE_TEST_SECRET");
    if (leaked >= 0) ::close(leaked);
  }
  std::optional<Bench> bench;
  int leaked = -1;
};
INSTANTIATE_TEST_SUITE_P(Processes, EverySandbox,
                         ::testing::Values(Case{"OwnUser", Sandbox::own_user, User::own},
                                           Case{"Bubblewrap", Sandbox::bubblewrap, User::nobody},
                                           Case{"Landlock", Sandbox::landlock, User::nobody}),
                         [](const auto& info) { return std::string{info.param.name}; });

TEST_P(EverySandbox, GivesOutputLineByLineAndTheExitCode) {
  const Exit exit = bench->run(bench->shell("echo one; echo two >&2; printf three; exit 3"));
  EXPECT_EQ(exit.why, Exit::Why::exited);
  EXPECT_EQ(exit.code, 3);
  EXPECT_EQ(exit.text, "exited with code 3");
  EXPECT_TRUE(bench->output.has("one"));
  EXPECT_TRUE(bench->output.has("! two"));
  EXPECT_TRUE(bench->output.has("three"));
  EXPECT_EQ(exit.last_lines.size(), 3U);
}

TEST_P(EverySandbox, InheritsNeitherEnvironmentNorDescriptors) {
  bench->run(bench->shell("env; ls -l /proc/$$/fd; cat /proc/[0-9]*/environ | tr '\\0' '\\n'"));
  const std::string text = bench->output.text();
  EXPECT_EQ(text.find("inherited-secret"), std::string::npos) << text;
  EXPECT_EQ(text.find("/etc/hostname"), std::string::npos) << text;
  EXPECT_EQ(text.find("socket:"), std::string::npos) << text;
  EXPECT_NE(text.find("MARK=" + bench->mark), std::string::npos) << text;
}

TEST_P(EverySandbox, SeesNeitherTheDataDirectoryNorTheKey) {
  bench->run(bench->shell(
      fmt::format("cat {0}/secret; ls {0}; cat {1}; echo end", bench->secret, bench->key)));
  const std::string text = bench->output.text();
  EXPECT_EQ(text.find("the-secret"), std::string::npos) << text;
  EXPECT_EQ(text.find("the-key"), std::string::npos) << text;
  EXPECT_TRUE(bench->output.has("end")) << text;
}

TEST_P(EverySandbox, SeesItsOwnFolderInsideOfTheDataDirectory) {
  const std::string own = bench->folder.make("data/functions/one", 0777);
  bench->folder.write("data/functions/one/code", "its-code");
  auto command =
      bench->shell(fmt::format("cat code; echo new > made; cat {}/secret", bench->secret));
  command.directory = own;
  command.writable = {own};
  bench->run(command);
  EXPECT_TRUE(bench->output.has("its-code")) << bench->output.text();
  EXPECT_EQ(bench->output.text().find("the-secret"), std::string::npos);
  EXPECT_EQ(bench->folder.read("data/functions/one/made"), "new\n");
}

TEST_P(EverySandbox, WritesOnlyWhereItMay) {
  const std::string readable = bench->folder.make("readable", 0777);
  bench->folder.write("readable/file", "readable-text", 0666);
  const std::string other = bench->folder.make("other", 0777);
  auto command =
      bench->shell(fmt::format("echo x > {0}/file; echo y > {1}/file; echo z > file; "
                               "cat {0}/file",
                               readable, other));
  command.readable = {readable};
  bench->run(command);
  EXPECT_TRUE(bench->output.has("readable-text")) << bench->output.text();
  EXPECT_EQ(bench->folder.read("readable/file"), "readable-text");
  EXPECT_EQ(bench->folder.read("other/file"), "");
  EXPECT_EQ(bench->folder.read("work/file"), "z\n");
}

TEST_P(EverySandbox, CannotSignalTheServer) {
  bench->run(
      bench->shell(fmt::format("kill -9 {}; kill -9 {}; echo $?", ::getpid(), bench->helper_pid)));
  EXPECT_EQ(bench->run(bench->shell("exit 5")).code, 5);
}

TEST_P(EverySandbox, HasNoPrivileges) {
  bench->run(bench->shell("grep -E 'CapEff|CapBnd|NoNewPrivs' /proc/self/status"));
  EXPECT_TRUE(bench->output.has("CapEff:\t0000000000000000")) << bench->output.text();
  EXPECT_TRUE(bench->output.has("CapBnd:\t0000000000000000")) << bench->output.text();
  EXPECT_TRUE(bench->output.has("NoNewPrivs:\t1")) << bench->output.text();
}

TEST_P(EverySandbox, LeavesNoProcessWhenTheFirstEnds) {
  const Exit exit = bench->run(bench->shell(
      "(setsid sh -c 'trap \"\" TERM HUP; sleep 1000' >/dev/null 2>&1 &) ; sleep 0.1; exit 0"));
  EXPECT_EQ(exit.code, 0);
  EXPECT_TRUE(processes_with(bench->mark).empty());
}

TEST_P(EverySandbox, AsksBeforeItKills) {
  auto child =
      bench->spawn(bench->shell("trap 'echo asked; exit 4' TERM; echo ready; "
                                "while :; do sleep 0.05; done"));
  ASSERT_TRUE(child) << child.error().message;
  ASSERT_TRUE(soon([&] { return bench->output.has("ready"); }));
  const Exit exit = run_task((*child)->stop(5s));
  EXPECT_EQ(exit.why, Exit::Why::stopped);
  EXPECT_EQ(exit.code, 4);
  EXPECT_TRUE(bench->output.has("asked"));
  EXPECT_FALSE((*child)->running());
}

TEST_P(EverySandbox, KillsATreeThatIgnoresSigterm) {
  auto child = bench->spawn(bench->shell(
      "trap '' TERM; (setsid sh -c 'trap \"\" TERM; while :; do sleep 0.1; done' &) ; echo ready; "
      "while :; do sleep 0.1; done"));
  ASSERT_TRUE(child) << child.error().message;
  ASSERT_TRUE(soon([&] { return bench->output.has("ready"); }));
  const Exit exit = run_task((*child)->stop(300ms));
  EXPECT_EQ(exit.why, Exit::Why::stopped);
  EXPECT_TRUE(processes_with(bench->mark).empty());
}

TEST_P(EverySandbox, EndsWhatAllocatesWithoutEnd) {
  auto command = bench->shell("exec perl -e 'my @a; push @a, \"x\" x 1048576 while 1'");
  command.bounds.memory_bytes_max = 64 * 1024 * 1024;
  const Exit exit = bench->run(command);
  EXPECT_EQ(exit.why, Exit::Why::memory) << exit.text;
  EXPECT_NE(exit.text.find("its bound is 67108864"), std::string::npos) << exit.text;
}

TEST_P(EverySandbox, EndsAForkBomb) {
  auto command = bench->shell("exec perl -e 'fork while 1'");
  command.bounds.processes_count_max = 40;
  const Exit exit = bench->run(command);
  EXPECT_EQ(exit.why, Exit::Why::processes) << exit.text;
  EXPECT_TRUE(bench->nothing_left());
}

TEST_P(EverySandbox, SlowsDownWhatPrintsWithoutEnd) {
  auto command = bench->shell("exec yes 0123456789012345678901234567890123456789");
  command.bounds.output_bytes_per_second_max = 100'000;
  const auto begun = std::chrono::steady_clock::now();
  auto child = bench->spawn(command);
  ASSERT_TRUE(child) << child.error().message;
  const auto none = run_task((*child)->wait(within(2s)));
  EXPECT_FALSE(none);
  EXPECT_TRUE(soon([&] { return bench->output.bytes() > 100'000; }));
  const auto bytes = static_cast<double>(bench->output.bytes());
  const std::chrono::duration<double> lasted = std::chrono::steady_clock::now() - begun;
  EXPECT_LT(bytes, 100'000 * (lasted.count() + 3));
  EXPECT_EQ(run_task((*child)->stop(1s)).why, Exit::Why::stopped);
}

TEST_P(EverySandbox, CutsLinesThatAreTooLong) {
  bench->run(bench->shell("head -c 40000 /dev/zero | tr '\\0' x; echo; echo after"));
  const auto lines = bench->output.lines();
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0].size(), line_bytes_max);
  EXPECT_EQ(lines[2].size(), 40'000 - 2 * line_bytes_max);
  EXPECT_EQ(lines[3], "after");
}

TEST_P(EverySandbox, TakesTheNetworkAway) {
  auto command = bench->shell("cat /proc/net/dev | tail -n +3 | cut -d: -f1 | tr -d ' '");
  command.network = Network::none;
  bench->run(command);
  EXPECT_EQ(bench->output.text(), "lo\n");
}

TEST_P(EverySandbox, GivesAPrivateScratchFolder) {
  const auto probe = std::filesystem::temp_directory_path() / (bench->mark + "-scratch");
  bench->run(bench->shell(fmt::format("echo x > {0}; cat {0}", probe.string())));
  EXPECT_TRUE(bench->output.has("x")) << bench->output.text();
  EXPECT_FALSE(std::filesystem::exists(probe));
}

TEST_P(EverySandbox, SeesNoSocketsOfOtherServicesAndNoHomes) {
  bench->run(
      bench->shell("ls -A /root /home /run 2>/dev/null | grep -v -e : -e systemd -e resolvconf -e "
                   "NetworkManager -e '^$'; find /run -type s 2>/dev/null; echo end"));
  EXPECT_EQ(bench->output.text(), "end\n");
}

TEST_P(EverySandbox, ReadsNothingBesideTheSystemAndWhatItIsGiven) {
  // Readable for everybody, but neither the system's nor listed.
  bench->run(
      bench->shell(fmt::format("cat {} > /dev/null && echo read; echo x > /made && echo made;"
                               "ls /usr/bin > /dev/null && echo system",
                               own_program())));
  EXPECT_FALSE(bench->output.has("read")) << bench->output.text();
  EXPECT_FALSE(bench->output.has("made")) << bench->output.text();
  EXPECT_TRUE(bench->output.has("system")) << bench->output.text();
}

TEST_P(EverySandbox, EndsWithItsHandle) {
  auto child = bench->spawn(bench->shell("sleep 1000"));
  ASSERT_TRUE(child) << child.error().message;
  EXPECT_FALSE(processes_with(bench->mark).empty());
  child->reset();
  EXPECT_TRUE(bench->nothing_left());
}

TEST_P(EverySandbox, EndsWithTheSupervisor) {
  auto child = bench->spawn(bench->shell("(setsid sleep 1000 &); trap '' TERM; sleep 1000"));
  ASSERT_TRUE(child) << child.error().message;
  bench->supervisor.reset();
  EXPECT_FALSE((*child)->running());
  EXPECT_TRUE(processes_with(bench->mark).empty());
}

TEST_P(EverySandbox, EndsWhenItsHelperIsKilledAndTheServerToo) {
  // The server is a process of its own here, killed without a chance to tidy up.
  const int server = ::fork();
  ASSERT_GE(server, 0);
  if (server == 0) {
    Bench own{GetParam().sandbox, GetParam().user};
    own.mark = bench->mark;
    auto child = own.spawn(own.shell("(setsid sleep 1000 &); trap '' TERM; sleep 1000"));
    ::kill(own.helper_pid, SIGKILL);
    ::kill(::getpid(), child ? SIGKILL : SIGTERM);
  }
  int status = 0;
  ::waitpid(server, &status, 0);
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
  EXPECT_TRUE(bench->nothing_left());
}

TEST_P(EverySandbox, SaysWhatIsWrongWithACommand) {
  const auto failure = [&](Command command) {
    const auto child = bench->spawn(std::move(command));
    EXPECT_FALSE(child);
    return child ? Error{} : child.error();
  };
  Command command = bench->shell("");
  command.argv = {"no-such-program"};
  EXPECT_EQ(failure(command).code, Code::invalid);
  EXPECT_NE(failure(command).message.find("no-such-program: no such program in PATH"),
            std::string::npos);
  command.argv = {bench->folder.write("work/text", "text")};
  EXPECT_EQ(failure(command).code, Code::invalid);
  command = bench->shell("");
  command.directory = "/no/such/folder";
  EXPECT_EQ(failure(command).code, Code::invalid);
  command = bench->shell("");
  command.writable = {bench->secret};
  EXPECT_EQ(failure(command).code, Code::invalid);
  command = bench->shell(std::string(200'000, 'x'));
  EXPECT_EQ(failure(command).code, Code::too_large);
}

TEST(Supervisor, RefusesToRunWithoutASandbox) {
  Bench bench{Sandbox::none};
  const auto child = bench.spawn(bench.shell("true"));
  ASSERT_FALSE(child);
  EXPECT_EQ(child.error().code, Code::unavailable);
}

TEST(Supervisor, ReportsASignalFromOutside) {
  Bench bench;
  const Exit exit = bench.run(bench.shell("kill -SEGV $$; sleep 1"));
  EXPECT_EQ(exit.why, Exit::Why::signalled);
  EXPECT_EQ(exit.signal, SIGSEGV);
}

TEST(Supervisor, RunsManyAtOnce) {
  Bench bench;
  std::vector<std::shared_ptr<Child>> children;
  for (int i = 0; i < 30; ++i) {
    auto child = bench.spawn(bench.shell(fmt::format("echo {}; exit {}", i, i)));
    ASSERT_TRUE(child) << child.error().message;
    children.push_back(*child);
  }
  for (int i = 0; i < 30; ++i) {
    const auto exit = run_task(children[static_cast<std::size_t>(i)]->wait(within(20s)));
    ASSERT_TRUE(exit);
    EXPECT_EQ(exit->code, i);
  }
  EXPECT_EQ(bench.output.lines().size(), 30U);
}

TEST(Supervisor, GoesOnWithAnotherHelperWhenItsOwnIsKilled) {
  Bench bench;
  const auto before =
      bench.spawn(bench.shell("trap 'exit 4' TERM; echo ready; "
                              "while :; do sleep 0.05; done"));
  ASSERT_TRUE(before);
  ASSERT_TRUE(soon([&] { return bench.output.has("ready"); }));
  ::kill(bench.helper_pid, SIGKILL);
  ASSERT_TRUE(soon([&] { return bench.spawn(bench.shell("true")).has_value(); }));
  EXPECT_EQ(bench.run(bench.shell("exit 5")).code, 5);
  EXPECT_TRUE((*before)->running());
  EXPECT_EQ(run_task((*before)->stop(5s)).code, 4);
}

}  // namespace
}  // namespace toolgate::processes
