#include "runtimes/dockerfile.h"

#include <gtest/gtest.h>

#include "runtimes/pip_commands.h"

namespace toolgate::runtimes {
namespace {

// As the starter toolkit writes it.
constexpr std::string_view toolkit_file = R"(FROM ghcr.io/astral-sh/uv:python3.13-bookworm-slim
WORKDIR /app

# All environment variables in one layer
ENV UV_SYSTEM_PYTHON=1 \
    # a comment between
    PYTHONUNBUFFERED=1 \
    AWS_REGION="us-east-1"

COPY requirements.txt requirements.txt
RUN uv pip install -r requirements.txt
RUN uv pip install "aws-opentelemetry-distro>=0.18.0,<1.0.0"
RUN useradd -m -u 1000 bedrock_agentcore
USER bedrock_agentcore
EXPOSE 8000
COPY . .
CMD ["opentelemetry-instrument", "python", "-m", "pkg.mcp_server"]
)";

using Pairs = std::vector<std::pair<std::string, std::string>>;
using Texts = std::vector<std::string>;

TEST(ReadDockerfile, TakesWhatTheToolkitWrites) {
  const auto file = read_dockerfile(toolkit_file);
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->recipe.python, "3.13");
  EXPECT_EQ(file->recipe.directory, "app");
  EXPECT_EQ(
      file->recipe.environment,
      (Pairs{{"UV_SYSTEM_PYTHON", "1"}, {"PYTHONUNBUFFERED", "1"}, {"AWS_REGION", "us-east-1"}}));
  EXPECT_EQ(file->recipe.requirement_files, Texts{"app/requirements.txt"});
  EXPECT_EQ(file->recipe.requirements, Texts{"aws-opentelemetry-distro>=0.18.0,<1.0.0"});
  EXPECT_EQ(file->recipe.command,
            (Texts{"opentelemetry-instrument", "python", "-m", "pkg.mcp_server"}));
  EXPECT_EQ(entry_file(file->recipe), "app/pkg/mcp_server.py");
  ASSERT_EQ(file->copies.size(), 2U);
  EXPECT_EQ(file->copies[1].from, Texts{"."});
  EXPECT_EQ(file->copies[1].to, "app");
  ASSERT_EQ(file->notes.size(), 1U);
  EXPECT_NE(file->notes[0].find("useradd"), std::string::npos);
}

TEST(ReadDockerfile, TakesTheLastStageAndItsEntrypoint) {
  const auto file = read_dockerfile(
      "ARG V=3.12\nFROM node:22 AS web\nCMD [\"node\"]\nFROM python:${V}-slim\n"
      "COPY --from=web /x /x\nCOPY --chown=1:1 a.py b.py src/\nWORKDIR /srv\n"
      "WORKDIR inner\nENTRYPOINT [\"python\"]\nCMD [\"main.py\"]\n");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->recipe.python, "3.12");
  EXPECT_EQ(file->recipe.directory, "srv/inner");
  EXPECT_EQ(file->recipe.command, (Texts{"python", "main.py"}));
  ASSERT_EQ(file->copies.size(), 1U);
  EXPECT_TRUE(file->copies[0].into);
  EXPECT_EQ(file->copies[0].to, "src");
}

TEST(ReadDockerfile, RunsAShellFormInAShell) {
  const auto file = read_dockerfile("FROM python\nENV A 1 2\nCMD python -m x\n");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->recipe.command, (Texts{"/bin/sh", "-c", "python -m x"}));
  EXPECT_EQ(file->recipe.environment, (Pairs{{"A", "1 2"}}));
  EXPECT_EQ(file->recipe.python, "");
}

TEST(ReadDockerfile, KeepsDestinationsInTheTree) {
  const auto file = read_dockerfile("FROM python\nCOPY ../../secret ../../../etc/x\nCMD [\"a\"]\n");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->copies[0].from, Texts{"secret"});
  EXPECT_EQ(file->copies[0].to, "etc/x");
  const auto slashes = read_dockerfile("FROM python\nCOPY // //etc\nWORKDIR //\nCMD [\"a\"]\n");
  ASSERT_TRUE(slashes);
  EXPECT_EQ(slashes->copies[0].from, Texts{"."});
  EXPECT_EQ(slashes->copies[0].to, "etc");
  EXPECT_EQ(slashes->recipe.directory, "");
}

TEST(ReadDockerfile, RefusesWhatItCannotRead) {
  struct Case {
    std::string_view text;
    std::string_view said;
  };
  for (const auto& [text, said] : {
           Case{"", "no FROM"},
           Case{"FROM python\n", "neither CMD nor ENTRYPOINT"},
           Case{"COPY . .\nFROM python\n", "line 1"},
           Case{"FROM python\nNONSENSE x\n", "line 2: NONSENSE"},
           Case{"FROM python\nRUN <<EOF\nx\nEOF\n", "line 2: here-documents"},
           Case{"FROM python\nCOPY x\n", "line 2: COPY expects"},
           Case{"FROM python\nENV =x\n", "line 2: ENV expects"},
           Case{"FROM python\nADD https://x.example/y z\n", "of a URL"},
       }) {
    const auto file = read_dockerfile(text);
    ASSERT_FALSE(file) << text;
    EXPECT_NE(file.error().message.find(said), std::string::npos) << file.error().message;
  }
}

TEST(PipInstalls, FollowsFoldersAndKeepsIndexes) {
  const auto found = pip_installs(
      "cd lib && uv pip install . && pip3 install --no-cache-dir -r ../all.txt 'x>=1,<2' "
      "--index-url=https://p.example/simple --target /t; python -m pip install -e ./here");
  EXPECT_EQ(found.projects, (Texts{"lib/", "lib/here"}));
  EXPECT_EQ(found.requirement_files, Texts{"all.txt"});
  EXPECT_EQ(found.requirements, (Texts{"x>=1,<2", "--index-url https://p.example/simple"}));
  EXPECT_TRUE(found.others.empty());
}

TEST(ImportsFastmcp, SeesEveryFormOfTheImport) {
  EXPECT_TRUE(imports_fastmcp("import os\nfrom mcp.server.fastmcp import FastMCP\n"));
  EXPECT_TRUE(imports_fastmcp("  from mcp.server import FastMCP"));
  EXPECT_TRUE(imports_fastmcp("import mcp.server.fastmcp as f"));
  EXPECT_FALSE(imports_fastmcp("# from mcp.server.fastmcp import FastMCP"));
  EXPECT_FALSE(imports_fastmcp("from fastmcp import FastMCP\nfrom mcp.server import Server"));
}

TEST(Recipe, ComesBackFromItsDocument) {
  const auto file = read_dockerfile(toolkit_file);
  ASSERT_TRUE(file);
  const auto again = recipe_from(to_json(file->recipe));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->command, file->recipe.command);
  EXPECT_EQ(again->environment, file->recipe.environment);
  EXPECT_EQ(again->requirement_files, file->recipe.requirement_files);
  EXPECT_FALSE(recipe_from(JsonObject{{"command", 1}}));
}

}  // namespace
}  // namespace toolgate::runtimes
