// mark3labs' Go client.
package main

import (
	"context"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
)

func main() {
	packages("github.com/mark3labs/mcp-go")
	ctx := context.Background()
	connected, err := client.NewStreamableHttpClient(url, transport.WithHTTPHeaders(
		map[string]string{"Authorization": "Bearer " + token}))
	if err != nil {
		panic(err)
	}
	defer connected.Close()
	hello := mcp.InitializeRequest{}
	hello.Params.ProtocolVersion = mcp.LATEST_PROTOCOL_VERSION
	hello.Params.ClientInfo = mcp.Implementation{Name: "test", Version: "1"}
	if _, err = connected.Initialize(ctx, hello); err != nil {
		panic(err)
	}
	all(func() (any, error) {
		found, err := connected.ListTools(ctx, mcp.ListToolsRequest{})
		if err != nil {
			return nil, err
		}
		names := []string{}
		for _, tool := range found.Tools {
			names = append(names, tool.Name)
		}
		return names, nil
	}, func(tool string, input map[string]any) (any, error) {
		asked := mcp.CallToolRequest{}
		asked.Params.Name, asked.Params.Arguments = tool, input
		result, err := connected.CallTool(ctx, asked)
		if err != nil {
			return nil, err
		}
		return result.Content[0].(mcp.TextContent).Text, nil
	})
}
