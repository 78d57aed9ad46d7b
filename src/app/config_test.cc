#include "app/config.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "base/test_folder.h"

namespace toolgate::app {
namespace {

// Environment variables and a file that are gone with the test.
class Settings : public ::testing::Test {
 protected:
  Settings() {
    set("TOOLGATE_DATA_DIR", folder_.path("data"));
    set("TOOLGATE_MASTER_KEY", folder_.path("key"));
  }
  ~Settings() override {
    for (const auto& name : set_) ::unsetenv(name.c_str());
  }
  void set(const std::string& name, const std::string& value) {
    ::setenv(name.c_str(), value.c_str(), 1);
    set_.push_back(name);
  }
  std::string file(const std::string& text) { return folder_.write("toolgate.yaml", text); }
  // What `words` are understood as; `said_` is what was printed as an error.
  Parsed parse(std::vector<std::string> words) {
    words.insert(words.begin(), "toolgate");
    std::vector<char*> pointers;
    for (auto& word : words) pointers.push_back(word.data());
    ::testing::internal::CaptureStderr();
    auto parsed = parse_command_line(static_cast<int>(pointers.size()), pointers.data());
    said_ = ::testing::internal::GetCapturedStderr();
    return parsed;
  }
  Config config_of(std::vector<std::string> words) {
    auto parsed = parse(std::move(words));
    EXPECT_EQ(parsed.exit_code, -1) << said_;
    return parsed.command_line.config;
  }
  std::string said_;

 private:
  TestFolder folder_;
  std::vector<std::string> set_;
};

TEST_F(Settings, AFlagGoesBeforeTheEnvironmentWhichGoesBeforeTheFile) {
  const auto path = file(
      "listen: 127.0.0.1:1\nregion: file\naccount: '000000000001'\nthreads: 1\n"
      "allow_origin: [http://file]\npage_tools: 11\n");
  set("TOOLGATE_LISTEN", "127.0.0.1:2");
  set("TOOLGATE_REGION", "environment");
  set("TOOLGATE_THREADS", "2");
  set("TOOLGATE_ALLOW_ORIGIN", "http://environment");
  const auto config = config_of({"serve", "--config", path, "--listen", "127.0.0.1:3",
                                 "--allow-origin", "http://a", "--allow-origin", "http://b"});
  EXPECT_EQ(config.listen, "127.0.0.1:3");
  EXPECT_EQ(config.region, "environment");
  EXPECT_EQ(config.threads, 2);
  EXPECT_EQ(config.account, "000000000001");
  EXPECT_EQ(config.page_tools, 11);
  EXPECT_EQ(config.allow_origins, (std::vector<std::string>{"http://a", "http://b"}));
  EXPECT_EQ(config.log_level, Config{}.log_level);
}

TEST_F(Settings, TheFileItselfMayBeNamedByTheEnvironment) {
  set("TOOLGATE_CONFIG", file("region: eu-west-1\nallow_origin: [http://a, http://b]\n"));
  const auto config = config_of({"serve"});
  EXPECT_EQ(config.region, "eu-west-1");
  EXPECT_EQ(config.allow_origins, (std::vector<std::string>{"http://a", "http://b"}));
}

TEST_F(Settings, SaysWhatIsWrongAndWhere) {
  const struct {
    std::string file;
    std::vector<std::string> flags;
    std::string_view words;
  } table[] = {
      {"lisen: x\n", {}, "'lisen' is no setting"},
      {"region: x\nthreads: many\n", {}, "toolgate.yaml:2: threads: expected 0..256"},
      {"threads: -1\n", {}, "toolgate.yaml:1: threads: expected 0..256"},
      {"threads: 257\n", {}, "--threads 257: expected 0 to 256"},
      {"allow_origin: https://a\n", {}, "allow_origin: expected ORIGIN, as a list"},
      {"listen: [\n", {}, "toolgate.yaml:2: no YAML: "},
      {"region: x\naccount: '000000000001'\nregion: x\n",
       {},
       "toolgate.yaml:3: region: expected once, but it is on line 1 too"},
      {"- listen\n", {}, "toolgate.yaml: expected settings"},
      {"", {"--account", "12345678901"}, "--account 12345678901: expected 12 digits"},
      {"account: x\n", {}, "--account x: expected 12 digits"},
      {"", {"--store", "postgres"}, "--store postgres: expected sqlite"},
      {"", {"--iam", "maybe"}, "--iam maybe: expected on or off"},
      {"", {"--page-tools", "0"}, "--page-tools: expected 1 or more, not 0"},
      {"", {"--threads", "100000"}, "--threads: expected 0 to 256, not 100000"},
      {"", {"--threads", "-1"}, "--threads: expected 0 to 256, not -1"},
      {"", {"--quota-targets", "-1"}, "--quota-targets: expected 0 or more, not -1"},
      {"", {"--quota-targets", "99999999999999999999"}, "--quota-targets: expected 0 or more"},
      {"", {"--public-url", "http://a/?b"}, "--public-url http://a/?b: expected a URL without"},
      {"", {"--search-model", "/"}, "--search-model /: expected a file that can be read or off"},
      {"", {"--embeddings-model", "m"}, "--embeddings-model: expected --embeddings-url with it"},
      {"", {"--embeddings-key-file", "/dev/null"}, "--embeddings-key-file: expected --embeddings-"},
      {"", {"--embeddings-key-provider", "p"}, "--embeddings-key-provider: expected --embeddings-"},
      {"", {"--listen", "foo"}, "--listen foo: expected host:port"},
      {"", {"--tls-listen", "on"}, "--tls-listen on: expected host:port"},
      {"", {"--region", ""}, "--region: expected a region"},
      {"", {"--ca-file", "/none"}, "--ca-file /none: expected a file of PEM certificates"},
      {"", {"--ca-file", "/dev/null"}, "--ca-file /dev/null: expected a file of PEM certificates"},
      {"allow_origin: [https://a, b]\n", {}, "--allow-origin b: expected a browser's origin"},
      {"", {"--tls-cert", "/dev/null"}, "--tls-cert and --tls-key: expected both or neither"},
      {"", {"--threads", "many"}, "serve: --threads: expected 0 to 256, not many"},
      {"", {"--no-such-flag"}, "--no-such-flag (toolgate serve --help says more)"},
      {"", {"--listen"}, "--listen"},
  };
  for (const auto& row : table) {
    std::vector<std::string> words{"serve", "--config", file(row.file)};
    words.insert(words.end(), row.flags.begin(), row.flags.end());
    EXPECT_EQ(parse(words).exit_code, 2) << row.words;
    EXPECT_NE(said_.find(row.words), std::string::npos) << said_;
  }
  EXPECT_EQ(parse({"serve", "--config", "/nonexistent/file"}).exit_code, 2);
  EXPECT_NE(said_.find("/nonexistent/file"), std::string::npos) << said_;
  EXPECT_EQ(parse({"serve", "--config", "/"}).exit_code, 2);
  EXPECT_NE(said_.find("--config /: expected a file that can be read"), std::string::npos) << said_;
  set("TOOLGATE_QUOTA_GATEWAYS", "-1");
  EXPECT_EQ(parse({"serve"}).exit_code, 2);
  EXPECT_NE(said_.find("--quota-gateways: expected 0 or more, not -1"), std::string::npos) << said_;
}

TEST_F(Settings, SaysWhichCommandsThereAre) {
  const std::string_view all = "serve, env, run, key, search, explain, version";
  EXPECT_EQ(parse({}).exit_code, 2);
  EXPECT_NE(said_.find("expected a command: " + std::string{all}), std::string::npos) << said_;
  EXPECT_EQ(parse({"sevre"}).exit_code, 2);
  EXPECT_NE(said_.find("sevre: expected a command: " + std::string{all}), std::string::npos)
      << said_;
  EXPECT_EQ(parse({"search"}).exit_code, 2);
  EXPECT_NE(said_.find("search: GATEWAY is required"), std::string::npos) << said_;
  EXPECT_EQ(parse({"search", "g"}).exit_code, 2);
  EXPECT_NE(said_.find("search: QUERY is required"), std::string::npos) << said_;
  const auto found = parse({"search", "shop", "parcels"});
  EXPECT_EQ(found.command_line.arguments, (std::vector<std::string>{"shop", "parcels"}));
}

TEST_F(Settings, TheDefaultsAreOfTheirForms) { EXPECT_EQ(parse({"serve"}).exit_code, -1) << said_; }

TEST_F(Settings, OtherCommandsTakeTheDataDirectoryAlone) {
  const auto parsed = parse({"env", "--data-dir", "/somewhere"});
  EXPECT_EQ(parsed.exit_code, -1) << said_;
  EXPECT_EQ(parsed.command_line.command, "env");
  EXPECT_EQ(parsed.command_line.config.data_dir, "/somewhere");
  EXPECT_GT(parse({"env", "--listen", "127.0.0.1:1"}).exit_code, 0);
}

}  // namespace
}  // namespace toolgate::app
