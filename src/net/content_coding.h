// Undoes the Content-Encoding of answers. We ask for none, but a server may pack an answer all the
// same (RFC 9110 §12.5.3), and some do: objects that are stored packed, caches.
#pragma once

#include <cstddef>

#include "base/result.h"
#include "net/client.h"

namespace toolgate::net {

// The plain body in place of the packed one; the fields stay as they came. gzip and deflate are
// read. Fails with Code::upstream for another coding (the message names it) and for what is not
// packed as it says or is cut off, with Code::too_large beyond `bytes_max` plain bytes. Of an
// answer outside of 2xx the status matters more: a body that cannot be read is empty then.
[[nodiscard]] Result<void> decode_content(ClientResponse& answer, std::size_t bytes_max);
// Of bytes that are still to come the reader fails so.
[[nodiscard]] Result<void> decode_content(ClientStream& answer, std::size_t bytes_max);

}  // namespace toolgate::net
