#include "functions/runtime_api.h"

#include "json/json.h"

namespace toolgate::functions {
namespace {

using namespace std::chrono_literals;

constexpr auto body_within = 60s;
constexpr std::string_view api = "/2018-06-01/runtime/";

net::Response say(int status, std::string_view type, std::string_view message) {
  return net::Response::json(
      status, json::print(JsonObject{{"errorType", type}, {"errorMessage", message}}));
}

net::Response accepted() { return net::Response::json(202, R"({"status":"OK"})"); }

struct Body {
  std::string bytes;
  bool too_large = false;
};

// All of it, of which at most what Lambda takes is kept: the program can always finish writing.
Task<Result<Body>> read_body(net::Request& request) {
  Body body;
  if (request.stream == nullptr) {
    body.bytes = request.body;
    body.too_large = body.bytes.size() > answer_bytes_max;
    co_return body;
  }
  for (;;) {
    CO_TRY(const std::string_view piece, co_await request.stream->read(within(body_within)));
    if (piece.empty()) break;
    body.too_large = body.too_large || body.bytes.size() + piece.size() > answer_bytes_max;
    if (body.too_large) {
      body.bytes.clear();
    } else {
      body.bytes += piece;
    }
  }
  co_return body;
}

}  // namespace

void RuntimeApi::add(const std::shared_ptr<Environment>& environment) {
  const std::scoped_lock lock{mutex_};
  environments_[environment->token()] = environment;
}

void RuntimeApi::remove(std::string_view token) {
  const std::scoped_lock lock{mutex_};
  if (const auto found = environments_.find(token); found != environments_.end()) {
    environments_.erase(found);
  }
}

std::shared_ptr<Environment> RuntimeApi::find(std::string_view token) {
  const std::scoped_lock lock{mutex_};
  const auto found = environments_.find(token);
  return found == environments_.end() ? nullptr : found->second.lock();
}

Task<net::Response> RuntimeApi::handle(net::Request& request) {
  std::string_view rest = request.path.substr(path_prefix.size());
  const auto slash = rest.find('/');
  const auto environment = find(rest.substr(0, slash));
  if (!request.peer.loopback || environment == nullptr) {
    co_return say(403, "Forbidden", "for the programs of functions only");
  }
  rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash);
  if (!rest.starts_with(api)) co_return say(404, "InvalidPath", "not a path of the Runtime API");
  rest.remove_prefix(api.size());
  if (rest == "invocation/next" && request.method == "GET") co_return co_await environment->next();
  if (request.method != "POST") co_return say(404, "InvalidPath", "not a path of the Runtime API");
  auto body = co_await read_body(request);
  if (!body) co_return say(400, "InvalidRequest", body.error().message);
  if (rest == "init/error") {
    environment->fail_init(std::move(body->bytes));
    co_return accepted();
  }
  const auto verb = rest.rfind('/');
  constexpr std::string_view call = "invocation/";
  if (!rest.starts_with(call) || verb < call.size()) {
    co_return say(404, "InvalidPath", "not a path of the Runtime API");
  }
  const std::string_view id = rest.substr(call.size(), verb - call.size());
  const std::string_view what = rest.substr(verb + 1);
  if (what != "response" && what != "error") {
    co_return say(404, "InvalidPath", "not a path of the Runtime API");
  }
  const bool too_large = body->too_large;
  const bool taken = environment->answer(
      id, {.failed = what == "error", .body = std::move(body->bytes), .too_large = too_large});
  if (!taken) co_return say(400, "InvalidRequestID", "no call of that id is waiting");
  if (too_large) co_return say(413, "RequestEntityTooLarge", "the answer is too large");
  co_return accepted();
}

}  // namespace toolgate::functions
