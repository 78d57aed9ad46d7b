// The job of a build, phase by phase. Each phase is written before it begins, so that who polls
// sees it; a crash runs the build again from the start.
#include <fmt/format.h>

#include "base/log.h"
#include "base/text.h"
#include "json/members.h"
#include "runtimes/archive.h"
#include "runtimes/build_image.h"
#include "runtimes/documents.h"
#include "runtimes/kept_lease.h"
#include "services/codebuild/buildspec.h"
#include "services/codebuild/service.h"
#include "store/documents.h"
#include "store/optimistic.h"

namespace toolgate::services::codebuild {
namespace {

constexpr std::size_t reason_bytes_max = 2'000;

class Run {
 public:
  Run(Builder& builder, const store::Job& job, net::Worker& worker)
      : builder_{builder}, job_{job}, worker_{worker}, key_{job.spec.subject} {}

  Task<Result<void>> all() {
    CO_TRY(auto found, co_await store::get_document(builder_.store, key_));
    const bool over = !found || json::find_bool(found->body, "buildComplete").value_or(true);
    if (over) co_return co_await drop();
    build_ = found->body.get_object();
    version_ = found->version;
    log_ = log();
    const auto done = co_await steps();
    if (!done && store::lost_race(done.error())) co_return co_await drop();  // stopped
    co_return co_await conclude(done);
  }

 private:
  Task<Result<void>> steps() {
    CO_TRY_DO(co_await phase("DOWNLOAD_SOURCE"));
    CO_TRY(const std::string archive, co_await download());
    CO_TRY_DO(co_await phase("BUILD"));
    const std::string spec = json::member(build_, "source", "buildspec");
    const std::string file = dockerfile_name(spec);
    auto image = co_await builder_.offload.run(
        [&] { return runtimes::build_image(archive, file, builder_.images); });
    if (!image) co_return std::unexpected(image.error());
    for (const auto& note : image->notes) log_(note);
    CO_TRY_DO(co_await install(*image));
    CO_TRY_DO(co_await phase("POST_BUILD"));
    const auto pushed = pushed_image(spec, variables());
    if (!pushed) {
      co_return fail(Code::invalid,
                     "The buildspec has no `docker push IMAGE`: the image would go "
                     "nowhere");
    }
    co_return co_await push(*pushed, *image, archive.size());
  }

  Task<Result<std::string>> download() {
    const std::string location = json::member(build_, "source", "location");
    CO_TRY(const auto object, runtimes::parse_s3_location(location));
    log_(fmt::format("Reading s3://{}/{}", object.bucket, object.key));
    CO_TRY(auto reader, co_await builder_.assume(role()));
    auto archive = co_await builder_.source.read_as(std::move(reader), {key_.account, key_.region},
                                                    object, worker_);
    if (!archive && archive.error().code == Code::denied) {
      co_return fail(Code::denied,
                     fmt::format("the service role {} is not authorized to perform s3:GetObject on "
                                 "arn:aws:s3:::{}/{}",
                                 role().arn, object.bucket, object.key));
    }
    co_return archive;
  }

  // Who the build is, by its project.
  [[nodiscard]] ServiceRole role() const {
    const Json build = build_;
    const auto text = [&](std::string_view member) { return json::member(build, member); };
    return {.account = key_.account,
            .arn = text("serviceRole"),
            .session = "AWSCodeBuild-" + key_.id.substr(key_.id.rfind(':') + 1),
            .project_arn = fmt::format("arn:aws:codebuild:{}:{}:project/{}", key_.region,
                                       key_.account, text("projectName"))};
  }

  Task<Result<void>> install(const runtimes::BuiltImage& image) {
    const auto tree = builder_.images.tree_of(image.digest);
    runtimes::Environments::Wish wish{
        .recipe = image.recipe, .tree = tree, .digest = image.digest, .constraints = {}};
    wish.constraints = co_await builder_.offload.run(
        [&] { return runtimes::own_constraints(image.recipe, tree); });
    for (const auto& constraint : wish.constraints) {
      log_(fmt::format("{} imports mcp.server.fastmcp, which mcp 2 does not have: {} is added",
                       runtimes::entry_file(image.recipe), constraint));
    }
    const auto made = co_await builder_.environments.provide(std::move(wish), log_);
    if (!made) co_return std::unexpected(made.error());
    co_return Result<void>{};
  }

  // The tag of the repository: from then on a runtime can be made of it.
  Task<Result<void>> push(std::string text, runtimes::BuiltImage& image, std::size_t bytes) {
    CO_TRY(const auto name, runtimes::parse_image_name(text));
    if (name.place.account != key_.account) {
      co_return fail(Code::denied, fmt::format("docker push {}: another account's registry", text));
    }
    CO_TRY_DO(builder_.role_may(role(), "ecr:PutImage",
                                fmt::format("arn:aws:ecr:{}:{}:repository/{}", name.place.region,
                                            name.place.account, name.repository),
                                name.place.region));
    const runtimes::Image pushed{.digest = image.digest,
                                 .recipe = std::move(image.recipe),
                                 .bytes = bytes,
                                 .pushed_by = key_.id};
    const store::Key repository{.account = name.place.account,
                                .region = name.place.region,
                                .kind = std::string{runtimes::kind::repository},
                                .id = name.repository};
    const std::string absent =
        fmt::format("docker push {}: the repository '{}' does not exist in the registry", text,
                    name.repository);
    store::Batch batch;
    batch.preconditions.push_back(
        {.holds = store::Precondition::Holds::present, .key = repository, .otherwise = absent});
    batch.puts.push_back(store::put_json(
        runtimes::image_key(name), runtimes::to_json(name, pushed, seconds(builder_.clock.now()))));
    const auto done = co_await builder_.store.commit(std::move(batch));
    if (!done && done.error().code == Code::conflict) co_return fail(Code::not_found, absent);
    if (!done) co_return std::unexpected(done.error());
    log_(fmt::format("Pushed {} ({})", text, pushed.digest));
    co_return Result<void>{};
  }

  // Ends the phase that runs, and begins the next.
  Task<Result<void>> phase(std::string_view name) {
    end_phase("SUCCEEDED", {});
    log_(fmt::format("Entering phase {}", name));
    build_["currentPhase"] = name;
    build_["phases"].get_array().push_back(
        JsonObject{{"phaseType", name}, {"startTime", seconds(builder_.clock.now())}});
    store::Batch batch;
    co_return co_await write(std::move(batch));
  }

  void end_phase(std::string_view status, std::string_view message) {
    JsonObject& last = build_["phases"].get_array().back().get_object();
    if (last.contains("endTime")) return;
    const double now = seconds(builder_.clock.now());
    last["phaseStatus"] = status;
    last["endTime"] = now;
    last["durationInSeconds"] =
        static_cast<std::int64_t>(now - last["startTime"].to_number<double>());
    last["contexts"] =
        JsonArray{JsonObject{{"statusCode", status == "SUCCEEDED" ? "" : "COMMAND_EXECUTION_ERROR"},
                             {"message", message}}};
  }

  Task<Result<void>> conclude(const Result<void>& done) {
    const std::string reason = done ? "" : done.error().message.substr(0, reason_bytes_max);
    if (!done) {
      log::warn("build {}: {} {}", key_.id, reason, done.error().detail);
      log_("FAILED: " + reason);
    }
    const std::string_view status = done ? "SUCCEEDED" : "FAILED";
    end_phase(status, reason);
    const double now = seconds(builder_.clock.now());
    build_["phases"].get_array().push_back(
        JsonObject{{"phaseType", "COMPLETED"}, {"startTime", now}});
    build_["currentPhase"] = "COMPLETED";
    build_["buildStatus"] = status;
    build_["buildComplete"] = true;
    build_["endTime"] = now;
    log_(fmt::format("Build {}", status));
    store::Batch batch;
    batch.job_done = job_;
    const auto written = co_await write(std::move(batch));
    if (!written && store::lost_race(written.error())) co_return co_await drop();
    co_return written;
  }

  Task<Result<void>> write(store::Batch batch) {
    batch.preconditions.push_back(store::unchanged(key_, version_, "The build was stopped."));
    batch.puts.push_back({.key = key_, .body = json::print(build_)});
    CO_TRY(version_, co_await builder_.store.commit(std::move(batch)));
    co_return Result<void>{};
  }

  Task<Result<void>> drop() {
    store::Batch batch;
    batch.job_done = job_;
    CO_TRY_DO(co_await builder_.store.commit(std::move(batch)));
    co_return Result<void>{};
  }

  [[nodiscard]] runtimes::Log log() const {
    if (!builder_.log) return [](std::string_view) {};
    const runtimes::LogPlace at{.place = {key_.account, key_.region},
                                .group = json::member(build_, "logs", "groupName"),
                                .stream = json::member(build_, "logs", "streamName")};
    return [sink = builder_.log, at](std::string_view line) { sink(at, line); };
  }

  // Of the build's commands (CodeBuild user guide, "Environment variables in build environments").
  [[nodiscard]] runtimes::Variables variables() const {
    runtimes::Variables all{{"AWS_REGION", key_.region},
                            {"AWS_DEFAULT_REGION", key_.region},
                            {"AWS_ACCOUNT_ID", key_.account},
                            {"CODEBUILD_BUILD_ID", key_.id}};
    const Json build = build_;
    if (const auto* given = json::find_array(build, "environment", "environmentVariables")) {
      for (const auto& variable : *given) {
        runtimes::set_variable(all, json::member(variable, "name"),
                               json::member(variable, "value"));
      }
    }
    return all;
  }

  Builder& builder_;
  const store::Job& job_;
  net::Worker& worker_;
  const store::Key key_;
  JsonObject build_;
  store::Version version_ = 0;
  runtimes::Log log_;
};

Task<Result<void>> run(Builder& builder, const store::Job& job, net::Worker& worker) {
  const runtimes::KeptLease lease{builder.store, job, catalogue::Runner::lease_for, worker};
  Run build{builder, job, worker};
  co_return co_await build.all();
}

}  // namespace

catalogue::Runner::OwnKind build_job_kind(Builder& builder) {
  return {.name = std::string{run_build},
          .run = [&builder](const store::Job& job, net::Worker& worker) {
            return run(builder, job, worker);
          }};
}

}  // namespace toolgate::services::codebuild
