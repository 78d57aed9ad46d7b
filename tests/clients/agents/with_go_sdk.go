// The official Go SDK, with its pages by iterator.
package main

import (
	"context"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func main() {
	packages("github.com/modelcontextprotocol/go-sdk")
	ctx := context.Background()
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	session, err := client.Connect(ctx, &mcp.StreamableClientTransport{
		Endpoint: url, HTTPClient: &http.Client{Transport: signedIn{}}}, nil)
	if err != nil {
		panic(err)
	}
	defer session.Close()
	all(func() (any, error) {
		names := []string{}
		for tool, err := range session.Tools(ctx, nil) {
			if err != nil {
				return nil, err
			}
			names = append(names, tool.Name)
		}
		return names, nil
	}, func(tool string, input map[string]any) (any, error) {
		result, err := session.CallTool(ctx, &mcp.CallToolParams{Name: tool, Arguments: input})
		if err != nil {
			return nil, err
		}
		return result.Content[0].(*mcp.TextContent).Text, nil
	})
}
