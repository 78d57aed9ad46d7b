#include "targets/openapi/convert.h"

#include "targets/openapi/testing.h"

namespace toolgate::targets::openapi {
namespace {

using testing::converted;
using testing::definition_of;
using testing::document;
using testing::input_of;
using testing::only_tool;

std::vector<std::string> names_in(const Catalogue& catalogue) {
  std::vector<std::string> names;
  for (const auto& tool : catalogue.tools) names.push_back(tool.name);
  return names;
}

TEST(Convert, MakesAToolOfEachOperation) {
  const auto catalogue = converted(document(R"({
    "/pets":{"parameters":[{"name":"page","in":"query","schema":{"type":"integer"}}],
      "get":{"operationId":"listPets","summary":"All pets","description":"Lists the pets.",
        "parameters":[{"name":"limit","in":"query","required":true,"schema":{"type":"integer"}}]},
      "post":{"operationId":"addPet","summary":"Adds one"}},
    "/pets/{id}":{"delete":{"operationId":"deletePet","deprecated":true,
        "parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}]}}})"));
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_EQ(names_in(*catalogue), (std::vector<std::string>{"listPets", "addPet", "deletePet"}));
  const auto& list = catalogue->tools[0];
  EXPECT_EQ(list.description, "Lists the pets.");
  EXPECT_EQ(json::print(input_of(list)),
            R"({"type":"object","properties":{"page":{"type":"integer"},)"
            R"("limit":{"type":"integer"}},"required":["limit"],"additionalProperties":false})");
  EXPECT_EQ(json::find_string(definition_of(list), "title"), "All pets");
  EXPECT_EQ(json::find_bool(definition_of(list), "annotations", "readOnlyHint"), true);
  EXPECT_EQ(catalogue->tools[1].description, "Adds one");
  EXPECT_EQ(catalogue->tools[2].description, "DELETE /pets/{id} (deprecated)");
  EXPECT_TRUE(catalogue->skipped.empty());
  EXPECT_TRUE(catalogue->notes.empty());
}

TEST(Convert, NamesToolsSoThatModelsTakeThem) {
  const auto catalogue = converted(document(R"({
    "/a/{id}":{"parameters":[{"name":"id","in":"path"}],
      "get":{},"put":{"operationId":"pets.put/größe"},"post":{"operationId":"x"}},
    "/b":{"get":{"operationId":"x"},"put":{"operationId":"  "}},
    "/a-id":{"get":{}}, "/a/id":{"get":{}}})"));
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_EQ(names_in(*catalogue),
            (std::vector<std::string>{"get_a_id", "pets_put_gr__e", "x", "x_2", "put_b", "get_a-id",
                                      "get_a_id_2"}));
  EXPECT_EQ(catalogue->assumed.front(), "GET /a/{id} has no operationId: its tool is get_a_id.");
  EXPECT_EQ(catalogue->assumed[1], "The operationId 'x' of GET /b became the tool x_2.");
  EXPECT_EQ(catalogue->notes[0],
            "The operationId 'pets.put/größe' of PUT /a/{id} became the tool pets_put_gr__e.");
}

TEST(Convert, LeavesOutWhatCannotBeAToolAndSaysWhy) {
  const auto catalogue = converted(document(R"({
    "/ok":{"get":{"operationId":"ok"}},
    "/{x}":{"get":{"operationId":"a"}},
    "/ref":{"post":{"requestBody":{"content":{"application/json":{"schema":
      {"$ref":"other.json#/x"}}}}}},
    "/gone":{"get":{"parameters":[{"$ref":"#/components/parameters/gone"}]}},
    "/style":{"get":{"parameters":[{"name":"p","in":"header","style":"deepObject"}]}},
    "/mixed":{"post":{"requestBody":{"content":{"multipart/mixed":{}}}}},
    "/server":{"get":{"servers":[{"url":"/relative"}]}},
    "/var":{"get":{"servers":[{"url":"https://{host}/"}]}},
    "/old":{"post":{"parameters":[{"name":"b","in":"body"}]}},
    "/trace":{"trace":{}}, "/bad":{"get":7}, "x-more":{}, "no-slash":{}})"));
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_EQ(catalogue->tools.size(), 1);
  std::string all;
  for (const auto& [what, why] : catalogue->skipped) all += what + ": " + why + '\n';
  EXPECT_EQ(all,
            "GET /{x}: its path names {x}, which is not among its parameters\n"
            "POST /ref: its parameters or its body: 'other.json#/x' refers to another document, "
            "which is not fetched\n"
            "GET /gone: '#/components/parameters/gone' refers to nothing in the document\n"
            "GET /style: parameter 'p' in header has the style 'deepObject', which is not for "
            "there\n"
            "POST /mixed: a body of type multipart/mixed cannot be made of arguments; of the "
            "multipart types only multipart/form-data can\n"
            "GET /server: the server URL '/relative' is relative; expected an absolute one that "
            "begins with https:// or http://\n"
            "GET /var: the server URL 'https://{host}/' has the variable {host} without a default\n"
            "POST /old: parameter 1 ('b') is in 'body'; expected path, query, header or cookie\n"
            "TRACE /trace: TRACE is not served\n"
            "GET /bad: the operation is no object\n"
            "no-slash: a path must begin with '/'\n");
}

TEST(Convert, RefusesDocumentsThatItCannotServe) {
  const struct {
    std::string_view text, words;
  } table[] = {
      {"[]", "must be an object"},
      {R"({"swagger":"2.0","paths":{}})", "Swagger) \"2.0\"; 3.0 and 3.1 are served"},
      {R"({"paths":{}})", "no member 'openapi'"},
      {R"({"openapi":"3.2.0","paths":{}})", "OpenAPI 3.2.0; 3.0 and 3.1"},
      {R"({"openapi":"3.1.0","webhooks":{}})", "has no paths"},
      {R"({"openapi":"3.1.0","paths":{}})", "no operation that can become a tool."},
      {R"({"openapi":"3.1.0","paths":{"/a":{"get":{}}}})",
       "a tool: GET /a: the document names no server"},
      {R"({"openapi":"3.1.0","servers":[{"url":"/v2"}],"paths":{"/a":{"get":{}}}})",
       "the server URL '/v2' is relative"},
      {R"({"openapi":"3.1.0","servers":[{"url":"ftp://x"}],"paths":{"/a":{"get":{}}}})",
       "begin with http:// or https://"},
      {R"({"openapi":"3.1.0","servers":[{"url":"https://u:p@x"}],"paths":{"/a":{"get":{}}}})",
       "user name or password"},
  };
  for (const auto& [text, words] : table) {
    const auto catalogue = converted(text);
    ASSERT_FALSE(catalogue) << text;
    EXPECT_EQ(catalogue.error().code, Code::invalid);
    EXPECT_TRUE(catalogue.error().message.contains(words)) << catalogue.error().message;
  }
  EXPECT_TRUE(converted("openapi: 3.0\nservers: [{url: 'https://x'}]\npaths: {/a: {get: {}}}\n"));
}

TEST(Convert, FindsTheServerNearestToTheOperation) {
  const auto catalogue = converted(document(R"({
    "/a":{"get":{"operationId":"a","servers":[{"url":"https://op.example:8443/x/"}]}},
    "/b":{"servers":[{"url":"https://{region}.example{base}","variables":{
       "region":{"default":"eu"},"base":{"enum":["//b1/"]}}}],"get":{"operationId":"b"}},
    "/c d":{"get":{"operationId":"c"}},
    "/{d e}/f":{"get":{"operationId":"d","parameters":[{"name":"d e","in":"path"}]}},
    "/g":{"get":{"servers":[{"url":"https://x/{v}","variables":{"v":{"default":"{w}"}}}]}}})"));
  ASSERT_TRUE(catalogue);
  const auto url = [&](std::size_t i) {
    return testing::request(catalogue->tools[i], "{}")->url.text();
  };
  EXPECT_EQ(url(0), "https://op.example:8443/x/a");
  EXPECT_EQ(url(1), "https://eu.example/b1/b");
  EXPECT_EQ(url(2), "https://api.example/v1/c%20d");
  EXPECT_EQ(testing::target_of(catalogue->tools[3], R"({"d_e":"x"})"), "/v1/x/f");
  ASSERT_EQ(catalogue->tools.size(), 4);
  EXPECT_EQ(catalogue->skipped.front().what, "GET /g");
}

TEST(Convert, DoesNotAskForWhatTheCredentialBrings) {
  net::Credential query;
  query.show = net::QueryCredential{"api_key", "k"};
  net::Credential header;
  header.show = net::HeaderCredential{{"X-Key", "k"}};
  const std::string text = document(R"({"/a":{"get":{"operationId":"a","parameters":[
    {"name":"api_key","in":"query","required":true},{"name":"x-key","in":"header"},
    {"name":"Authorization","in":"header"},{"name":"Accept","in":"header"}]}}})");
  const auto properties = [&](const net::Credential& credential) {
    return json::print(*json::find(input_of(only_tool(text, credential)), "properties"));
  };
  EXPECT_EQ(properties(query), R"({"x-key":{}})");
  EXPECT_EQ(properties(header), R"({"api_key":{}})");
}

TEST(Convert, GivesAnOutputSchemaWhereSuccessIsOneObject) {
  const struct {
    std::string_view responses, output;
  } table[] = {
      {R"({"200":{"content":{"application/json":{"schema":{"type":"object",
          "required":["a"],"properties":{"a":{"type":"string","enum":["x"]},
          "w":{"type":"string","writeOnly":true}}}}}}})",
       R"({"type":"object","anyOf":[{"type":"object","properties":{"a":{"type":"string",)"
       R"("enum":["x"]}},"required":["a"]},{}]})"},
      {R"({"201":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/T"}}}},
          "default":{"content":{"application/json":{"schema":{"type":"object"}}}}})",
       R"({"type":"object","anyOf":[{"type":"object","properties":{"next":{"$ref":"#/$defs/T"}},)"
       R"("required":["next"]},{}],"$defs":{"T":{"type":"object","properties":{"next":)"
       R"({"$ref":"#/$defs/T"}},"required":["next"]}}})"},
      {R"({"200":{"content":{"application/json":{"schema":{"type":"array"}}}}})", ""},
      {R"({"200":{"content":{"text/plain":{"schema":{"type":"object"}}}}})", ""},
      {R"({"200":{"content":{"application/json":{"schema":{"type":"object"}}}},"204":{}})", ""},
      {R"({"default":{"content":{"application/json":{"schema":{"type":"object"}}}}})", ""},
  };
  for (const auto& [responses, output] : table) {
    const auto tool = only_tool(
        document(R"({"/a":{"get":{"operationId":"a","responses":)" + std::string{responses} + "}}}",
                 R"({"schemas":{"T":{"type":"object","required":["next"],"properties":{
                    "next":{"$ref":"#/components/schemas/T"}}}}})"));
    const Json definition = definition_of(tool);
    const Json* found = json::find(definition, "outputSchema");
    EXPECT_EQ(found == nullptr ? "" : json::print(*found), output) << responses;
  }
}

TEST(Convert, EndsWithReferencesThatGoRound) {
  const auto catalogue = converted(document(
      R"({"/a":{"get":{"operationId":"a","parameters":[{"$ref":"#/components/parameters/a"}]}},
          "/b":{"$ref":"#/paths/~1b"},
          "/c":{"post":{"operationId":"c","requestBody":{"content":{"application/json":{
             "schema":{"$ref":"#/components/schemas/all"}}}}}},
          "/ok":{"get":{"operationId":"ok"}}})",
      R"({"parameters":{"a":{"$ref":"#/components/parameters/b"},
          "b":{"$ref":"#/components/parameters/a"}},
          "schemas":{"all":{"allOf":[{"$ref":"#/components/schemas/all"}],"type":"object"}}})"));
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_EQ(names_in(*catalogue), (std::vector<std::string>{"c", "ok"}));
  EXPECT_TRUE(catalogue->skipped[0].why.contains("refers to itself")) << catalogue->skipped[0].why;
}

}  // namespace
}  // namespace toolgate::targets::openapi
