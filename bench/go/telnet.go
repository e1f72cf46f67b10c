package main

import (
	"bytes"
	"crypto/sha1"
	"fmt"
	"hash"
	"io"
	"net"
	"os"
	"sync/atomic"
)

// Octets of the protocol.
const (
	se   = 240
	sb   = 250
	will = 251
	do   = 253
	dont = 254
	iac  = 255
)

// What the next octet belongs to.
const (
	data = iota
	afterCR
	command
	option
	subnegotiation
	subnegotiationCommand
)

// A reader that takes Telnet out of what it reads, and refuses every option once.
type telnetReader struct {
	net.Conn
	state   int
	verb    byte
	refused map[[2]byte]bool
}

func (reader *telnetReader) Read(to []byte) (int, error) {
	for {
		count, err := reader.Conn.Read(to)
		if kept := reader.clean(to[:count]); kept > 0 || err != nil {
			return kept, err
		}
	}
}

// Moves what is data to the front, and says how much it is.
func (reader *telnetReader) clean(octets []byte) int {
	kept := 0
	for at := 0; at < len(octets); {
		if reader.state == data {
			run := octets[at:]
			if end := bytes.IndexByte(run, iac); end >= 0 {
				run = run[:end]
			}
			if end := bytes.IndexByte(run, '\r'); end >= 0 {
				run = run[:end+1]
				reader.state = afterCR
			} else if len(run) < len(octets)-at {
				reader.state = command
				at++
			}
			kept += copy(octets[kept:], run)
			at += len(run)
			continue
		}
		if octet := octets[at]; reader.state == afterCR && octet != 0 && octet != iac {
			reader.state = data
			continue
		} else if reader.step(octet) {
			octets[kept] = octet
			kept++
		}
		at++
	}
	return kept
}

// One octet that is not plain data; true when it is data all the same.
func (reader *telnetReader) step(octet byte) bool {
	switch reader.state {
	case afterCR:
		reader.state = data
		if octet == iac {
			reader.state = command
		}
	case command:
		reader.state = data
		if octet == sb {
			reader.state = subnegotiation
		} else if octet >= will && octet <= dont {
			reader.verb, reader.state = octet, option
		}
		return octet == iac
	case option:
		reader.state = data
		reader.refuse(octet)
	case subnegotiation:
		if octet == iac {
			reader.state = subnegotiationCommand
		}
	case subnegotiationCommand:
		reader.state = subnegotiation
		if octet == se {
			reader.state = data
		}
	}
	return false
}

func (reader *telnetReader) refuse(option byte) {
	key := [2]byte{reader.verb, option}
	if (reader.verb != will && reader.verb != do) || reader.refused[key] {
		return
	}
	reader.refused[key] = true
	_, err := reader.Write([]byte{iac, map[byte]byte{will: dont, do: dont - 2}[reader.verb], option})
	check(err)
}

func telnetDial() *telnetReader {
	connection, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", args["port"]))
	check(err)
	return &telnetReader{Conn: connection, refused: map[[2]byte]bool{}}
}

func untilPrompt(reader *telnetReader, room []byte) []byte {
	count := 0
	for !bytes.HasSuffix(room[:count], []byte("$ ")) {
		more, err := reader.Read(room[count:])
		check(err)
		count += more
	}
	return room[:count]
}

// How many of the answers were right.
func asked(count int) int {
	reader, room, right := telnetDial(), make([]byte, 4096), 0
	defer reader.Close()
	untilPrompt(reader, room)
	for i := 0; i < count; i++ {
		fmt.Fprintf(reader, "line %d\r\n", i)
		if string(untilPrompt(reader, room)) == fmt.Sprintf("line %d: ok\r\n$ ", i) {
			right++
		}
	}
	return right
}

func telnetStream(verb string) {
	var digest hash.Hash
	reader, octets := telnetDial(), int64(0)
	fmt.Fprintf(reader, "%s %d\r\n", verb, args["size"])
	for room := make([]byte, 256*1024); ; {
		count, err := reader.Read(room)
		octets += int64(count)
		if args["check"] == 1 {
			if digest == nil {
				digest = sha1.New()
			}
			digest.Write(room[:count])
		}
		if err == io.EOF {
			break
		}
		check(err)
	}
	if digest != nil {
		fmt.Printf("{\"items\":1,\"bytes\":%d,\"sha1\":\"%x\"}\n", octets, digest.Sum(nil))
		return
	}
	done(1, octets)
}

func telnet(workload string) {
	switch workload {
	case "latency":
		done(asked(args["n"]), 0)
	case "stream":
		telnetStream("prose")
	case "iac":
		telnetStream("iac")
	case "conc":
		var right int64
		pool(args["conc"], args["conc"], func(int) {
			atomic.AddInt64(&right, int64(asked(args["n"]/args["conc"])))
		})
		done(int(right), 0)
	default:
		os.Exit(77)
	}
}
