// A target's catalogue against servers that are good, bad, changed or gone while it is fetched.
#include <atomic>
#include <optional>

#include <gtest/gtest.h>

#include "catalogue/chunks.h"
#include "catalogue/jobs.h"
#include "json/members.h"
#include "store/memory/memory_store.h"
#include "store/secrets.h"
#include "targets/mcp_server/test_peer.h"

namespace toolgate::catalogue {
namespace {

using targets::mcp_server::testing::Asked;
using targets::mcp_server::testing::http;
using targets::mcp_server::testing::Peer;
using targets::mcp_server::testing::result;

const store::Key key{.account = "1", .region = "r", .kind = "target", .id = "g/t"};

class Synchronize : public ::testing::Test {
 protected:
  template <class T>
  T run(Task<T> task) {
    return loop.run(std::move(task));
  }
  void put(JsonObject document) {
    store::Batch batch;
    batch.puts.push_back({.key = key, .body = json::print(document)});
    batch.jobs.push_back(synchronize_job(key, "UPDATE_UNSUCCESSFUL"));
    ASSERT_TRUE(run(store->commit(std::move(batch))));
  }
  static JsonObject document_for(const std::string& url) {
    return {{"name", "t"},
            {"status", "SYNCHRONIZING"},
            {"wanted", 1},
            {"revision", 1},
            {"targetConfiguration",
             JsonObject{{"mcp", JsonObject{{"mcpServer", JsonObject{{"endpoint", url}}}}}}}};
  }
  // Runs one waiting job; true when there was one.
  bool run_job() {
    const auto job = run(store->claim_job("test", std::chrono::seconds{60}));
    EXPECT_TRUE(job);
    if (!*job) return false;
    const JobKind* kind = find_job_kind((*job)->spec.kind);
    EXPECT_NE(kind, nullptr);
    const auto done = run(kind->run(context, **job, loop.worker));
    EXPECT_TRUE(done) << done.error().message;
    return true;
  }
  Json stored() {
    const auto document = run(store->get(key));
    EXPECT_TRUE(document && *document);
    auto body = json::parse((*document)->body);
    EXPECT_TRUE(body) << (*document)->body;
    return body.value_or(Json{});
  }
  std::string text(std::string_view member) { return json::member(stored(), member); }
  std::string reason() {
    const Json document = stored();
    const auto* reasons = json::find_array(document, "statusReasons");
    return reasons == nullptr || reasons->empty() ? "" : std::string{reasons->at(0).get_string()};
  }
  std::vector<std::string> tools() {
    const auto pointer = pointer_of(stored());
    if (!pointer) return {"no catalogue"};
    const auto read = run(read_chunks(*store, key, *pointer));
    EXPECT_TRUE(read);
    std::vector<std::string> names;
    for (const auto& tool : *read) names.push_back(tool.name);
    return names;
  }
  std::size_t chunks() {
    store::Key prefix = key;
    prefix.kind = model::kind::catalogue;
    prefix.id += '/';
    return run(store->list(prefix, 1'000, {}))->documents.size();
  }
  static std::string list(const Asked& asked, std::string_view tools) {
    return http(200, result(asked, R"({"tools":[)" + std::string{tools} + "]}"));
  }

  std::optional<Peer> peer;  // outlives the loop's connections
  net::testing::TestLoop loop;
  ManualClock clock;
  std::unique_ptr<store::Store> store = store::make_memory_store(clock);
  store::Secrets secrets = *run(store::Secrets::open(*store, crypto::SealKey::random()));
  credentials::Credentials credentials{*store, secrets, clock};
  Offload offload{1};
  JobContext context{*store, credentials, clock, offload};
};

TEST_F(Synchronize, BringsToolsInAndSwapsThemForNewOnes) {
  static constexpr std::string_view first_offer =
      R"({"name":"a","inputSchema":{"type":"object"}},)"
      R"({"name":"b","inputSchema":{}},{"name":"c","inputSchema":{"type":"x"}})";
  static constexpr std::string_view second_offer =
      R"({"name":"d","inputSchema":{"type":"object"}})";
  std::atomic<bool> changed = false;
  peer.emplace(Peer::polite(
      [&](const Asked& asked) { return list(asked, changed ? second_offer : first_offer); }));
  put(document_for(peer->url()));
  ASSERT_TRUE(run_job());
  EXPECT_EQ(tools(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(text("status"), "READY");
  EXPECT_EQ(reason(), "Left out: c: its inputSchema is not of type \"object\"");
  const auto first = pointer_of(stored())->id;
  const auto before = chunks();

  auto document = stored().get_object();
  document["wanted"] = 2;
  put(document);
  changed = true;
  ASSERT_TRUE(run_job());
  EXPECT_EQ(tools(), std::vector<std::string>{"d"});
  EXPECT_NE(pointer_of(stored())->id, first);
  EXPECT_EQ(chunks(), before);  // the old ones have gone
  EXPECT_EQ(reason(), "");
  EXPECT_EQ(json::find_int(stored(), "done"), 2);
  EXPECT_FALSE(run_job());
}

TEST_F(Synchronize, RemovesWhatATryThatDiedHasWritten) {
  peer.emplace(Peer::polite(
      [&](const Asked& asked) { return list(asked, R"({"name":"a","inputSchema":{}})"); }));
  put(document_for(peer->url()));
  const auto died = run(store->claim_job("dead", std::chrono::seconds{60}));
  ASSERT_TRUE(died && *died);
  const auto id = std::to_string((*died)->id) + ".1";
  store::Batch batch;
  for (std::size_t i = 0; i < 120; ++i) {
    batch.puts.push_back({.key = chunk_key(key, id, i), .body = R"({"tools":[]})"});
  }
  ASSERT_TRUE(run(store->commit(std::move(batch))));
  ASSERT_TRUE(run(store->release_leases()));
  ASSERT_TRUE(run_job());
  EXPECT_EQ(tools(), std::vector<std::string>{"a"});
  EXPECT_EQ(chunks(), 1u);
}

TEST_F(Synchronize, KeepsTheOldToolsWhenTheServerFails) {
  std::atomic<bool> fails = false;
  peer.emplace(Peer::polite([&](const Asked& asked) {
    return fails ? http(500) : list(asked, R"({"name":"a","inputSchema":{}})");
  }));
  put(document_for(peer->url()));
  ASSERT_TRUE(run_job());
  fails = true;
  auto document = stored().get_object();
  document["wanted"] = 2;
  put(document);
  ASSERT_TRUE(run_job());
  EXPECT_EQ(text("status"), "UPDATE_UNSUCCESSFUL");
  EXPECT_NE(reason().find("returned HTTP 500 to the tool list"), std::string::npos) << reason();
  EXPECT_EQ(tools(), std::vector<std::string>{"a"});
  EXPECT_EQ(json::find_int(stored(), "done"), 2);
}

// A server's words may be of any length.
TEST_F(Synchronize, CutsALongReasonBetweenCharacters) {
  std::atomic<std::size_t> shift = 0;
  peer.emplace([&](const Asked& asked) {
    std::string words(shift, 'x');
    while (words.size() < 3'000) words += "\xe2\x82\xac";
    return http(200, R"({"jsonrpc":"2.0","id":)" + asked.id() +
                         R"(,"error":{"code":-1,"message":")" + words + R"("}})");
  });
  for (; shift < 4; ++shift) {
    put(document_for(peer->url()));
    ASSERT_TRUE(run_job());
    EXPECT_EQ(text("status"), "UPDATE_UNSUCCESSFUL");
    EXPECT_GT(reason().size(), 2'040);
    EXPECT_LE(reason().size(), 2'048);
  }
}

TEST_F(Synchronize, DropsWhatWasFetchedForAnOlderConfiguration) {
  peer.emplace(Peer::polite([&](const Asked& asked) {
    // Meanwhile the target is updated: another revision.
    auto document = document_for("http://127.0.0.1:1/");
    document["revision"] = 2;
    document["wanted"] = 2;
    store::Batch batch;
    batch.puts.push_back({.key = key, .body = json::print(document)});
    net::testing::TestLoop other;
    EXPECT_TRUE(other.run(store->commit(std::move(batch))));
    return list(asked, R"({"name":"a","inputSchema":{}})");
  }));
  put(document_for(peer->url()));
  ASSERT_TRUE(run_job());
  EXPECT_EQ(tools(), std::vector<std::string>{"no catalogue"});
  EXPECT_EQ(text("status"), "SYNCHRONIZING");
  EXPECT_EQ(chunks(), 0);
}

TEST_F(Synchronize, StaysInProgressWhenMoreWasAskedForMeanwhile) {
  bool first = true;
  Json configuration;
  peer.emplace(Peer::polite([&](const Asked& asked) {
    if (std::exchange(first, false)) {
      auto document = document_for("unused");
      document["targetConfiguration"] = configuration;
      document["wanted"] = 2;
      store::Batch batch;
      batch.puts.push_back({.key = key, .body = json::print(document)});
      net::testing::TestLoop other;
      EXPECT_TRUE(other.run(store->commit(std::move(batch))));
    }
    return list(asked, R"({"name":"a","inputSchema":{}})");
  }));
  auto document = document_for(peer->url());
  configuration = document["targetConfiguration"];
  put(document);
  ASSERT_TRUE(run_job());
  EXPECT_EQ(tools(), std::vector<std::string>{"a"});  // served already
  EXPECT_EQ(text("status"), "SYNCHRONIZING");
  EXPECT_EQ(json::find_int(stored(), "done"), 1);
}

TEST_F(Synchronize, LeavesNothingOfATargetThatWasDeletedMeanwhile) {
  peer.emplace(Peer::polite([&](const Asked& asked) {
    store::Batch batch;
    batch.deletes.push_back(key);
    net::testing::TestLoop other;
    EXPECT_TRUE(other.run(store->commit(std::move(batch))));
    return list(asked, R"({"name":"a","inputSchema":{}})");
  }));
  put(document_for(peer->url()));
  ASSERT_TRUE(run_job());
  EXPECT_EQ(chunks(), 0);
  EXPECT_FALSE(*run(store->get(key)));
}

TEST_F(Synchronize, SaysWhichCredentialIsMissing) {
  auto document = document_for("http://127.0.0.1:1/");
  document["credentialProviderConfigurations"] = *json::parse(
      R"([{"credentialProviderType":"API_KEY","credentialProvider":{"apiKeyCredentialProvider":)"
      R"({"providerArn":"arn:aws:bedrock-agentcore:r:1:token-vault/default/)"
      R"(apikeycredentialprovider/gone"}}}])");
  put(document);
  ASSERT_TRUE(run_job());
  EXPECT_TRUE(reason().starts_with("Failed to fetch the outbound credential. Error - "))
      << reason();
}

TEST_F(Synchronize, CollectsWhatADeletedOwnerLeft) {
  for (int i = 0; i < 120; ++i) {
    store::Batch batch;
    batch.puts.push_back({.key = chunk_key(key, "old", static_cast<std::size_t>(i)), .body = "{}"});
    ASSERT_TRUE(run(store->commit(std::move(batch))));
  }
  const store::Key neighbour{.account = "1", .region = "r", .kind = "target", .id = "g/t2"};
  store::Batch batch;
  batch.puts.push_back({.key = chunk_key(neighbour, "c", 0), .body = "{}"});
  batch.jobs.push_back(collect_job(key));
  ASSERT_TRUE(run(store->commit(std::move(batch))));
  ASSERT_TRUE(run_job());
  EXPECT_EQ(chunks(), 0);
  EXPECT_TRUE(*run(store->get(chunk_key(neighbour, "c", 0))));
  EXPECT_FALSE(run_job());
}

}  // namespace
}  // namespace toolgate::catalogue
