// Command strict-dynamodb is strictdynamo in front of an emulator. It prints its address when it
// listens, and ends when its standard input ends, so it ends with the process that started it.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/latchkey/latchkey/shared/awsenv"
	"github.com/latchkey/latchkey/tests/strictdynamo"
)

func main() {
	backend := flag.String("backend", "", "the emulator's address")
	listen := flag.String("listen", "127.0.0.1:0", "where to listen")
	flag.Parse()
	proxy, err := strictdynamo.New(*backend, awsenv.Config("DYNAMODB"))
	if err != nil {
		log.Fatal(err)
	}
	at, err := new(net.ListenConfig).Listen(context.Background(), "tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("http://%s\n", at.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // until it ends
		os.Exit(0)
	}()
	server := &http.Server{Handler: proxy, ReadHeaderTimeout: time.Minute}
	log.Fatal(server.Serve(at))
}
