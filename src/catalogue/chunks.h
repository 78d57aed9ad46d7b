// How a target's catalogue lies in the store: immutable chunks, and one pointer in the target's
// document that is swapped when all of them are written. A chunk's body is {"tools":[…]} with the
// definitions' own bytes, so that mcp::parse_tool_page reads it back; where an adapter left
// recipes, "recipes":[…] holds one for each of these tools, as strings.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "json/json.h"
#include "mcp/tools.h"
#include "store/store.h"

namespace toolgate::catalogue {

// The members of a target's document that are ours and never shown:
//   catalogue  the pointer below
//   revision   counts changes of the configuration; a catalogue fetched for an older one is dropped
//   wanted     counts requests to synchronise (create and update are such)
//   done       the `wanted` that the newest finished synchronisation has seen when it began
inline constexpr std::array<std::string_view, 6> own_members{
    "catalogue", "revision", "wanted", "done", "consentUser", "consentUntil"};

// The pointer: member "catalogue" of a target's document. It is ours, never shown.
struct Pointer {
  std::string id;
  std::size_t chunks = 0;
  std::size_t tools = 0;
};
[[nodiscard]] std::optional<Pointer> pointer_of(const Json& target_document);
[[nodiscard]] Json to_json(const Pointer& pointer);

// The chunk bodies of these tools, each about 1 MiB at most (or one tool).
[[nodiscard]] std::vector<std::string> chunk_bodies(const std::vector<mcp::ToolDefinition>& tools);

// `target` is the key of the target's document.
[[nodiscard]] store::Key chunk_key(const store::Key& target, const std::string& catalogue_id,
                                   std::size_t chunk);
[[nodiscard]] std::vector<store::Key> chunk_keys(const store::Key& target, const Pointer& pointer);

// Reads a catalogue back. Fails with Code::not_found when a chunk is missing (it was swapped away
// meanwhile), with Code::invalid when one is broken, else as the store does.
Task<Result<std::vector<mcp::ToolDefinition>>> read_chunks(store::Store& store,
                                                           const store::Key& target,
                                                           const Pointer& pointer);

}  // namespace toolgate::catalogue
