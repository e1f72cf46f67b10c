// What Go's standard library needs for the same: PROTOCOL WORKLOAD key=value...
package main

import (
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

var (
	began = time.Now()
	args  = map[string]int{"conc": 1}
)

func done(items int, octets int64) {
	ms := float64(time.Since(began).Microseconds()) / 1000
	fmt.Printf("{\"items\":%d,\"bytes\":%d,\"ms\":%.1f}\n", items, octets, ms)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func pool(total, conc int, task func(int)) {
	var next int64 = -1
	var workers sync.WaitGroup
	for k := 0; k < conc; k++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for i := int(atomic.AddInt64(&next, 1)); i < total; i = int(atomic.AddInt64(&next, 1)) {
				task(i)
			}
		}()
	}
	workers.Wait()
}

func ask(selector string) net.Conn {
	connection, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", args["port"]))
	check(err)
	_, err = io.WriteString(connection, selector+"\r\n")
	check(err)
	return connection
}

type item struct {
	kind                       byte
	name, selector, host, port string
}

func gopherMenu() []item {
	menu := textproto.NewConn(ask(fmt.Sprintf("/m%d", args["n"])))
	var items []item
	for {
		line, err := menu.ReadLine()
		check(err)
		if line == "." {
			return items
		}
		fields := strings.Split(line[1:], "\t")
		items = append(items, item{line[0], fields[0], fields[1], fields[2], fields[3]})
	}
}

func gopher(workload string) {
	switch workload {
	case "latency", "many", "conc":
		pool(args["n"], args["conc"], func(i int) {
			connection := ask(fmt.Sprintf("/s%d", i))
			_, err := io.ReadAll(connection)
			check(err)
			connection.Close()
		})
		done(args["n"], 0)
	case "menu":
		done(len(gopherMenu()), 0)
	case "stream":
		octets, err := io.Copy(io.Discard, ask(fmt.Sprintf("/b%d", args["size"])))
		check(err)
		done(1, octets)
	default:
		os.Exit(77)
	}
}

func main() {
	for _, word := range os.Args[3:] {
		at := strings.IndexByte(word, '=')
		value, err := strconv.Atoi(word[at+1:])
		check(err)
		args[word[:at]] = value
	}
	switch os.Args[1] {
	case "gopher":
		gopher(os.Args[2])
	default:
		os.Exit(77)
	}
}
