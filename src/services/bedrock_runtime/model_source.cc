#include "services/bedrock_runtime/model_source.h"

#include <algorithm>

#include "base/file.h"
#include "services/bedrock_runtime/bounds.h"

namespace toolgate::services::bedrock_runtime {
namespace {

constexpr std::string_view operation_path = "/chat/completions";

// `*` stands for any text, also none.
bool fits(std::string_view pattern, std::string_view text) {
  std::size_t at = 0;
  std::size_t in = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (in < text.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      resume = in;
    } else if (at < pattern.size() && pattern[at] == text[in]) {
      ++at;
      ++in;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      in = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

// The base URL as OpenAI's SDKs take it ("http://localhost:11434/v1"), or the operation's own.
Result<net::Url> chat_url(std::string_view text) {
  auto url = net::Url::parse(text);
  if (!url) {
    return fail(Code::invalid, "--model-endpoint: " + url.error().message +
                                   " (expected an http or https URL, or none)");
  }
  const auto mark = url->target.find('?');
  std::string path = url->target.substr(0, mark);
  const std::string query = mark == std::string::npos ? "" : url->target.substr(mark);
  while (path.ends_with('/')) path.pop_back();
  if (!path.ends_with(operation_path)) path += operation_path;
  url->target = path + query;
  return url;
}

Result<std::string> read_key(const std::string& file) {
  const auto wrong = [&](std::string_view what) {
    return fail(Code::invalid, "--model-api-key-file " + file + ": " + std::string{what});
  };
  auto read = read_file(file, bounds::api_key_bytes_max);
  if (!read && read.error().code == Code::too_large) {
    return wrong("expected a key of at most 4 KiB");
  }
  if (!read) return wrong("cannot be read");
  std::string key = *std::move(read);
  while (!key.empty() && (key.back() == '\n' || key.back() == '\r' || key.back() == ' ')) {
    key.pop_back();
  }
  const auto plain = [](char c) { return c > ' ' && c < 0x7F; };
  if (key.empty() || !std::ranges::all_of(key, plain)) {
    return wrong("expected one line of ASCII without spaces");
  }
  return key;
}

}  // namespace

Result<ModelSource> ModelSource::make(const ModelSettings& settings) {
  ModelSource source;
  if (settings.endpoint.empty() || settings.endpoint == "none") {
    source.kind_ = settings.endpoint.empty() ? Kind::stand_in : Kind::none;
    if (!settings.api_key_file.empty()) {
      return fail(Code::invalid, "--model-api-key-file: expected --model-endpoint URL beside it");
    }
    if (!settings.names.empty()) {
      return fail(Code::invalid, "--model-name: expected --model-endpoint URL beside it");
    }
    return source;
  }
  source.kind_ = Kind::endpoint;
  TRY(source.url_, chat_url(settings.endpoint));
  source.headers_.push_back({"content-type", "application/json"});
  if (!settings.api_key_file.empty()) {
    TRY(const std::string key, read_key(settings.api_key_file));
    source.headers_.push_back({"authorization", "Bearer " + key});
  }
  for (const auto& text : settings.names) {
    const auto equals = text.find('=');
    Name name{.pattern = equals == std::string::npos ? "*" : text.substr(0, equals),
              .name = equals == std::string::npos ? text : text.substr(equals + 1)};
    if (name.pattern.empty() || name.name.empty()) {
      return fail(Code::invalid, "--model-name " + text + ": expected NAME or PATTERN=NAME");
    }
    source.names_.push_back(std::move(name));
  }
  return source;
}

std::string_view ModelSource::name_of(std::string_view model_id) const {
  const auto found =
      std::ranges::find_if(names_, [&](const Name& name) { return fits(name.pattern, model_id); });
  return found == names_.end() ? model_id : std::string_view{found->name};
}

}  // namespace toolgate::services::bedrock_runtime
