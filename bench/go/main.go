// What Go's standard library needs for the same: PROTOCOL WORKLOAD key=value...
package main

import (
	"fmt"
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
	counted := ""
	if octets > 0 {
		counted = fmt.Sprintf("\"bytes\":%d,", octets)
	}
	fmt.Printf("{\"items\":%d,%s\"ms\":%.1f}\n", items, counted, ms)
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

func dial() *textproto.Conn {
	connection, err := textproto.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", args["port"]))
	check(err)
	hear(connection)
	return connection
}

func hear(connection *textproto.Conn) string {
	line, err := connection.ReadLine()
	check(err)
	return line
}

func say(connection *textproto.Conn, format string, values ...interface{}) string {
	check(connection.PrintfLine(format, values...))
	return hear(connection)
}

// Hears one reply and its dot block.
func block(connection *textproto.Conn) {
	hear(connection)
	_, err := connection.ReadDotBytes()
	check(err)
}

// One command with a number after another, each when the one before has been answered.
func each(connection *textproto.Conn, verb string, count int) {
	for i := 1; i <= count; i++ {
		check(connection.PrintfLine("%s %d", verb, i))
		block(connection)
	}
}

// The same without waiting.
func eachPipelined(connection *textproto.Conn, verb string, count int) {
	go func() {
		for i := 1; i <= count; i++ {
			fmt.Fprintf(connection.W, "%s %d\r\n", verb, i)
			if i%100 == 0 || i == count {
				check(connection.W.Flush())
			}
		}
	}()
	for i := 1; i <= count; i++ {
		block(connection)
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
	case "pop3":
		pop3(os.Args[2])
	case "nntp":
		nntp(os.Args[2])
	case "telnet":
		telnet(os.Args[2])
	case "http":
		httpWorkload(os.Args[2])
	default:
		os.Exit(77)
	}
}
