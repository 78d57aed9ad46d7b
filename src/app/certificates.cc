#include "app/certificates.h"

#include <filesystem>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "app/aws_names.h"
#include "app/trust_files.h"
#include "base/log.h"
#include "crypto/certificates.h"
#include "json/json.h"
#include "store/private_file.h"

namespace toolgate::app {
namespace {

constexpr std::string_view seal_context = "local certificate authority";
constexpr std::size_t sealed_bytes_max = 64 * 1024;
// A new authority comes while programs that trust the old one may still be started anew.
constexpr auto renewed_before = std::chrono::days{60};

const std::vector<std::string> own_names{"localhost", "127.0.0.1", "::1"};

crypto::NameConstraints constraints() {
  return {.domains = {aws_domains.begin(), aws_domains.end()},
          .networks = {"127.0.0.0/255.0.0.0", "::1/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}};
}

std::string key_file(const Config& config) { return config.data_dir + "/ca.sealed"; }

Result<crypto::CertificateAuthority> read_authority(const Config& config,
                                                    const store::Secrets& secrets) {
  TRY(const auto sealed, read_file(key_file(config), sealed_bytes_max));
  TRY(const auto text, secrets.unseal(sealed, seal_context));
  TRY(const Json kept, json::parse(text));
  return crypto::CertificateAuthority::from_pem(json::find_string(kept, "certificate").value_or(""),
                                                json::find_string(kept, "key").value_or(""));
}

Result<crypto::CertificateAuthority> make_authority(const Config& config,
                                                    const store::Secrets& secrets, Time now) {
  auto names = constraints();
  names.domains.push_back("localhost");
  auto made = crypto::CertificateAuthority::make(
      fmt::format("toolgate local authority {}", seconds_of(now)), names, now);
  const auto text =
      json::print(JsonObject{{"certificate", made.certificate_pem()}, {"key", made.key_pem()}});
  TRY_DO(store::write_private_file(key_file(config), secrets.seal(text, seal_context),
                                   store::IfPresent::replace));
  log::info("TLS: a new local authority; programs started before trust the old one");
  return made;
}

Result<crypto::CertificateAuthority> open_authority(const Config& config,
                                                    const store::Secrets& secrets, Time now) {
  auto kept = read_authority(config, secrets);
  // No client takes it now, so that a new one costs nobody anything; who has it in a trust store
  // must hear of it.
  if (kept && kept->begins() > now) {
    log::warn(
        "TLS: {} is valid only from {:%FT%TZ} on: the clock was ahead when it was made, or is "
        "behind now. A new authority takes its place: trust the file anew where you have installed "
        "it, and start programs of toolgate run anew",
        authority_file(config.data_dir), std::chrono::floor<std::chrono::seconds>(kept->begins()));
    return make_authority(config, secrets, now);
  }
  if (kept && kept->expires() - renewed_before > now) return kept;
  // Written by hand, or sealed with the key of another store: a new one harms nobody.
  if (!kept && kept.error().code != Code::not_found) {
    log::warn("TLS: the kept authority cannot be used: {}", kept.error().message);
  }
  return make_authority(config, secrets, now);
}

// Returns the bundle's path.
Result<std::string> write_files(const Config& config) {
  TRY_DO(write_shim(config.data_dir));
  return write_bundle(std::filesystem::absolute(config.data_dir).string(), {});
}

}  // namespace

Result<std::unique_ptr<Certificates>> Certificates::open(const Config& config,
                                                         const store::Secrets& secrets,
                                                         const Clock& clock) {
  TRY(auto authority, open_authority(config, secrets, clock.now()));
  TRY_DO(write_public_file(authority_file(config.data_dir), authority.certificate_pem()));
  std::unique_ptr<Certificates> made{new Certificates{std::make_unique<net::IssuedContexts>(
      std::move(authority),
      net::IssuedContexts::Options{.clock = &clock,
                                   .domains = {aws_domains.begin(), aws_domains.end()},
                                   .own_names = own_names})}};
  TRY_DO(made->reload(config));
  return made;
}

Result<void> Certificates::reload(const Config& config) {
  std::shared_ptr<net::TlsFiles> files;
  if (config.tls_cert.empty() != config.tls_key.empty()) {
    return fail(Code::invalid, "--tls-cert and --tls-key: expected both or neither");
  }
  if (!config.tls_cert.empty()) {
    auto loaded = net::TlsFiles::load(config.tls_cert, config.tls_key);
    if (!loaded) {
      loaded.error().message = "--tls-cert and --tls-key: " + loaded.error().message;
      return std::unexpected(std::move(loaded).error());
    }
    files = *std::move(loaded);
  }
  TRY(bundle_file_, write_files(config));
  const std::lock_guard lock{mutex_};
  files_ = std::move(files);
  return {};
}

std::shared_ptr<net::TlsFiles> Certificates::files() {
  const std::lock_guard lock{mutex_};
  return files_;
}

std::shared_ptr<SSL_CTX> Certificates::context_for(std::string_view server_name) {
  const auto of_user = files();
  if (of_user && !is_aws_shaped(server_name)) return of_user->context_for(server_name);
  return issued_->context_for(server_name);
}

}  // namespace toolgate::app
