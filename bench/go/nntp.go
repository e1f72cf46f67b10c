package main

import (
	"net/textproto"
	"os"
	"strconv"
	"strings"
)

type overview struct {
	number, bytes, lines                      int
	subject, from, date, id, references, xref string
}

func group(kind string, count, size int) *textproto.Conn {
	connection := dial()
	say(connection, "GROUP %s%dx%d", kind, count, size)
	return connection
}

func overviewOf(line string) (row overview) {
	fields := strings.Split(line, "\t")
	row.number, _ = strconv.Atoi(fields[0])
	row.subject, row.from, row.date, row.id, row.references = fields[1], fields[2], fields[3], fields[4], fields[5]
	row.bytes, _ = strconv.Atoi(fields[6])
	row.lines, _ = strconv.Atoi(fields[7])
	row.xref = fields[8]
	return
}

func overviews(n int, keep bool) (rows int, octets int64) {
	connection := group("t", n, 2000)
	say(connection, "OVER 1-%d", n)
	var kept []overview
	for line := hear(connection); line != "."; line = hear(connection) {
		row := overviewOf(line)
		rows++
		octets += int64(row.bytes)
		if keep {
			kept = append(kept, row)
		}
	}
	return
}

func nntp(workload string) {
	n, size, conc := args["n"], args["size"], args["conc"]
	octets := int64(0)
	switch workload {
	case "latency":
		connection := dial()
		for i := 0; i < n; i++ {
			say(connection, "DATE")
		}
	case "over", "overall":
		n, octets = overviews(n, workload == "overall")
	case "body":
		each(group("b", n, size), "BODY", n)
	case "body-pipelined":
		eachPipelined(group("b", n, size), "BODY", n)
	case "many":
		each(group("t", n, size), "ARTICLE", n)
	case "many-pipelined":
		eachPipelined(group("t", n, size), "ARTICLE", n)
	case "active":
		connection := dial()
		say(connection, "LIST ACTIVE")
		lines, err := connection.ReadDotLines()
		check(err)
		highest := make(map[string]int, len(lines))
		for _, line := range lines {
			fields := strings.Fields(line)
			highest[fields[0]], err = strconv.Atoi(fields[1])
			check(err)
		}
		n = len(highest)
	case "conc":
		pool(conc, conc, func(int) {
			connection := group("t", n, size)
			each(connection, "ARTICLE", n/conc)
			say(connection, "QUIT")
			connection.Close()
		})
	default:
		os.Exit(77)
	}
	done(n, octets)
}
