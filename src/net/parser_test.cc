#include "net/parser.h"

#include <string>

#include <gtest/gtest.h>

#include "base/limits.h"

namespace toolgate::net {
namespace {

// The status a request is refused with; 0 when it is taken, -1 when more is waited for.
int verdict(std::string_view text) {
  RequestParser parser;
  switch (parser.parse(text)) {
    case Parsed::more:
      return -1;
    case Parsed::done:
      return 0;
    case Parsed::refused:
      break;
  }
  return parser.refusal_status();
}

std::string with_field(std::string_view field) {
  return "POST / HTTP/1.1\r\nHost: x\r\n" + std::string{field} + "\r\n\r\n";
}
std::string with_line(std::string_view line) { return std::string{line} + "\r\nHost: x\r\n\r\n"; }

TEST(RequestParser, TakesAnOrdinaryRequest) {
  RequestParser parser;
  const std::string_view text =
      "POST /a?b=c HTTP/1.1\r\nHost: example.com:80\r\nContent-Length: 5\r\n"
      "X-Empty:\r\nX-Tab:\t a\tb \t\r\n\r\nhello";
  ASSERT_EQ(parser.parse(text), Parsed::done);
  EXPECT_EQ(parser.head.method, "POST");
  EXPECT_EQ(parser.head.target, "/a?b=c");
  EXPECT_EQ(parser.head.host, "example.com:80");
  EXPECT_EQ(parser.head.body, BodyKind::length);
  EXPECT_EQ(parser.head.body_bytes, 5);
  EXPECT_TRUE(parser.head.keep_alive);
  EXPECT_EQ(parser.head_bytes(), text.size() - 5);
  EXPECT_EQ(parser.fields.find("x-empty"), "");
  EXPECT_EQ(parser.fields.find("x-tab"), "a\tb");
}

TEST(RequestParser, TakesTheSameByteByByte) {
  const std::string_view text =
      "\r\nGET http://h/p?q HTTP/1.1\r\nHost: other\r\nConnection: foo, Close\r\n\r\n";
  RequestParser parser;
  for (std::size_t i = 1; i < text.size(); ++i) {
    ASSERT_EQ(parser.parse(text.substr(0, i)), Parsed::more) << i;
  }
  ASSERT_EQ(parser.parse(text), Parsed::done);
  EXPECT_EQ(parser.head.host, "h");
  EXPECT_EQ(parser.head.target, "/p?q");
  EXPECT_FALSE(parser.head.keep_alive);
}

TEST(RequestParser, RefusesWhatSmugglesOrIsMalformed) {
  const struct {
    std::string text;
    int status;
  } table[] = {
      // Where the body ends.
      {with_field("Content-Length: 5\r\nTransfer-Encoding: chunked"), 400},
      {with_field("Transfer-Encoding: chunked\r\nContent-Length: 0"), 400},
      {with_field("Content-Length: 5\r\nContent-Length: 5"), 400},
      {with_field("Content-Length: 5\r\ncontent-length: 6"), 400},
      {with_field("Content-Length: 5, 5"), 400},
      {with_field("Content-Length: +5"), 400},
      {with_field("Content-Length: -5"), 400},
      {with_field("Content-Length: 0x5"), 400},
      {with_field("Content-Length: 5 5"), 400},
      {with_field("Content-Length:"), 400},
      {with_field("Content-Length: 1234567890123456789"), 400},
      {with_field("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), 400},
      {with_field("Transfer-Encoding: chunked, chunked"), 501},
      {with_field("Transfer-Encoding: gzip, chunked"), 501},
      {with_field("Transfer-Encoding: identity"), 501},
      {with_field("Transfer-Encoding: xchunked"), 501},
      {with_field("Transfer-Encoding:"), 501},
      {with_field("Transfer-Encoding: \x0b"
                  "chunked"),
       400},
      {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      // Where a line ends.
      {"GET / HTTP/1.1\nHost: x\n\n", 400},
      {"GET / HTTP/1.1\r\nHost: x\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: x\r\n\n", 400},
      {"\n\r\n", 400},
      {with_field("A: b\rC: d"), 400},
      {with_field("A: b\r"), 400},
      // Where a field ends.
      {with_field("A: b\r\n c"), 400},
      {with_field("A: b\r\n\tc"), 400},
      {"GET / HTTP/1.1\r\n Host: x\r\n\r\n", 400},
      {with_field("A : b"), 400},
      {with_field("A\t: b"), 400},
      {with_field("A b: c"), 400},
      {with_field(": b"), 400},
      {with_field("no colon"), 400},
      {with_field("A\xc3\xa4: b"), 400},
      {with_field("A(: b"), 400},
      {with_field(std::string("A: b\0c", 6)), 400},
      {with_field(std::string("A\0: b", 5)), 400},
      {with_field("A: b\x01"), 400},
      {with_field("A: b\x7f"), 400},
      // Whom it is for.
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a:1:2\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
      // The request line.
      {with_line("GET /"), 400},
      {with_line("GET"), 400},
      {with_line("GET  / HTTP/1.1"), 400},
      {with_line("GET / HTTP/1.1 "), 400},
      {with_line(" GET / HTTP/1.1"), 400},
      {with_line("GET\t/ HTTP/1.1"), 400},
      {with_line("G@T / HTTP/1.1"), 400},
      {with_line("GET / http/1.1"), 400},
      {with_line("GET / HTTP/1"), 400},
      {with_line("GET / HTTP/11"), 400},
      {with_line("GET / HTTP/1.x"), 400},
      {with_line("GET / HTTP/2.0"), 505},
      {with_line("PRI * HTTP/2.0"), 505},
      {with_line("GET / HTTP/0.9"), 505},
      {with_line("GET a HTTP/1.1"), 400},
      {with_line("GET * HTTP/1.1"), 400},
      {with_line("GET /a b HTTP/1.1"), 400},
      {with_line("GET /a#b HTTP/1.1"), 400},
      {with_line("GET /\x01 HTTP/1.1"), 400},
      {with_line("GET /\xc3\xa4 HTTP/1.1"), 400},
      {with_line("GET ftp://a/ HTTP/1.1"), 400},
      {with_line("GET http:// HTTP/1.1"), 400},
      {with_line("GET http://u@a/ HTTP/1.1"), 400},
      {with_line("GET http://a?b HTTP/1.1"), 400},
      {with_line("CONNECT a HTTP/1.1"), 400},
      {with_line("CONNECT a: HTTP/1.1"), 400},
      {with_line("CONNECT :443 HTTP/1.1"), 400},
      {with_line("CONNECT https://a:443 HTTP/1.1"), 400},
      {with_line("CONNECT /a HTTP/1.1"), 400},
      {"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\nContent-Length: 1\r\n\r\n", 400},
      {"CONNECT a:443 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {with_line(std::string(33, 'M') + " / HTTP/1.1"), 400},
      {"\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      // What cannot be promised.
      {with_field("Expect: 200-maybe"), 417},
  };
  for (const auto& row : table) EXPECT_EQ(verdict(row.text), row.status) << row.text;
}

TEST(RequestParser, TakesWhatIsUnusualButClear) {
  for (const auto& text :
       {with_line("OPTIONS * HTTP/1.1"), with_line("CONNECT a:443 HTTP/1.1"),
        with_line("CONNECT [::1]:443 HTTP/1.1"), with_line("GET HTTPS://a HTTP/1.1"),
        with_line("M-SEARCH / HTTP/1.1"), with_line("GET //a HTTP/1.1"),
        with_line("GET /?a?b HTTP/1.1"), with_line("GET /{x}|\"y\" HTTP/1.1"),
        with_line("GET / HTTP/1.9"), std::string{"GET / HTTP/1.0\r\n\r\n"},
        std::string{"GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"},
        with_field("Transfer-Encoding: Chunked"), with_field("Expect: 100-Continue"),
        with_field("Content-Length: 000000000000000005"), with_field("X: \xc3\xa4")}) {
    EXPECT_EQ(verdict(text), 0) << text;
  }
}

TEST(RequestParser, DoesNotWaitForTheEndOfWhatIsNoRequest) {
  EXPECT_EQ(verdict("\x16\x03\x01\x02"), 400);  // TLS's first bytes, without a line's end
  EXPECT_EQ(verdict(""), -1);
  EXPECT_EQ(verdict("\r"), -1);
  EXPECT_EQ(verdict("\r\n"), -1);
  EXPECT_EQ(verdict("P"), -1);
}

TEST(RequestParser, BoundsTheHead) {
  const auto field = [](std::size_t n) { return "X: " + std::string(n, 'x'); };
  EXPECT_EQ(verdict(with_field(field(30'000))), 0);
  EXPECT_EQ(verdict(with_field(field(33'000))), 431);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\n" + field(33'000)), 431);  // even unfinished
  EXPECT_EQ(verdict(with_line("GET /" + std::string(target_bytes_max - 1, 'a') + " HTTP/1.1")), 0);
  EXPECT_EQ(verdict(with_line("GET /" + std::string(target_bytes_max, 'a') + " HTTP/1.1")), 414);
  EXPECT_EQ(verdict("GET /" + std::string(20'000, 'a')), 414);
  std::string many;
  for (std::size_t i = 0; i < limits::http_headers_count_max - 2; ++i) many += "A: b\r\n";
  EXPECT_EQ(verdict(with_field(many + "Last: x")), 0);
  EXPECT_EQ(verdict(with_field(many + "Last: x\r\nOne-more: x")), 431);
}

TEST(RequestParser, KnowsHowLongAConnectionLasts) {
  const auto keeps = [](std::string_view text) {
    RequestParser parser;
    EXPECT_EQ(parser.parse(text), Parsed::done) << text;
    return parser.head.keep_alive;
  };
  EXPECT_TRUE(keeps(with_line("GET / HTTP/1.1")));
  EXPECT_FALSE(keeps(with_field("Connection: close")));
  EXPECT_FALSE(keeps(with_field("Connection: keep-alive, close")));
  EXPECT_FALSE(keeps(with_line("GET / HTTP/1.0")));
  EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
}

int response_verdict(std::string_view text) {
  ResponseParser parser;
  const auto parsed = parser.parse(text);
  return parsed == Parsed::more ? -1 : parsed == Parsed::done ? 0 : 1;
}

TEST(ResponseParser, TakesAnOrdinaryAnswer) {
  ResponseParser parser;
  const std::string_view text = "HTTP/1.1 201 Made it\r\nContent-Length: 2\r\n\r\nok";
  ASSERT_EQ(parser.parse(text), Parsed::done);
  EXPECT_EQ(parser.head.status, 201);
  EXPECT_EQ(parser.head.body, BodyKind::length);
  EXPECT_EQ(parser.head.body_bytes, 2);
  EXPECT_TRUE(parser.head.keep_alive);
  EXPECT_EQ(response_verdict("HTTP/1.1 200\r\n\r\n"), 0);
  EXPECT_EQ(response_verdict("HTTP/1.1 200 \r\n\r\n"), 0);
  EXPECT_EQ(response_verdict("HTTP/1.1 200 OK\r\n"), -1);
}

TEST(ResponseParser, RefusesMalformedAnswers) {
  for (const std::string_view text :
       {"HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 99 X\r\n\r\n", "HTTP/1.1 20x OK\r\n\r\n",
        "HTTP/1.1  200 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "ICY 200 OK\r\n\r\n", "\r\n",
        "HTTP/1.1 200 OK\n\n", "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 099 X\r\n\r\n"}) {
    EXPECT_EQ(response_verdict(text), 1) << text;
  }
}

}  // namespace
}  // namespace toolgate::net
