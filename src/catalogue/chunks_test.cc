#include "catalogue/chunks.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "store/memory/memory_store.h"

namespace toolgate::catalogue {
namespace {

mcp::ToolDefinition tool(std::string name, std::string rest) {
  return {.name = std::move(name),
          .description = {},
          .input_schema = R"({"type":"object"})",
          .rest = std::move(rest),
          .recipe = {}};
}

const store::Key target{.account = "1", .region = "r", .kind = "target", .id = "g/t"};

Task<void> write_and_read(store::Store& store, const std::vector<mcp::ToolDefinition>& tools,
                          Pointer& pointer, Result<std::vector<mcp::ToolDefinition>>& read) {
  auto bodies = chunk_bodies(tools);
  pointer = {.id = "c", .chunks = bodies.size(), .tools = tools.size()};
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    store::Batch batch;
    batch.puts.push_back({.key = chunk_key(target, "c", i), .body = std::move(bodies[i])});
    const auto version = co_await store.commit(std::move(batch));
    EXPECT_TRUE(version);
  }
  read = co_await read_chunks(store, target, pointer);
}

TEST(Chunks, GiveEachToolItsRecipeBack) {
  const SystemClock clock;
  const auto store = store::make_memory_store(clock);
  std::vector<mcp::ToolDefinition> tools;
  for (int i = 0; i < 3; ++i) {
    tools.push_back(tool(std::to_string(i), R"("inputSchema":{})"));
    if (i != 1) tools.back().recipe = R"({"path":"/a\"b/)" + std::string(700'000, 'y') + "\"}";
  }
  boost::asio::io_context io;
  Pointer pointer;
  Result<std::vector<mcp::ToolDefinition>> read = fail(Code::internal, "not run");
  boost::asio::co_spawn(io, write_and_read(*store, tools, pointer, read), boost::asio::detached);
  io.run();
  ASSERT_TRUE(read);
  EXPECT_GT(pointer.chunks, 1U);
  ASSERT_EQ(read->size(), tools.size());
  for (std::size_t i = 0; i < tools.size(); ++i) EXPECT_EQ((*read)[i].recipe, tools[i].recipe);
}

TEST(Chunks, GiveBackTheDefinitionsBytes) {
  const SystemClock clock;
  const auto store = store::make_memory_store(clock);
  const std::string rest = R"("inputSchema":{"type":"object","x":1.0e2},"_meta":{"é":"\u00e9"})";
  std::vector<mcp::ToolDefinition> tools;
  for (int i = 0; i < 20; ++i) tools.push_back(tool("a\"b" + std::to_string(i), rest));
  // Large enough for more than one chunk.
  const std::string pad(200'000, 'x');
  for (int i = 0; i < 20; ++i) {
    tools.push_back(tool("big" + std::to_string(i),
                         R"("description":")" + pad + R"(","inputSchema":{"type":"object"})"));
  }
  Pointer pointer;
  Result<std::vector<mcp::ToolDefinition>> read = fail(Code::internal, "not run");
  boost::asio::io_context io;
  boost::asio::co_spawn(io, write_and_read(*store, tools, pointer, read), boost::asio::detached);
  io.run();
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_GT(pointer.chunks, 2U);
  ASSERT_EQ(read->size(), tools.size());
  for (std::size_t i = 0; i < tools.size(); ++i) {
    EXPECT_EQ((*read)[i].name, tools[i].name);
    EXPECT_EQ((*read)[i].rest, tools[i].rest);
  }
  EXPECT_EQ((*read)[0].input_schema, R"({"type":"object","x":1.0e2})");
}

TEST(Chunks, AreIncompleteWhenOneIsMissing) {
  const SystemClock clock;
  const auto store = store::make_memory_store(clock);
  Pointer pointer;
  Result<std::vector<mcp::ToolDefinition>> read = fail(Code::internal, "not run");
  boost::asio::io_context io;
  const std::vector<mcp::ToolDefinition> none;
  boost::asio::co_spawn(io, write_and_read(*store, none, pointer, read), boost::asio::detached);
  io.run();
  EXPECT_TRUE(read);  // no tools: no chunks, nothing missing
  pointer.chunks = 1;
  const auto keys = chunk_keys(target, pointer);
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_EQ(keys[0].id, "g/t/c/000000");
}

TEST(Pointer, IsReadBackFromTheDocument) {
  const Json document = JsonObject{{"catalogue", to_json({.id = "c", .chunks = 3, .tools = 7})}};
  const auto pointer = pointer_of(document);
  ASSERT_TRUE(pointer);
  EXPECT_EQ(pointer->chunks, 3U);
  EXPECT_EQ(pointer->tools, 7U);
  EXPECT_FALSE(pointer_of(JsonObject{}));
}

}  // namespace
}  // namespace toolgate::catalogue
