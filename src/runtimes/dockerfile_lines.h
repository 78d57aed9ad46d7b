// The layers below a Dockerfile's meaning: logical lines, words, variables.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace toolgate::runtimes {

struct Instruction {
  std::size_t line = 0;  // of its first line, from 1
  std::string word;      // upper case: "RUN"
  std::string rest;      // continuation lines joined
};

// Comments and blank lines are gone. Fails with Code::invalid, naming the line.
[[nodiscard]] Result<std::vector<Instruction>> instructions_of(std::string_view text);

using Variables = std::vector<std::pair<std::string, std::string>>;
void set_variable(Variables& variables, std::string name, std::string value);

// $NAME, ${NAME}, ${NAME:-default} and ${NAME:+other}; an unknown name is empty. \$ stays a dollar.
[[nodiscard]] std::string expand(std::string_view text, const Variables& variables);

// Words as a shell would see them: quotes and backslashes are taken off. `;`, `&&`, `||`, `|` and
// `&` outside of quotes are words of their own.
[[nodiscard]] std::vector<std::string> shell_words(std::string_view text);

}  // namespace toolgate::runtimes
