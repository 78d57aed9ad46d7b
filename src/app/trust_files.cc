#include "app/trust_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <set>

#include <fmt/format.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include "base/ids.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "runtimes/shims.h"
#include "store/private_file.h"

namespace toolgate::app {
namespace {

constexpr std::size_t roots_bytes_max = 8 * 1024 * 1024;
constexpr mode_t public_mode = 0644;

constexpr std::string_view pem_begin = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view pem_end = "-----END CERTIFICATE-----";

// Where the systems that we know keep their roots.
std::string system_roots() {
  const std::array<std::string, 5> places{
      "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
      "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem", X509_get_default_cert_file()};
  std::error_code ignored;
  for (const auto& place : places) {
    if (std::filesystem::is_regular_file(place, ignored)) return place;
  }
  return {};
}

// A user's bundles have a file of their own, named after them: few, and always the same.
std::string named_after(std::string_view word, const std::vector<std::string>& own) {
  if (own.empty()) return fmt::format("{}.pem", word);
  return fmt::format("{}-{}.pem", word, crypto::sha256_hex(join(own, "\n")).substr(0, 12));
}

Result<void> write_fresh(const std::string& path, std::string_view content) {
  const OpenFile file{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, public_mode)};
  if (!file) return file_failure("make", path);
  while (!content.empty()) {
    const auto written = ::write(file.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return file_failure("write", path);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  // Whatever the umask.
  if (::fchmod(file.get(), public_mode) != 0 || ::fsync(file.get()) != 0) {
    return file_failure("write", path);
  }
  return {};
}

}  // namespace

Result<void> write_public_file(const std::string& path, std::string_view content) {
  const auto old = read_file(path, roots_bytes_max);
  if (old && *old == content) return {};
  const auto fresh = fmt::format("{}.{}", path, random_text(12, lower_alphanumeric));
  auto written = write_fresh(fresh, content);
  if (written && ::rename(fresh.c_str(), path.c_str()) != 0) {
    written = file_failure("replace", path);
  }
  if (!written) ::unlink(fresh.c_str());
  return written;
}

std::string authority_file(const std::string& data_dir) { return data_dir + "/ca.pem"; }

std::string compose_bundle(const std::vector<std::string>& files) {
  std::string bundle;
  std::set<std::string, std::less<>> seen;
  for (const auto& file : files) {
    const auto text = read_file(file, roots_bytes_max);
    if (!text) continue;
    std::string_view rest{*text};
    while (true) {
      const auto begin = rest.find(pem_begin);
      const auto end = rest.find(pem_end, begin == std::string_view::npos ? 0 : begin);
      if (begin == std::string_view::npos || end == std::string_view::npos) break;
      const auto one = rest.substr(begin, end + pem_end.size() - begin);
      if (seen.emplace(one).second) bundle += fmt::format("{}\n", one);
      rest.remove_prefix(end + pem_end.size());
    }
  }
  return bundle;
}

Result<std::string> write_bundle(const std::string& data_dir, const std::vector<std::string>& own) {
  const auto system = system_roots();
  auto others = own;
  std::erase(others, system);
  std::vector<std::string> files{authority_file(data_dir)};
  files.insert(files.end(), others.begin(), others.end());
  files.push_back(system);
  const auto path = fmt::format("{}/{}", data_dir, named_after("ca-bundle", others));
  TRY_DO(write_public_file(path, compose_bundle(files)));
  return path;
}

Result<std::string> write_extra_roots(const std::string& data_dir,
                                      const std::vector<std::string>& own) {
  if (own.empty()) return authority_file(data_dir);
  std::vector<std::string> files{authority_file(data_dir)};
  files.insert(files.end(), own.begin(), own.end());
  const auto path = fmt::format("{}/{}", data_dir, named_after("ca-extra", own));
  TRY_DO(write_public_file(path, compose_bundle(files)));
  return path;
}

Result<std::string> write_shim(const std::string& data_dir) {
  const auto folder = data_dir + "/shim";
  TRY_DO(store::make_private_folder(folder));
  TRY_DO(write_public_file(folder + "/sitecustomize.py", runtimes::python_shim_text));
  TRY_DO(write_public_file(fmt::format("{}/{}", folder, node_shim_name), runtimes::node_shim_text));
  return folder;
}

}  // namespace toolgate::app
