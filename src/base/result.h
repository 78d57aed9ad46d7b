// Failure as a value. A function that can fail returns Result<T>; nothing in this code base throws.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace toolgate {

// Neutral kinds of failure. Each protocol has exactly one table from Code to its wire form:
// aws/errors.cc, identity/challenge.cc; an MCP tool's failure is a result (gateway/call_tool.cc).
enum class Code : std::uint8_t {
  invalid,          // the caller's input is wrong
  unauthenticated,  // who is calling is not known
  denied,           // known, but not allowed
  not_found,
  conflict,
  quota,        // a standing limit is reached
  throttled,    // too fast; later is fine
  too_large,    // more bytes than the limit
  upstream,     // the other side answered something wrong
  timeout,      // a deadline passed
  unavailable,  // the other side could not be reached
  cancelled,    // who asked has gone
  internal,     // our fault
};

std::string_view name_of(Code code);

struct Error {
  Code code = Code::internal;
  std::string message;  // safe to show to the caller: no secrets, no internals
  std::string detail;   // for the log only

  // A protocol's own word where the neutral code has several ("UnknownOperationException",
  // "DeleteConflict", "IdempotentParameterMismatchException"); empty for the table's default.
  std::string name;

  // The members of the input that are wrong, where the caller can be told.
  struct Field {
    std::string path;     // "protocolConfiguration.mcp.searchType"
    std::string message;  // what was expected
  };
  std::vector<Field> fields;
};

template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
};

[[nodiscard]] inline std::unexpected<Error> fail(Code code, std::string message,
                                                 std::string detail = {}) {
  return std::unexpected(Error{.code = code,
                               .message = std::move(message),
                               .detail = std::move(detail),
                               .name = {},
                               .fields = {}});
}

[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

}  // namespace toolgate

// A bug, not an input: on in release builds too.
#define ASSERT(expression) \
  ((expression) ? (void)0 : ::toolgate::assertion_failed(#expression, __FILE__, __LINE__))

#define TOOLGATE_JOIN_(a, b) a##b
#define TOOLGATE_JOIN(a, b) TOOLGATE_JOIN_(a, b)
#define TOOLGATE_TRY_(leave, tmp, let, ...)        \
  auto tmp = (__VA_ARGS__);                        \
  if (!tmp) [[unlikely]]                           \
    leave std::unexpected(std::move(tmp).error()); \
  let = *std::move(tmp)

// TRY(auto value, f());  leaves the function with f's error, or names its value.
#define TRY(let, ...) TOOLGATE_TRY_(return, TOOLGATE_JOIN(try_, __LINE__), let, __VA_ARGS__)
// TRY_DO(f());  the same for a Result<void>.
#define TRY_DO(...)                                  \
  if (auto try_ = (__VA_ARGS__); !try_) [[unlikely]] \
  return std::unexpected(std::move(try_).error())
// The same in a coroutine.
#define CO_TRY(let, ...) TOOLGATE_TRY_(co_return, TOOLGATE_JOIN(try_, __LINE__), let, __VA_ARGS__)
#define CO_TRY_DO(...)                               \
  if (auto try_ = (__VA_ARGS__); !try_) [[unlikely]] \
  co_return std::unexpected(std::move(try_).error())
