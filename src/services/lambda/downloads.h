// Where a function's archive can be had: Code.Location of GetFunction, a URL that needs no
// signature and ends after ten minutes, as Lambda's does. Whoever may ask for it may read the code.
#pragma once

#include <functional>
#include <string>

#include "base/clock.h"
#include "base/task.h"
#include "net/http.h"
#include "store/blobs.h"
#include "store/secrets.h"

namespace toolgate::services::lambda {

class Downloads {
 public:
  static constexpr std::string_view path_prefix = "/lambda-code/";
  static constexpr auto valid_for = std::chrono::minutes{10};

  // All outlive the object. `base_url`: "http://127.0.0.1:7878".
  Downloads(store::Blobs& blobs, const store::Secrets& secrets, const Clock& clock,
            std::function<std::string()> base_url)
      : blobs_{blobs}, secrets_{secrets}, clock_{clock}, base_url_{std::move(base_url)} {}

  [[nodiscard]] std::string location_of(const store::BlobId& archive) const;

  [[nodiscard]] static bool takes(const net::Request& head) {
    return head.path.starts_with(path_prefix);
  }
  // 403 for a URL that is over or none of ours, 404 when the code was replaced meanwhile.
  Task<net::Response> handle(net::Request& request);

 private:
  [[nodiscard]] Result<store::BlobId> archive_of(std::string_view token) const;

  store::Blobs& blobs_;
  const store::Secrets& secrets_;
  const Clock& clock_;
  std::function<std::string()> base_url_;
};

}  // namespace toolgate::services::lambda
