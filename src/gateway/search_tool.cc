#include "gateway/search_tool.h"

#include <algorithm>

#include "json/json.h"
#include "mcp/message.h"
#include "mcp/protocol.h"

namespace toolgate::gateway {
namespace {

// AWS gives up to ten (developer guide, "Search for tools"); `limit` is an extension of ours.
constexpr std::size_t default_limit = 10;
constexpr std::int64_t limit_max = 50;
constexpr std::size_t query_bytes_max = 8 * 1024;
// With a filter by target, more candidates are ranked before the filter.
constexpr std::size_t filtered_candidates = 1'000;

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

Result<Question> read_question(std::string_view raw_arguments) {
  TRY(const Json arguments, json::parse(raw_arguments));
  Question question;
  const Json* query = json::find(arguments, "query");
  if (query == nullptr) return fail(Code::invalid, "Missing required field(s): 'query'");
  if (!query->is_string() || query->get_string().size() > query_bytes_max) {
    return fail(Code::invalid, "Field '/query': expected a string of at most 8,192 bytes");
  }
  question.query = query->get_string();
  if (const Json* limit = json::find(arguments, "limit")) {
    if (!limit->is_int64() || limit->get_int64() < 1 || limit->get_int64() > limit_max) {
      return fail(Code::invalid, "Field '/limit': expected an integer from 1 to 50");
    }
    question.limit = static_cast<std::size_t>(limit->get_int64());
  }
  if (const Json* targets = json::find(arguments, "targets")) {
    const auto* names = targets->if_array();
    if (names == nullptr || !std::ranges::all_of(*names, [](auto& n) { return n.is_string(); })) {
      return fail(Code::invalid, "Field '/targets': expected an array of strings");
    }
    for (const auto& name : *names) {
      question.prefixes.push_back(std::string{name.get_string()} +
                                  std::string{mcp::name_separator});
    }
  }
  return question;
}

// The found definitions, printed: {"tools":[…]} with a score in each.
std::string found_tools(const Snapshot& snapshot, const Question& question) {
  const std::size_t candidates = question.prefixes.empty() ? question.limit : filtered_candidates;
  std::string tools = R"({"tools":[)";
  std::size_t count = 0;
  for (const auto& hit : snapshot.index->search(question.query, candidates)) {
    const Route& route = snapshot.indexed[hit.doc];
    const bool wanted =
        question.prefixes.empty() ||
        std::ranges::find(question.prefixes, route.table->prefix) != question.prefixes.end();
    if (!wanted) continue;
    if (count++ > 0) tools += ',';
    const Tool& tool = *route.tool;
    // The definition as it is listed, its closing brace replaced by the score.
    tools.append(route.table->definitions, tool.begin, tool.end - tool.begin - 1);
    tools += R"(,"score":)";
    json::print_to(tools, Json(hit.score));
    tools += '}';
    if (count == question.limit) break;
  }
  return tools + "]}";
}

}  // namespace

std::string_view search_tool_definition() { return definition; }

void build_index(Snapshot& snapshot) {
  std::vector<search::Doc> docs;
  docs.reserve(snapshot.tool_count);
  snapshot.indexed.clear();
  snapshot.indexed.reserve(snapshot.tool_count);
  for (const auto& table : snapshot.tables) {
    for (std::size_t i = 0; i < table->tools.size(); ++i) {
      search::Doc doc{.prefix = table->prefix,
                      .name = table->source[i].name,
                      .description = table->source[i].description,
                      .parameter_names = {},
                      .parameter_descriptions = {}};
      search::read_parameters(table->source[i].input_schema, doc);
      docs.push_back(std::move(doc));
      snapshot.indexed.push_back({.table = table.get(), .tool = &table->tools[i]});
    }
  }
  snapshot.index = search::Index::build(docs);
}

std::string search_tools(const Snapshot& snapshot, std::string_view raw_arguments) {
  const auto question = read_question(raw_arguments);
  if (!question) return refused(question.error().message);
  const std::string tools = found_tools(snapshot, *question);
  return R"({"content":[{"type":"text","text":)" + json::quote(tools) +
         R"(}],"structuredContent":)" + tools + R"(,"isError":false})";
}

}  // namespace toolgate::gateway
