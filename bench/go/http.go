package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
)

type letters struct{}

func (letters) Read(to []byte) (int, error) {
	for i := range to {
		to[i] = 'x'
	}
	return len(to), nil
}

func httpClient() (*http.Client, string) {
	transport := &http.Transport{MaxIdleConnsPerHost: args["conc"], MaxConnsPerHost: args["conc"]}
	return &http.Client{Transport: transport}, fmt.Sprintf("http://127.0.0.1:%d", args["port"])
}

func httpWorkload(workload string) {
	client, origin := httpClient()
	count := func(path string, take func(io.Reader) (int64, error)) int64 {
		response, err := client.Get(origin + path)
		check(err)
		octets, err := take(response.Body)
		check(err)
		response.Body.Close()
		return octets
	}
	discard := func(body io.Reader) (int64, error) { return io.Copy(io.Discard, body) }
	whole := func(body io.Reader) (int64, error) {
		octets, err := io.ReadAll(body)
		return int64(len(octets)), err
	}
	client.Transport.(*http.Transport).DisableKeepAlives = workload == "once"
	switch workload {
	case "latency", "many", "conc", "once":
		var octets int64
		pool(args["n"], args["conc"], func(i int) { atomic.AddInt64(&octets, count(fmt.Sprintf("/s%d", i), whole)) })
		done(args["n"], octets)
	case "stream":
		done(1, count(fmt.Sprintf("/n%d", args["size"]), discard))
	case "chunked":
		done(1, count(fmt.Sprintf("/c%d", args["size"]), discard))
	case "upload":
		body := io.LimitReader(letters{}, int64(args["size"]))
		request, err := http.NewRequest("PUT", origin+"/u", body)
		check(err)
		request.ContentLength = int64(args["size"])
		response, err := client.Do(request)
		check(err)
		told, err := io.ReadAll(response.Body)
		check(err)
		octets, err := strconv.ParseInt(strings.TrimSpace(string(told)), 10, 64)
		check(err)
		done(1, octets)
	default:
		os.Exit(77)
	}
}
