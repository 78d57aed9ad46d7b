// MCP's wire facts in one place: versions, methods, error codes.
// Sources: modelcontextprotocol.io specifications 2025-03-26, 2025-06-18, 2025-11-25, 2026-07-28.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace toolgate::mcp {

// Oldest first. A version string compares like a date.
inline constexpr std::array<std::string_view, 3> handshake_versions{"2025-03-26", "2025-06-18",
                                                                    "2025-11-25"};
// A request after initialize that names none is of this version (2025-06-18, Transports).
inline constexpr std::string_view assumed_version = "2025-03-26";
// What we offer to an upstream: the newest that has a handshake.
inline constexpr std::string_view client_version = "2025-11-25";
// The first version without handshake; its requests name it in params._meta (2026-07-28,
// Lifecycle).
inline constexpr std::string_view first_stateless_version = "2026-07-28";
// JSON-RPC batches exist in this version only (2025-06-18, changelog).
inline constexpr std::string_view batch_version = "2025-03-26";

inline constexpr std::string_view session_header = "mcp-session-id";
inline constexpr std::string_view version_header = "mcp-protocol-version";

// The search tool's name is AWS's (AgentCore Gateway developer guide, "Search for tools").
inline constexpr std::string_view search_tool = "x_amz_bedrock_agentcore_search";
// Between the target's name and the tool's (developer guide, "Understand how tools are named").
inline constexpr std::string_view name_separator = "___";

// JSON-RPC 2.0, section 5.1.
inline constexpr int parse_error = -32700;
inline constexpr int invalid_request = -32600;
inline constexpr int method_not_found = -32601;
inline constexpr int invalid_params = -32602;
inline constexpr int internal_error = -32603;
// AgentCore Gateway: the body of a 401, and of a refusal after sign-in.
inline constexpr int unauthenticated = -32001;
inline constexpr int unauthorized = -32002;
// The first of those that JSON-RPC leaves to implementations, with HTTP's 429.
inline constexpr int throttled = -32000;
// 2025-11-25, Elicitation: the user must open a URL first.
inline constexpr int url_elicitation_required = -32042;
// 2026-07-28, Versioning.
inline constexpr int unsupported_protocol_version = -32022;

[[nodiscard]] constexpr bool is_handshake_version(std::string_view version) {
  for (const auto known : handshake_versions) {
    if (known == version) return true;
  }
  return false;
}

}  // namespace toolgate::mcp
