// Everything that runs Lambda functions, put together.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/config.h"
#include "app/keeper.h"
#include "aws/service.h"
#include "base/offload.h"
#include "base/result.h"
#include "functions/runtime_api.h"
#include "journal/journal.h"
#include "net/server.h"
#include "processes/processes.h"
#include "runtimes/fleet.h"
#include "services/iam/authorizer.h"
#include "services/lambda/downloads.h"
#include "store/blobs.h"

namespace toolgate::app {

class FunctionHost {
 public:
  // All outlive the object.
  struct Parts {
    const Config& config;
    net::Server& server;
    Keeper& keeper;
    Offload& offload;
    store::Blobs& blobs;
    journal::Journal& journal;
    processes::Supervisor& supervisor;
    services::iam::Authorizer& authorizer;
    const runtimes::Fleet& fleet;             // knows the machine, and who roles are
    std::function<runtimes::AwsPlace()> aws;  // where children find AWS
    std::function<std::string()> base_url;    // of the URLs where archives can be had
  };
  // Makes the folders; removes code that no function has any more. Fails with what could not be
  // done.
  static Result<std::unique_ptr<FunctionHost>> make(Parts parts);
  ~FunctionHost();

  [[nodiscard]] aws::Service service();
  [[nodiscard]] functions::RuntimeApi& runtime_api();
  [[nodiscard]] services::lambda::Downloads& downloads();

  // Events that wait begin to run. Once the server runs.
  void start();
  // The server is about to stop: processes that wait for work end. From the main thread.
  void stop();

 private:
  FunctionHost();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace toolgate::app
