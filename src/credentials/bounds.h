// The bounds of this room: what a provider's document, a discovery document or a token endpoint may
// make us do.
#pragma once

#include <chrono>
#include <cstddef>

#include "base/limits.h"

namespace toolgate::credentials::bounds {

using namespace std::chrono_literals;

// One answer of a token endpoint: a token and its neighbours (scope, id_token, refresh_token).
inline constexpr std::size_t token_answer_bytes_max = 64 * 1024;
static_assert(limits::token_bytes_max < token_answer_bytes_max);
// One request to a token endpoint; it stands in front of a tool call.
inline constexpr auto token_timeout = 10s;
// Discovery and token together: a flight that took this long failed for all who wait for it.
inline constexpr auto fetch_timeout = limits::discovery_timeout + token_timeout;

// How early a token is replaced, while the old one serves on: the later of these two before its
// end.
inline constexpr auto refresh_early_min = 60s;
inline constexpr int refresh_early_share = 10;  // a tenth of its life
// In its last seconds a call waits for the new one, so that it does not end while a call that
// carries it is on its way.
inline constexpr auto serve_margin = 15s;
static_assert(serve_margin < refresh_early_min);
// RFC 6749 §5.1 only recommends expires_in; without it a token is kept this long.
inline constexpr auto token_life_unsaid = 5min;
// No token is believed longer than this, whatever its expires_in says.
inline constexpr auto token_life_max = 24h;
// A refresh failed while the old token still lives: the next try is not before this has passed. A
// thread also looks this often whether another thread has refreshed.
inline constexpr auto retry_refresh_after = 5s;
static_assert(retry_refresh_after < serve_margin);

// A thread. A credential is about 1 KiB with its token: at most some megabytes.
inline constexpr std::size_t cached_credentials_count_max = 2'000;
// The process: every thread's, and those of users who are quiet for a while.
inline constexpr std::size_t shared_credentials_count_max = 20'000;
static_assert(cached_credentials_count_max <= shared_credentials_count_max);
// Documents that have ended (kept tokens, requests for consent) are removed this often.
inline constexpr auto sweep_ended_every = 10min;

// A request for a user's consent: how long its URL works, and how long the application then has to
// bind what came of it to the user (AgentCore Gateway developer guide, "authorization code grant").
inline constexpr auto consent_for = 10min;
inline constexpr std::size_t cached_discoveries_count_max = 200;

// What an error message repeats of another server's words.
inline constexpr std::size_t quoted_bytes_max = 200;

}  // namespace toolgate::credentials::bounds
