// Where answers come from: a chat-completions endpoint, the stand-in, or nowhere. Made once from
// the settings; immutable.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/http.h"

namespace toolgate::services::bedrock_runtime {

struct ModelSettings {
  std::string endpoint;            // a URL; "none"; or empty: the stand-in
  std::string api_key_file;        // its text is sent as a bearer token; empty: none is
  std::vector<std::string> names;  // "PATTERN=NAME" with * for anything, or "NAME" for every model
};

class ModelSource {
 public:
  enum class Kind : std::uint8_t { stand_in, none, endpoint };

  ModelSource() = default;  // the stand-in
  // Fails with Code::invalid: the flag, what is wrong with it, what was expected. Reads the key
  // file.
  static Result<ModelSource> make(const ModelSettings& settings);

  [[nodiscard]] Kind kind() const { return kind_; }
  // Of the endpoint: where chat completions are asked for, and the headers of the question.
  [[nodiscard]] const net::Url& url() const { return url_; }
  [[nodiscard]] const net::Headers& headers() const { return headers_; }
  // What the endpoint calls the model: by the first pattern that fits, else as it is.
  [[nodiscard]] std::string_view name_of(std::string_view model_id) const;

 private:
  struct Name {
    std::string pattern;
    std::string name;
  };
  Kind kind_ = Kind::stand_in;
  net::Url url_;
  net::Headers headers_;
  std::vector<Name> names_;
};

}  // namespace toolgate::services::bedrock_runtime
