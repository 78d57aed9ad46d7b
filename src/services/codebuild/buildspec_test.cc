#include "services/codebuild/buildspec.h"

#include <gtest/gtest.h>

namespace toolgate::services::codebuild {
namespace {

TEST(PushedImage, IsWhatTheToolkitsPush) {
  const auto* spec = R"(version: 0.2
phases:
  build:
    commands:
      - |
        docker build -t bedrock-agentcore-arm64 . &
        BUILD_PID=$!
      - "docker tag bedrock-agentcore-arm64:latest r.example/x:20260101"
  post_build:
    commands:
      - echo "Pushing versioned image to ECR..."
      - "docker push r.example/x:20260101"
)";
  EXPECT_EQ(pushed_image(spec, {}), "r.example/x:20260101");
  EXPECT_EQ(dockerfile_name(spec), "Dockerfile");
}

TEST(PushedImage, HasTheBuildsVariables) {
  EXPECT_EQ(pushed_image("- docker build -f ./d/File . && docker push $REPO:${TAG}",
                         {{"REPO", "r"}, {"TAG", "t"}}),
            "r:t");
  EXPECT_EQ(dockerfile_name("- docker build -f ./d/File . && docker push x"), "d/File");
  EXPECT_EQ(pushed_image("- docker buildx build --platform linux/arm64 --push -t r:2 .", {}),
            "r:2");
  EXPECT_EQ(pushed_image("- echo docker", {}), std::nullopt);
}

}  // namespace
}  // namespace toolgate::services::codebuild
