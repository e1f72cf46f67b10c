package main

import (
	"io"
	"net/textproto"
	"os"
	"strconv"
	"strings"
)

func maildrop(count, size int) *textproto.Conn {
	connection := dial()
	say(connection, "USER m%dx%d", count, size)
	say(connection, "PASS x")
	return connection
}

func pop3(workload string) {
	n, size, conc := args["n"], args["size"], args["conc"]
	switch workload {
	case "latency":
		connection := maildrop(10, 100)
		for i := 0; i < n; i++ {
			say(connection, "STAT")
		}
	case "many", "big":
		each(maildrop(n, size), "RETR", n)
	case "many-pipelined":
		eachPipelined(maildrop(n, size), "RETR", n)
	case "stream":
		connection := maildrop(1, size)
		say(connection, "RETR 1")
		_, err := io.Copy(io.Discard, connection.DotReader())
		check(err)
	case "list":
		connection := maildrop(n, 2000)
		say(connection, "LIST")
		lines, err := connection.ReadDotLines()
		check(err)
		sizes := make(map[int]int, len(lines))
		for _, line := range lines {
			fields := strings.Fields(line)
			number, err := strconv.Atoi(fields[0])
			check(err)
			sizes[number], err = strconv.Atoi(fields[1])
			check(err)
		}
		n = len(sizes)
	case "conc":
		pool(conc, conc, func(int) {
			connection := maildrop(n, size)
			each(connection, "RETR", n/conc)
			say(connection, "QUIT")
			connection.Close()
		})
	default:
		os.Exit(77)
	}
	done(n, 0)
}
