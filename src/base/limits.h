// Every bound of ours that is not a setting, in one place: unit last, with the reason.
// Bounds that come from AWS are in the embedded contract; bounds of MCP in mcp/protocol.h.
#pragma once

#include <chrono>
#include <cstddef>

namespace toolgate::limits {

using namespace std::chrono_literals;

// HTTP, both directions. A large bearer token and its neighbours fit in 32 KiB; nginx allows as
// much.
inline constexpr std::size_t http_head_bytes_max = 32 * 1024;
inline constexpr std::size_t http_headers_count_max = 128;
// A gateway's request and answer: "payload 6 MB" (AWS quota).
inline constexpr std::size_t http_body_bytes_max = 6 * 1024 * 1024;
// One read buffer a connection; a call and its token fit in it.
inline constexpr std::size_t http_read_bytes = 16 * 1024;
// simdjson reads past the end of a text by up to this much.
inline constexpr std::size_t json_padding_bytes = 64;
// A client that has not finished a request's head by then is dropped.
inline constexpr auto http_head_timeout = 15s;
inline constexpr auto http_body_timeout = 60s;
inline constexpr auto http_idle_timeout = 75s;
static_assert(http_read_bytes <= http_head_bytes_max);

// A tools/list of an upstream: the body of one page, the pages, and the tools of one target
// (tutorial 2: "10,000 tools"; AWS quota page says 1,000).
inline constexpr std::size_t catalogue_page_bytes_max = 32 * 1024 * 1024;
inline constexpr std::size_t catalogue_pages_count_max = 2'000;
inline constexpr std::size_t catalogue_tools_count_max = 10'000;
// One tool's definition; AWS's inline schema bound is 1 MB for a whole target.
inline constexpr std::size_t tool_definition_bytes_max = 1024 * 1024;

// JSON from outside.
inline constexpr std::size_t json_depth_max = 64;

// Discovery documents and key sets of identity providers.
inline constexpr std::size_t discovery_bytes_max = 512 * 1024;
inline constexpr auto discovery_timeout = 5s;
inline constexpr auto discovery_fresh_for = 10min;
// An unknown key id makes us fetch the key set again, at most this often.
inline constexpr auto jwks_refetch_interval = 5s;

// How long a verified token is believed without another look: the bound after which a deleted
// client or a replaced key stops working (docs/identity.md).
inline constexpr auto verified_token_for = 30s;
inline constexpr std::size_t verified_tokens_count_max = 20'000;  // a thread
inline constexpr std::size_t token_bytes_max = 16 * 1024;

// Requests in process: a target that is a gateway that is a target … ends here (508).
inline constexpr int inner_hops_max = 4;

// Work that takes longer than this goes on as a job after the call was answered.
inline constexpr auto inline_work_for = 1s;
// Until every thread serves what a call has written (read your writes).
inline constexpr auto serve_version_within = 1s;
// One attempt at an upstream's handshake and lists, and one tool call ("gateway invocation
// timeout 15 min", AWS quotas; 5 min is what most pages say).
inline constexpr auto synchronize_timeout = 120s;
inline constexpr auto upstream_connect_timeout = 10s;
inline constexpr auto tool_call_timeout = 300s;

}  // namespace toolgate::limits
