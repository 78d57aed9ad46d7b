#include "base/result.h"

#include <cstdio>
#include <cstdlib>

namespace toolgate {

std::string_view name_of(Code code) {
  switch (code) {
    case Code::invalid:
      return "invalid";
    case Code::unauthenticated:
      return "unauthenticated";
    case Code::denied:
      return "denied";
    case Code::not_found:
      return "not_found";
    case Code::conflict:
      return "conflict";
    case Code::quota:
      return "quota";
    case Code::throttled:
      return "throttled";
    case Code::too_large:
      return "too_large";
    case Code::upstream:
      return "upstream";
    case Code::timeout:
      return "timeout";
    case Code::unavailable:
      return "unavailable";
    case Code::cancelled:
      return "cancelled";
    case Code::internal:
      return "internal";
  }
  return "internal";
}

void assertion_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "toolgate: assertion failed at %s:%d: %s\n", file, line, expression);
  std::abort();
}

}  // namespace toolgate
