// The official Java SDK, with its synchronous client.
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

class Client {
  static McpSyncClient client;

  static void say(Map<String, ?> what) throws Exception {
    System.out.println(McpJsonDefaults.getMapper().writeValueAsString(what));
  }

  static void call(String step, String tool, Map<String, Object> input) throws Exception {
    try {
      var asked = CallToolRequest.builder(tool).arguments(input).build();
      say(Map.of(step, ((TextContent) client.callTool(asked).content().get(0)).text()));
    } catch (RuntimeException error) {
      say(Map.of(step, String.valueOf(error.getMessage()), "raised", step));
    }
  }

  static String version() {
    return Arrays.stream(System.getProperty("java.class.path").split(":"))
        .filter(path -> path.contains("mcp-core-"))
        .collect(Collectors.joining())
        .replaceAll(".*mcp-core-|\\.jar", "");
  }

  public static void main(String[] words) throws Exception {
    say(Map.of("versions", Map.of("io.modelcontextprotocol.sdk:mcp", version())));
    var url = URI.create(words[0]);
    var transport = HttpClientStreamableHttpTransport.builder("http://" + url.getAuthority())
        .endpoint(url.getPath())
        .requestBuilder(HttpRequest.newBuilder().header("Authorization", "Bearer " + words[1]))
        .build();
    client = McpClient.sync(transport).build();
    client.initialize();
    List<String> names = client.listTools().tools().stream().map(tool -> tool.name()).toList();
    say(Map.of("tools", names));
    Map<String, Object> order = Map.of("orderId", 7);
    call("call", "orders___getOrder", order);
    call("fail", "orders___breakOrder", order);
    call("search", "x_amz_bedrock_agentcore_search", Map.of("query", "send an order back"));
    say(Map.of("restart", true));
    System.in.read();
    call("again", "orders___getOrder", order);
    client.closeGracefully();
  }
}
