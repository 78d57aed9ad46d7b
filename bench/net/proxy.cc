// The least a gateway can do with net/: an upstream that answers at once, a proxy in front of it.
//   net_proxy upstream PORT            answers each request with 600 bytes
//   net_proxy proxy PORT UPSTREAM_PORT [THREADS]
//   net_proxy static PORT [THREADS]
#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "net/client.h"
#include "net/server.h"

namespace toolgate::net {
namespace {

class StaticAnswer final : public Handler {
 public:
  BodyPlan plan(const Request&) const override {
    return {BodyPlan::Take::buffered, limits::http_body_bytes_max};
  }
  Task<Response> handle(Request&, Worker&) override {
    Response response;
    response.headers.push_back({"content-type", "application/json"});
    response.body = body_;
    co_return response;
  }

 private:
  const std::shared_ptr<const std::string> body_ =
      std::make_shared<const std::string>("{\"result\":\"" + std::string(586, 'r') + "\"}");
};

class Proxy final : public Handler {
 public:
  explicit Proxy(std::uint16_t port)
      : url_{*Url::parse("http://127.0.0.1:" + std::to_string(port) + "/mcp")} {}
  BodyPlan plan(const Request&) const override {
    return {BodyPlan::Take::buffered, limits::http_body_bytes_max};
  }
  Task<Response> handle(Request& request, Worker& worker) override {
    auto answer = co_await worker.client().send({.method = request.method,
                                                 .url = &url_,
                                                 .headers = &headers_,
                                                 .body = request.body,
                                                 .deadline = within(std::chrono::seconds{30})});
    if (!answer) co_return Response::text(502, "text/plain", answer.error().message);
    Response response;
    response.status = answer->status;
    response.headers.push_back({"content-type", "application/json"});
    response.body = std::string{answer->body};
    co_return response;
  }

 private:
  const Url url_;
  const Headers headers_{{"content-type", "application/json"},
                         {"accept", "application/json, text/event-stream"},
                         {"authorization", "Bearer " + std::string(900, 't')}};
};

int run(int argc, char** argv) {
  const std::string_view mode = argc > 2 ? argv[1] : "";
  const auto number = [&](int at, int otherwise) {
    return argc > at ? std::atoi(argv[at]) : otherwise;
  };
  std::unique_ptr<Handler> handler;
  int threads = 1;
  if (mode == "proxy" && argc > 3) {
    handler = std::make_unique<Proxy>(static_cast<std::uint16_t>(number(3, 0)));
    threads = number(4, 1);
  } else if (mode == "static" || mode == "upstream") {
    handler = std::make_unique<StaticAnswer>();
    threads = number(3, 1);
  } else {
    std::fprintf(stderr, "usage: net_proxy upstream|static|proxy PORT …\n");
    return 2;
  }
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  Server server{{.threads = static_cast<std::size_t>(threads)}};
  std::vector<std::unique_ptr<Client>> clients;
  for (auto* worker : server.workers()) {
    clients.push_back(std::make_unique<Client>(*worker, Client::Options{}));
    worker->set_client(*clients.back());
  }
  const auto bound =
      server.listen({"127.0.0.1", static_cast<std::uint16_t>(number(2, 0))}, *handler);
  if (!bound) {
    std::fprintf(stderr, "%s\n", bound.error().message.c_str());
    return 1;
  }
  server.run();
  int signal = 0;
  sigwait(&set, &signal);
  server.stop(within(std::chrono::milliseconds{200}));
  return 0;
}

}  // namespace
}  // namespace toolgate::net

int main(int argc, char** argv) { return toolgate::net::run(argc, argv); }
