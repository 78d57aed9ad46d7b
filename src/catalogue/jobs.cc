#include "catalogue/jobs.h"

#include <array>

namespace toolgate::catalogue {

Task<Result<void>> run_synchronize(JobContext&, const store::Job&, net::Worker&);
Task<Result<void>> run_collect(JobContext&, const store::Job&, net::Worker&);
Task<Result<void>> run_reseal(JobContext&, const store::Job&, net::Worker&);

namespace {

constexpr std::array job_kinds{
    JobKind{synchronize_target, run_synchronize},
    JobKind{collect_garbage, run_collect},
    JobKind{reseal, run_reseal},
};

}  // namespace

const JobKind* find_job_kind(std::string_view name) {
  for (const auto& kind : job_kinds) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

}  // namespace toolgate::catalogue
