package main

import (
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"strings"
)

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
