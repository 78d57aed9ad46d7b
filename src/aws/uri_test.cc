#include "aws/uri.h"

#include <gtest/gtest.h>

namespace toolgate::aws {
namespace {

std::string matched(std::string_view pattern, std::string_view path, std::string_view query = {}) {
  const auto uri = RequestUri::parse(path, query);
  if (!uri) return "broken";
  const auto labels = match(UriTemplate::parse(pattern), *uri);
  if (!labels) return "no";
  std::string out;
  for (const auto& [name, value] : *labels) {
    if (!out.empty()) out += ' ';
    out.append(name).append("=").append(value);
  }
  return out;
}

TEST(MatchUri, TakesPathsByTheTable) {
  struct Case {
    std::string_view pattern, path, query, result;
  };
  for (const auto& [pattern, path, query, result] : {
           Case{"/gateways/", "/gateways/", "", ""},
           Case{"/gateways/", "/gateways", "", ""},
           Case{"/gateways", "/gateways/", "", ""},
           Case{"/gateways/", "/gateways//", "", "no"},
           Case{"/gateways/", "/", "", "no"},
           Case{"/gateways/{g}/", "/gateways/a-1", "", "g=a-1"},
           Case{"/gateways/{g}/", "/gateways/a%2Fb", "", "g=a/b"},
           Case{"/gateways/{g}/", "/gateways/a/b", "", "no"},
           Case{"/tags/{arn}", "/tags/arn%3Aaws%3Ax%3Agateway%2Fg", "", "arn=arn:aws:x:gateway/g"},
           Case{"/tags/{arn}", "/tags/arn:aws:x%2fg", "", "arn=arn:aws:x/g"},
           Case{"/tags/{arn}", "/tags/", "", "no"},
           Case{"/tags/{arn}", "/tags/a+b", "", "arn=a+b"},
           Case{"/tags/{arn}", "/tags/%zz", "", "broken"},
           Case{"/tags/{arn}", "/tags/%ff", "", "broken"},
           Case{"/{Bucket}/{Key+}", "/b/x/y%2Fz/w", "", "Bucket=b Key=x/y/z/w"},
           Case{"/{Bucket}/{Key+}", "/b", "", "no"},
           Case{"/a/{x+}/end", "/a/1/2/end", "", "x=1/2"},
           Case{"/a/{x+}/end", "/a/1/2/other", "", "no"},
           Case{"/?acl", "/", "acl", ""},
           Case{"/?acl", "/", "acl=", ""},
           Case{"/?acl", "/", "other", "no"},
           Case{"/x?Operation=y", "/x", "a=b&Operation=y", ""},
           Case{"/x?Operation=y", "/x", "Operation=z", "no"},
       }) {
    EXPECT_EQ(matched(pattern, path, query), result) << pattern << " " << path << " " << query;
  }
}

TEST(MatchUri, KnowsWhichTemplateSaysMore) {
  struct Case {
    std::string_view more, less;
  };
  for (const auto& [more, less] : {Case{"/a/b", "/a/{x}"}, Case{"/a/{x}", "/a/{x+}"},
                                   Case{"/a/{x}?list=1", "/a/{x}"}, Case{"/{x}/b", "/{x}/{y+}"}}) {
    EXPECT_TRUE(more_specific(UriTemplate::parse(more), UriTemplate::parse(less))) << more;
    EXPECT_FALSE(more_specific(UriTemplate::parse(less), UriTemplate::parse(more))) << more;
  }
}

TEST(RequestUri, DecodesTheQueryAsAForm) {
  const auto uri = RequestUri::parse("/", "a=1+2&b=%26&&c");
  ASSERT_TRUE(uri.has_value());
  const std::vector<std::pair<std::string, std::string>> expected{{"a", "1 2"}, {"b", "&"},
                                                                  {"c", ""}};
  EXPECT_EQ(uri->query, expected);
}

}  // namespace
}  // namespace toolgate::aws
