#include "app/aws_names.h"

#include <algorithm>

#include "base/text.h"

namespace toolgate::app {

bool is_aws_shaped(std::string_view host) {
  while (host.ends_with('.')) host.remove_suffix(1);
  return std::ranges::any_of(aws_domains, [&](std::string_view domain) {
    return host.size() > domain.size() + 1 && host[host.size() - domain.size() - 1] == '.' &&
           equal_ignoring_case(host.substr(host.size() - domain.size()), domain);
  });
}

}  // namespace toolgate::app
