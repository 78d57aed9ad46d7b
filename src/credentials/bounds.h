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

// How early a token is replaced: the later of these two before its end, so that it does not end
// while a call that carries it is on its way.
inline constexpr auto refresh_early_min = 60s;
inline constexpr int refresh_early_share = 10;  // a tenth of its life
// RFC 6749 §5.1 only recommends expires_in; without it a token is kept this long.
inline constexpr auto token_life_unsaid = 5min;
// No token is believed longer than this, whatever its expires_in says.
inline constexpr auto token_life_max = 24h;
// A refresh failed while the old token still lives: the next try is not before this has passed.
inline constexpr auto retry_refresh_after = 5s;

// A thread. A credential is about 1 KiB with its token: at most some megabytes.
inline constexpr std::size_t cached_credentials_count_max = 2'000;
inline constexpr std::size_t cached_discoveries_count_max = 200;

// What an error message repeats of another server's words.
inline constexpr std::size_t quoted_bytes_max = 200;

}  // namespace toolgate::credentials::bounds
