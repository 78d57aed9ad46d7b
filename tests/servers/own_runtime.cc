// A runtime of its own for Lambda functions: it asks for calls over the Runtime API with plain
// sockets, and does what the event's text names.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

static std::string address, prefix;

static std::string ask(const std::string& method, const std::string& path,
                       const std::string& body) {
  const auto colon = address.find(':');
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(atoi(address.c_str() + colon + 1));
  inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
  const int s = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(s, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) exit(9);
  const std::string text = method + " " + prefix + "/2018-06-01/runtime/" + path +
      " HTTP/1.1\r\nHost: " + address + "\r\nConnection: close\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body;
  for (size_t sent = 0; sent < text.size();) {
    const auto n = write(s, text.data() + sent, text.size() - sent);
    if (n <= 0) break;
    sent += n;
  }
  std::string answer;
  char piece[4096];
  for (ssize_t n; (n = read(s, piece, sizeof piece)) > 0;) answer.append(piece, n);
  close(s);
  return answer;
}

static bool names(const std::string& event, const char* word) {
  return event.find(word) != event.npos;
}

// What a function must not do.
static void misbehave(const std::string& event) {
  if (names(event, "abort")) abort();
  if (names(event, "exit")) exit(3);
  if (names(event, "hang")) sleep(60);
  if (names(event, "spin")) for (volatile bool spin = true; spin;) {}
  std::vector<char*> kept;
  while (names(event, "leak")) {
    kept.push_back(static_cast<char*>(malloc(1 << 20)));
    memset(kept.back(), 'x', 1 << 20);
  }
  const std::string line(999, 'y');
  for (int left = names(event, "print") ? 100000 : 0; left > 0; --left) puts(line.c_str());
  fflush(stdout);
}

int main() {
  const std::string api = getenv("AWS_LAMBDA_RUNTIME_API");
  address = api.substr(0, api.find('/'));
  prefix = api.find('/') == api.npos ? "" : api.substr(api.find('/'));
  for (;;) {
    const std::string event = ask("GET", "invocation/next", "");
    std::string head = event.substr(0, event.find("\r\n\r\n"));
    const std::string body = event.substr(event.find("\r\n\r\n") + 4);
    for (auto& c : head) c = tolower(c);
    const std::string name = "lambda-runtime-aws-request-id: ";
    const auto at = head.find(name);
    if (at == head.npos) return 0;
    const std::string id = head.substr(at + name.size(), 36);
    printf("working\n");
    fflush(stdout);
    misbehave(body);
    if (names(body, "error")) {
      ask("POST", "invocation/" + id + "/error",
          R"({"errorMessage":"own","errorType":"Own.Error"})");
    } else if (names(body, "large")) {
      ask("POST", "invocation/" + id + "/response", '"' + std::string(7000000, 'x') + '"');
    } else {
      ask("POST", "invocation/" + id + "/response", "{\"got\":" + body + "}");
    }
  }
}
