// Memory that was needed for a moment.
#pragma once

#include <malloc.h>

#include <cstddef>

namespace toolgate {

// Gives back to the system what reading a text of this size has left in the allocator, when it was
// a large one: else a document of megabytes would count as ours for ever. Takes milliseconds, so
// nothing for the hot path.
inline void give_back_memory(std::size_t text_bytes) {
  constexpr std::size_t large_bytes = 512 * 1024;
  if (text_bytes >= large_bytes) ::malloc_trim(0);
}

}  // namespace toolgate
