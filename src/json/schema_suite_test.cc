// Runs the official JSON Schema Test Suite, which tools/json_schema_suite.py fetches: every case of
// draft 7 and 2020-12 but the optional ones and those listed here.
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "json/schema.h"
#include "json/tape.h"

namespace toolgate::json {
namespace {

namespace fs = std::filesystem;

// Groups that need a document from the network, which we never fetch.
struct Excluded {
  std::string_view draft, file, group, reason;
};
constexpr std::string_view remote = "refers to a document of another server";
constexpr std::array<Excluded, 13> excluded{{
    {"draft2020-12", "refRemote.json", "*", remote},
    {"draft7", "refRemote.json", "*", remote},
    {"draft2020-12", "ref.json", "remote ref, containing refs itself", remote},
    {"draft7", "ref.json", "remote ref, containing refs itself", remote},
    {"draft2020-12", "defs.json", "validate definition against metaschema", remote},
    {"draft7", "definitions.json", "validate definition against metaschema", remote},
    {"draft2020-12", "dynamicRef.json", "strict-tree schema, guards against misspelled properties",
     remote},
    {"draft2020-12", "dynamicRef.json",
     "tests for implementation dynamic anchor and reference link", remote},
    {"draft2020-12", "dynamicRef.json",
     "$ref and $dynamicAnchor are independent of order - $defs first", remote},
    {"draft2020-12", "dynamicRef.json",
     "$ref and $dynamicAnchor are independent of order - $ref first", remote},
    {"draft2020-12", "dynamicRef.json", "$ref to $dynamicRef finds detached $dynamicAnchor",
     remote},
    {"draft2020-12", "vocabulary.json",
     "schema that uses custom metaschema with with no validation vocabulary",
     "its $schema is a document of another server"},
    {"draft2020-12", "vocabulary.json", "ignore unrecognized optional vocabulary",
     "its $schema is a document of another server"},
}};

bool is_excluded(std::string_view draft, std::string_view file, std::string_view group,
                 std::array<bool, excluded.size()>& used) {
  for (std::size_t i = 0; i < excluded.size(); ++i) {
    const Excluded& row = excluded[i];
    if (row.draft == draft && row.file == file && (row.group == "*" || row.group == group)) {
      used[i] = true;
      return true;
    }
  }
  return false;
}

struct Counts {
  std::size_t passed = 0, failed = 0, excluded = 0;
};

std::string text_of(const Tape& tape, Tape::Index object, std::string_view name) {
  return *unescape(tape[tape.find(object, name)].text(), Surrogates::replace);
}

// The suite tells draft 7 by the folder only; we go by $schema.
std::string with_dialect(const Tape& tape, Tape::Index schema, std::string_view where) {
  std::string text{tape[schema].raw()};
  if (!where.starts_with("draft7") || tape[schema].kind != Tape::Kind::object ||
      tape.find(schema, "$schema") != Tape::none) {
    return text;
  }
  const std::string_view named = R"("$schema":"http://json-schema.org/draft-07/schema#")";
  return text.insert(1, tape[schema].count == 0 ? std::string{named} : fmt::format("{},", named));
}

void run_group(const Tape& tape, Tape::Index group, const std::string& where, Counts& counts) {
  const auto schema = Schema::compile(with_dialect(tape, tape.find(group, "schema"), where));
  ASSERT_TRUE(schema) << where << ": " << schema.error().message;
  const auto cases = tape.find(group, "tests");
  for (auto one = cases + 1; one != tape[cases].next; one = tape[one].next) {
    const auto data = tape.find(one, "data");
    const bool string = tape[data].kind == Tape::Kind::string;
    const std::string instance = fmt::format("{0}{1}{0}", string ? "\"" : "", tape[data].raw());
    const bool valid = tape[tape.find(one, "valid")].raw() == "true";
    const auto errors = schema->check(instance);
    if (errors.empty() == valid) {
      ++counts.passed;
      continue;
    }
    ++counts.failed;
    ADD_FAILURE() << where << " / " << text_of(tape, one, "description") << ": " << instance
                  << (valid ? " fits, but: " + errors[0].message : " does not fit")
                  << (schema->unenforced().empty() ? "" : "\n  " + schema->unenforced()[0]);
  }
}

Counts run_draft(const fs::path& suite, const std::string& draft,
                 std::array<bool, excluded.size()>& used) {
  Counts counts;
  for (const auto& entry : fs::directory_iterator{suite / "tests" / draft}) {
    if (entry.path().extension() != ".json") continue;
    std::ostringstream content;
    content << std::ifstream{entry.path()}.rdbuf();
    const std::string text = content.str();
    Tape tape;
    EXPECT_TRUE(tape.read(text)) << entry.path();
    const std::string file = entry.path().filename();
    for (Tape::Index group = 1; group < tape.size(); group = tape[group].next) {
      const std::string name = text_of(tape, group, "description");
      if (is_excluded(draft, file, name, used)) {
        counts.excluded += tape[tape.find(group, "tests")].count;
        continue;
      }
      run_group(tape, group, fmt::format("{}/{}: {}", draft, file, name), counts);
    }
  }
  fmt::print("{}: {} passed, {} failed, {} excluded\n", draft, counts.passed, counts.failed,
             counts.excluded);
  return counts;
}

TEST(JsonSchemaTestSuite, PassesAllRequiredCasesOfDraft7And202012) {
  const char* const suite = std::getenv("TOOLGATE_JSON_SCHEMA_SUITE");
  ASSERT_TRUE(suite != nullptr && fs::is_directory(fs::path{suite} / "tests"))
      << "TOOLGATE_JSON_SCHEMA_SUITE must name the suite's folder: run tools/json_schema_suite.py";
  std::array<bool, excluded.size()> used{};
  const Counts modern = run_draft(suite, "draft2020-12", used);
  const Counts draft7 = run_draft(suite, "draft7", used);
  EXPECT_GE(modern.passed, 1'000U);
  EXPECT_GE(draft7.passed, 700U);
  for (std::size_t i = 0; i < excluded.size(); ++i) {
    EXPECT_TRUE(used[i]) << "an exclusion that excludes nothing: " << excluded[i].group << " ("
                         << excluded[i].reason << ")";
  }
}

}  // namespace
}  // namespace toolgate::json
