// What steps.py is for Python: each step told as a line of JSON.
package main

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"runtime/debug"
)

var url, token = os.Args[1], os.Args[2]

func say(name string, value any) {
	line, _ := json.Marshal(map[string]any{name: value})
	os.Stdout.Write(append(line, '\n'))
}

// packages tells the version of a module as it was linked.
func packages(path string) {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if module.Path == path {
			say("versions", map[string]string{path: module.Version})
		}
	}
}

func step(name string, asked func() (any, error)) {
	value, err := asked()
	if err != nil {
		say("raised", name)
		value = err.Error()
	}
	say(name, value)
}

// all takes the steps in their order.
func all(names func() (any, error), call func(tool string, input map[string]any) (any, error)) {
	order := map[string]any{"orderId": 7}
	calling := func(tool string, input map[string]any) func() (any, error) {
		return func() (any, error) { return call(tool, input) }
	}
	step("tools", names)
	step("call", calling("orders___getOrder", order))
	step("fail", calling("orders___breakOrder", order))
	step("search", calling("x_amz_bedrock_agentcore_search",
		map[string]any{"query": "send an order back"}))
	say("restart", true)
	bufio.NewReader(os.Stdin).ReadString('\n')
	step("again", calling("orders___getOrder", order))
}

// signedIn adds the token to each request.
type signedIn struct{}

func (signedIn) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	request.Header.Set("Authorization", "Bearer "+token)
	return http.DefaultTransport.RoundTrip(request)
}
