#include "crypto/digests.h"

#include <array>

#include "crypto/openssl.h"

namespace toolgate::crypto {
namespace {

const EVP_MD* algorithm_of(RunningDigest::Kind kind) {
  static const std::array<EVP_MD*, 3> algorithms{EVP_MD_fetch(nullptr, "MD5", nullptr),
                                                 EVP_MD_fetch(nullptr, "SHA1", nullptr),
                                                 EVP_MD_fetch(nullptr, "SHA256", nullptr)};
  const EVP_MD* algorithm = algorithms.at(static_cast<std::size_t>(kind));
  ASSERT(algorithm != nullptr);
  return algorithm;
}

}  // namespace

struct RunningDigest::Context {
  const EVP_MD* algorithm;
  OwnedDigestContext context;
};

RunningDigest::RunningDigest(Kind kind)
    : context_{
          std::make_unique<Context>(algorithm_of(kind), OwnedDigestContext{EVP_MD_CTX_new()})} {
  ASSERT(context_->context != nullptr);
  ASSERT(EVP_DigestInit_ex2(context_->context.get(), context_->algorithm, nullptr) == 1);
}

RunningDigest::~RunningDigest() = default;
RunningDigest::RunningDigest(RunningDigest&& other) noexcept = default;
RunningDigest& RunningDigest::operator=(RunningDigest&& other) noexcept = default;

void RunningDigest::add(std::string_view bytes) {
  ASSERT(EVP_DigestUpdate(context_->context.get(), bytes.data(), bytes.size()) == 1);
}

// RFC 2104, with SHA-1's block of 64 bytes.
std::string hmac_sha1(std::string_view key, std::string_view bytes) {
  constexpr std::size_t block_bytes = 64;
  RunningDigest digest{RunningDigest::Kind::sha1};
  std::string block{key};
  if (block.size() > block_bytes) {
    digest.add(key);
    block = digest.take();
  }
  block.resize(block_bytes);
  const auto masked = [&block](char mask) {
    std::string out = block;
    for (char& c : out) c = static_cast<char>(c ^ mask);
    return out;
  };
  digest.add(masked(0x36));
  digest.add(bytes);
  const auto inner = digest.take();
  digest.add(masked(0x5C));
  digest.add(inner);
  return digest.take();
}

std::string RunningDigest::take() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  unsigned int length = 0;
  ASSERT(EVP_DigestFinal_ex(context_->context.get(), out.data(), &length) == 1);
  ASSERT(EVP_DigestInit_ex2(context_->context.get(), context_->algorithm, nullptr) == 1);
  return {out.begin(), out.begin() + length};
}

}  // namespace toolgate::crypto
