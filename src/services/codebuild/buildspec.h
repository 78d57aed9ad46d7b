// What of a buildspec says where an image goes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtimes/dockerfile_lines.h"

namespace toolgate::services::codebuild {

// The image of the last `docker push` (or `docker buildx build … --push -t`) in the text, with the
// build's environment variables in place; nothing when there is none.
[[nodiscard]] std::optional<std::string> pushed_image(std::string_view buildspec,
                                                      const runtimes::Variables& variables);

// The file that `docker build -f FILE` names; "Dockerfile" without.
[[nodiscard]] std::string dockerfile_name(std::string_view buildspec);

}  // namespace toolgate::services::codebuild
