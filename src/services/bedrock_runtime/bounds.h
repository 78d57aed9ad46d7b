// How much a model may be asked and may answer, and how long it may take.
#pragma once

#include <chrono>
#include <cstddef>

namespace toolgate::services::bedrock_runtime::bounds {

using namespace std::chrono_literals;

// One whole answer of a chat-completions endpoint, and all of a streamed one.
inline constexpr std::size_t answer_bytes_max = 6 * 1024 * 1024;
inline constexpr std::size_t stream_bytes_max = 64 * 1024 * 1024;
// One server-sent event: a chunk of an answer, or all of it from servers that do not cut.
inline constexpr std::size_t event_bytes_max = 1024 * 1024;
inline constexpr std::size_t tool_calls_count_max = 128;  // of one answer
// An error's body; its message, as we repeat it.
inline constexpr std::size_t error_bytes_max = 64 * 1024;
inline constexpr std::size_t error_message_bytes_max = 1'000;

// A model on a laptop's processor takes minutes until its first word.
inline constexpr auto answer_timeout = 15min;
inline constexpr auto silence_timeout = 5min;  // between two pieces of a stream

inline constexpr std::size_t api_key_bytes_max = 4'096;

// The stand-in: what it looks at.
inline constexpr std::size_t prompt_bytes_max = 16 * 1024;
inline constexpr std::size_t literals_count_max = 64;
inline constexpr std::size_t parameters_count_max = 64;
inline constexpr std::size_t parameters_in_all_count_max = 256;  // nested ones too
inline constexpr int parameters_depth_max = 4;
inline constexpr std::size_t enum_values_count_max = 256;
inline constexpr std::size_t tools_listed_count_max = 200;

}  // namespace toolgate::services::bedrock_runtime::bounds
