#include "gateway/search_tool.h"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "json/json.h"
#include "mcp/message.h"
#include "mcp/protocol.h"
#include "search/parts.h"
#include "search/ranking.h"

namespace toolgate::gateway {
namespace {

// AWS gives up to ten (developer guide, "Search for tools"); `limit` is an extension of ours.
constexpr std::size_t default_limit = 10;
constexpr std::int64_t limit_max = 50;
constexpr std::size_t query_bytes_max = 8 * 1024;

constexpr std::string_view definition =
    R"({"name":"x_amz_bedrock_agentcore_search","description":"A special tool that returns a )"
    R"(trimmed down list of tools given a context. Use this tool only when there are many tools )"
    R"(available and you want to get a subset that matches the provided context.",)"
    R"("inputSchema":{"type":"object","properties":{"query":{"type":"string","description":)"
    R"("search query to use for finding tools"},"limit":{"type":"integer","minimum":1,)"
    R"("maximum":50,"description":"how many tools to return, 10 unless said"},"targets":)"
    R"({"type":"array","items":{"type":"string"},"description":"names of the targets to search )"
    R"(in, all unless said"}},"required":["query"]}})";
static_assert(definition.find(mcp::search_tool) != std::string_view::npos);

struct Question {
  std::string query;
  std::size_t limit = default_limit;
  std::vector<std::string> prefixes;  // of the targets; empty: all
};

std::string refused(std::string_view line) {
  return mcp::tool_error_result(
      "ValidationException - Parameter validation failed: Invalid request parameters:\n- " +
      std::string{line});
}

// A member that is there; models write null for what they leave out.
const Json* given(const Json& arguments, std::string_view name) {
  const Json* found = json::find(arguments, name);
  return found != nullptr && !found->is_null() ? found : nullptr;
}

// JSON Schema counts 3.0 among the integers, and some models write it.
std::optional<std::int64_t> whole_number(const Json& value) {
  if (value.is_int64()) return value.get_int64();
  if (!value.is_double() || std::abs(value.get_double()) > 1e9) return std::nullopt;
  const double number = value.get_double();
  return std::trunc(number) == number ? std::optional{static_cast<std::int64_t>(number)}
                                      : std::nullopt;
}

Result<Question> read_question(const Snapshot& snapshot, std::string_view raw_arguments) {
  TRY(const Json arguments, json::parse(raw_arguments));
  Question question;
  const Json* query = given(arguments, "query");
  if (query == nullptr) return fail(Code::invalid, "Missing required field(s): 'query'");
  if (!query->is_string() || query->get_string().size() > query_bytes_max) {
    return fail(Code::invalid, "Field '/query': expected a string of at most 8,192 bytes");
  }
  question.query = query->get_string();
  if (const Json* limit = given(arguments, "limit")) {
    const auto number = whole_number(*limit);
    if (!number || *number < 1 || *number > limit_max) {
      return fail(Code::invalid, "Field '/limit': expected an integer from 1 to 50");
    }
    question.limit = static_cast<std::size_t>(*number);
  }
  if (const Json* targets = given(arguments, "targets")) {
    const auto* names = targets->if_array();
    if (names == nullptr || !std::ranges::all_of(*names, [](auto& n) { return n.is_string(); })) {
      return fail(Code::invalid, "Field '/targets': expected an array of strings");
    }
    for (const auto& name : *names) {
      std::string prefix{name.get_string()};
      prefix += mcp::name_separator;
      // An empty answer would tell an agent that there is no such tool.
      if (std::ranges::find(snapshot.tables, prefix, &ToolTable::prefix) == snapshot.tables.end()) {
        return fail(Code::invalid,
                    "Field '/targets': this gateway has no tools of a target named " +
                        json::quote(name.get_string()));
      }
      question.prefixes.push_back(std::move(prefix));
    }
  }
  return question;
}

// What the caller may be shown: the targets that were asked for. Lists that differ by caller are
// to be looked at here too.
std::function<bool(std::size_t)> admission(const Snapshot& snapshot, const Question& question) {
  if (question.prefixes.empty()) return {};
  return [&snapshot, &question](std::size_t doc) {
    const auto& prefix = snapshot.routes.all()[doc].table->prefix;
    return std::ranges::find(question.prefixes, prefix) != question.prefixes.end();
  };
}

// The whole result, the found definitions with a score in each.
std::string print_found(const Snapshot& snapshot, const std::vector<search::Hit>& hits) {
  std::string tools = R"({"tools":[)";
  Definitions::Reader reader;
  for (const auto& hit : hits) {
    const Route& route = snapshot.routes.all()[hit.doc];
    if (tools.back() != '[') tools += ',';
    // The definition as it is listed, its closing brace replaced by the score.
    Definitions::Place place = route.tool->definition;
    --place.end;
    reader.append_to(tools, route.table->definitions, place);
    tools += R"(,"score":)";
    json::print_to(tools, Json(std::round(hit.score * 1e4) / 1e4));
    tools += '}';
  }
  tools += "]}";
  return R"({"content":[{"type":"text","text":)" + json::quote(tools) +
         R"(}],"structuredContent":)" + tools + R"(,"isError":false})";
}

// Tools are read one after the other: a block of definitions is unpacked for all in it.
struct Reading {
  std::mutex mutex;
  Definitions::Reader reader;

  Said said_of(const ToolTable& table, const Tool& tool) {
    const std::scoped_lock lock{mutex};
    return table.said_of(tool, reader);
  }
};

}  // namespace

std::string_view search_tool_definition() { return definition; }

void build_index(Snapshot& snapshot, const store::Key& gateway, const Snapshot* previous) {
  if (previous != nullptr && previous->finder && previous->tables == snapshot.tables) {
    snapshot.finder = previous->finder;
    return;
  }
  // It outlives the snapshot where vectors are being made: with tables of its own.
  const auto tables =
      std::make_shared<const std::vector<std::shared_ptr<const ToolTable>>>(snapshot.tables);
  const auto reading = std::make_shared<Reading>();
  const auto doc = [tables, reading](std::size_t at) {
    auto table = tables->begin();
    for (; at >= (*table)->tools.size(); ++table) at -= (*table)->tools.size();
    const Tool& tool = (*table)->tools[at];
    Said said = reading->said_of(**table, tool);
    search::Doc made{.prefix = (*table)->prefix,
                     .name = (*table)->own_name(tool),
                     .description = std::move(said.description),
                     .parameters = {}};
    search::read_parameters(said.input_schema, made);
    return made;
  };
  const auto words = snapshot.engine != nullptr ? snapshot.engine->words() : search::Words::alone;
  snapshot.finder =
      std::make_shared<search::Finder>(gateway, snapshot.routes.all().size(), doc, words);
}

std::string search_tools(const Snapshot& snapshot, std::string_view raw_arguments) {
  const auto question = read_question(snapshot, raw_arguments);
  if (!question) return refused(question.error().message);
  return print_found(snapshot, search::rank(snapshot.finder->index(), nullptr,
                                            {.parts = search::parts_of(question->query),
                                             .vectors = {},
                                             .limit = question->limit,
                                             .admits = admission(snapshot, *question)}));
}

Task<std::string> search_tools(const Snapshot& snapshot, std::string_view raw_arguments,
                               net::Worker& worker) {
  if (snapshot.engine == nullptr) co_return search_tools(snapshot, raw_arguments);
  const auto question = read_question(snapshot, raw_arguments);
  if (!question) co_return refused(question.error().message);
  std::string printed;
  search::Question asked{.query = question->query,
                         .limit = question->limit,
                         .admits = admission(snapshot, *question),
                         .found = [&](const std::vector<search::Hit>& hits) {
                           printed = print_found(snapshot, hits);
                         }};
  co_await snapshot.engine->find(snapshot.finder, std::move(asked), worker);
  co_return printed;
}

}  // namespace toolgate::gateway
