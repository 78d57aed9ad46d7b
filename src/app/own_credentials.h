// The server's own credentials at services that are not ours (--aws-endpoint).
#pragma once

#include "crypto/sigv4.h"

namespace toolgate::app {

// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN of the environment, without region
// and service; an empty access key id where there are none.
[[nodiscard]] crypto::SigningKey own_credentials();

}  // namespace toolgate::app
