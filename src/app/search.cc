// `toolgate search`: what the search tool of a gateway would find, with the reasons.
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include "app/commands.h"
#include "app/keeper.h"
#include "app/lookup.h"
#include "app/running.h"
#include "app/search_engine.h"
#include "base/log.h"
#include "base/run_task.h"
#include "base/text.h"
#include "catalogue/chunks.h"
#include "json/members.h"
#include "mcp/protocol.h"
#include "model/kinds.h"
#include "search/doc_text.h"
#include "search/parts.h"
#include "search/ranking.h"
#include "search/text_hash.h"
#include "search/vector_store.h"
#include "store/documents.h"

namespace toolgate::app {
namespace {

constexpr std::size_t shown = 10;

// A gateway's tools, in the order in which they are indexed.
struct Tools {
  store::Key gateway;
  std::vector<std::string> prefixes;  // of the targets
  std::vector<std::vector<mcp::ToolDefinition>> of_target;
  std::vector<search::Doc> docs;  // views into the others
  std::vector<std::string> names;
};

Task<Result<void>> read_target(store::Store& store, const store::Key& key, const Json& document,
                               Tools& tools) {
  const auto pointer = catalogue::pointer_of(document);
  if (!pointer) co_return Result<void>{};
  CO_TRY(auto definitions, co_await catalogue::read_chunks(store, key, *pointer));
  tools.prefixes.push_back(json::member(document, "name") + std::string{mcp::name_separator});
  tools.of_target.push_back(std::move(definitions));
  co_return Result<void>{};
}

Task<Result<Tools>> read_tools(store::Store& store, std::string gateway) {
  Tools tools;
  CO_TRY(tools.gateway, co_await find_gateway(store, std::move(gateway)));
  store::Key prefix = tools.gateway;
  prefix.kind = model::kind::target;
  prefix.id += '/';
  CO_TRY(const auto targets, co_await store::list_all_json(store, std::move(prefix)));
  for (const auto& [key, version, document] : targets) {
    CO_TRY_DO(co_await read_target(store, key, document, tools));
  }
  for (std::size_t t = 0; t < tools.of_target.size(); ++t) {
    for (const auto& tool : tools.of_target[t]) {
      search::Doc doc{.prefix = tools.prefixes[t],
                      .name = tool.name,
                      .description = tool.description,
                      .parameters = {}};
      search::read_parameters(tool.input_schema, doc);
      tools.docs.push_back(std::move(doc));
      tools.names.push_back(tools.prefixes[t] + tool.name);
    }
  }
  co_return tools;
}

// The vectors that the server has made. Nothing, said on stderr, while some are not there.
Task<Result<std::optional<search::VectorTable>>> read_vectors(store::Store& store, Offload& offload,
                                                              const Tools& tools,
                                                              std::string model) {
  using Nothing = std::optional<search::VectorTable>;
  search::VectorStore kept{store, offload};
  CO_TRY(const auto known, co_await kept.load(tools.gateway));
  std::optional<search::VectorTable> table;
  std::size_t missing = 0;
  for (const auto& doc : tools.docs) {
    const auto at = known.find(search::text_id(model, search::text_of(doc)));
    if (at == known.end()) {
      ++missing;
      continue;
    }
    if (!table) table.emplace(at->second.values.size());
    if (at->second.values.size() == table->width()) table->add(at->second);
  }
  if (missing == 0) co_return table;
  std::fprintf(stderr, "toolgate: by words alone: %zu of %zu tools have no vector yet\n", missing,
               tools.docs.size());
  co_return Nothing{};
}

void print_hits(const Tools& tools, const search::Index& index, const std::string& query,
                const std::vector<search::Hit>& hits, bool by_meaning) {
  if (hits.empty()) std::printf("nothing found\n");
  for (const auto& hit : hits) {
    const auto words = index.matched(query, hit.doc);
    std::string why = words.empty() ? "no common word" : "words: " + join(words, ", ");
    if (by_meaning) why += fmt::format("; cosine {:.2f}", hit.cosine);
    fmt::print("{:.3f}  {}  ({})\n", hit.score, tools.names[hit.doc], why);
  }
}

Result<void> search_gateway(const CommandLine& command_line) {
  TRY(const Running server, running_server(command_line.config));
  Config config = server.config;
  const std::string& query = command_line.arguments.at(1);
  if (query.find_first_not_of(" \t\r\n") == std::string::npos) {
    return fail(Code::invalid, "QUERY: expected what is wanted, in anybody's words");
  }
  Offload offload{1};
  TRY(const auto keeper, Keeper::open(config, offload, store::IfAbsent::fail, nullptr));
  TRY(const auto tools, run_task(read_tools(keeper->store(), command_line.arguments.at(0))));
  search::Request request{
      .parts = search::parts_of(query), .vectors = {}, .limit = shown, .admits = {}};
  std::optional<search::VectorTable> table;
  config.embeddings_url.clear();  // the service is the server's to ask
  TRY(const auto embedder, open_embedder(config, nullptr));
  if (embedder) {
    TRY(const std::string model, run_task(embedder->id()));
    TRY(table, run_task(read_vectors(keeper->store(), offload, tools, model)));
    boost::asio::io_context io{1};
    net::Worker worker{0, io};
    TRY(request.vectors, run_task(embedder->embed(request.parts, search::Embedder::Purpose::query,
                                                  worker, within(std::chrono::seconds{10}))));
  }
  const auto index = search::Index::build(
      tools.docs, embedder ? search::Words::beside_meaning : search::Words::alone);
  const auto hits = search::rank(*index, table ? &*table : nullptr, request);
  print_hits(tools, *index, query, hits, table.has_value());
  return {};
}

}  // namespace

int search(const CommandLine& command_line) {
  log::set_level("error");
  const auto done = search_gateway(command_line);
  if (done) return 0;
  std::fprintf(stderr, "toolgate: search: %s\n", done.error().message.c_str());
  return 1;
}

}  // namespace toolgate::app
