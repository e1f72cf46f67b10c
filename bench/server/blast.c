/*
 * blast: a neutral server for benchmarks. It answers from memory with writev, one thread and one epoll per protocol,
 * on loopback only, so that what is measured is the client.
 *
 *   gcc -O2 -o blast server/[a-z]*.c -lpthread
 *   ./blast gopher 0 pop3 0    prints "gopher PORT" for each protocol, then "ready"; ends with its standard input
 *
 * A protocol is a file with one function, `answer(connection, line)`, and one word in PROTOCOLS here.
 */
#define _GNU_SOURCE
#include "blast.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define VECTORS 512
#define PIECES_OF_AN_ANSWER 8
#define SCRATCH_OF_AN_ANSWER 1024

static const Protocol *const PROTOCOLS[] = {&gopher, &http, &nntp, &pop3, &telnet};

/* ---- what is sent */

void say(Connection *connection, const char *at, size_t size, uint64_t repeat) {
  if (size == 0 || repeat == 0) return;
  if (connection->last == PIECES) {
    fputs("blast: an answer has too many pieces\n", stderr);
    exit(1);
  }
  connection->pieces[connection->last++] = (Piece){at, size, 0, repeat};
}

void sayf(Connection *connection, const char *format, ...) {
  char *at = connection->scratch + connection->scratched;
  va_list arguments;
  va_start(arguments, format);
  int size = vsnprintf(at, SCRATCH_OCTETS - connection->scratched, format, arguments);
  va_end(arguments);
  connection->scratched += (size_t)size;
  say(connection, at, (size_t)size, 1);
}

int answer_verb(const Verb *verbs, size_t count, Connection *connection, char *line) {
  size_t length = strcspn(line, " ");
  char *argument = line + length + (line[length] == ' ');
  for (size_t i = 0; i < count; i++) {
    if (strncasecmp(verbs[i].verb, line, length) != 0 || verbs[i].verb[length]) continue;
    verbs[i].answer(connection, argument);
    return 1;
  }
  return 0;
}

/* 1: all has been sent, 0: the socket is full, -1: the peer has gone. */
static int flush_pieces(Connection *connection) {
  while (connection->first < connection->last) {
    struct iovec vectors[VECTORS];
    int count = 0;
    for (int i = connection->first; i < connection->last && count < VECTORS; i++) {
      const Piece *piece = &connection->pieces[i];
      size_t offset = piece->offset;
      for (uint64_t left = piece->repeat; left > 0 && count < VECTORS; left--, offset = 0)
        vectors[count++] = (struct iovec){(char *)piece->at + offset, piece->size - offset};
    }
    ssize_t written = writev(connection->socket, vectors, count);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno == EAGAIN ? 0 : -1;
    for (size_t gone = (size_t)written; gone > 0;) {
      Piece *piece = &connection->pieces[connection->first];
      size_t left = piece->size - piece->offset;
      if (gone < left) {
        piece->offset += gone;
        break;
      }
      gone -= left;
      piece->offset = 0;
      if (--piece->repeat == 0) connection->first++;
    }
  }
  connection->first = connection->last = 0;
  connection->scratched = 0;
  return 1;
}

/* ---- the loop of a protocol */

typedef struct {
  const Protocol *protocol;
  int socket, epoll;
  Connection *spare;
} Loop;

static void leave(Loop *loop, Connection *connection) {
  close(connection->socket);
  connection->next = loop->spare;
  loop->spare = connection;
}

static Connection *enter(Loop *loop, int socket) {
  Connection *connection = loop->spare ? loop->spare : memory(sizeof *connection);
  loop->spare = connection->next;
  memset(connection, 0, offsetof(Connection, pieces));
  connection->socket = socket;
  connection->protocol = loop->protocol;
  return connection;
}

/* Whether one more answer surely fits. */
static int has_room(const Connection *connection) {
  return connection->last + PIECES_OF_AN_ANSWER <= PIECES &&
         connection->scratched + SCRATCH_OF_AN_ANSWER <= SCRATCH_OCTETS;
}

/* Passes over what is no line. False while there is more of it to come. */
static int pass_over(Connection *connection) {
  uint64_t here = connection->received - connection->parsed;
  uint64_t count = connection->skip < here ? connection->skip : here;
  connection->parsed += count;
  connection->skip -= count;
  if (connection->skip > 0) return 0;
  connection->protocol->skipped(connection);
  return 1;
}

/* Answers whole lines, as many as fit. True when there was one. */
static int answer_lines(Connection *connection) {
  int answered = 0;
  while (!connection->closing && has_room(connection)) {
    if (connection->skip > 0) {
      if (!pass_over(connection)) break;
      answered = 1;
      continue;
    }
    char *line = connection->input + connection->parsed;
    char *end = memchr(line, '\n', connection->received - connection->parsed);
    if (!end) break;
    connection->parsed = (size_t)(end - connection->input) + 1;
    *end = 0;
    if (end > line && end[-1] == '\r') end[-1] = 0;
    connection->protocol->answer(connection, line);
    answered = 1;
  }
  return answered;
}

/* Takes what has come. False when the connection is over, or a line is too long. */
static int receive(Connection *connection) {
  size_t (*sift)(Connection *, char *, size_t) = connection->protocol->sift;
  size_t left = connection->closing ? 0 : connection->received - connection->parsed;
  if (left == sizeof connection->input) return 0;
  memmove(connection->input, connection->input + connection->parsed, left);
  connection->parsed = 0;
  ssize_t count = recv(connection->socket, connection->input + left, sizeof connection->input - left, 0);
  connection->received = left;
  if (count > 0) connection->received += sift ? sift(connection, connection->input + left, (size_t)count) : (size_t)count;
  return count > 0 || (count < 0 && errno == EAGAIN);
}

/* False when the connection is over. */
static int serve(const Loop *loop, Connection *connection, uint32_t events) {
  if (events & EPOLLIN && !receive(connection)) return 0;
  int sent, hears = connection->protocol->sift != NULL;
  do {
    sent = flush_pieces(connection);
    if (sent < 0 || (sent == 1 && connection->closing && !hears)) return 0;
  } while (sent && answer_lines(connection));
  if (sent && connection->closing && !connection->closed) {
    shutdown(connection->socket, SHUT_WR);
    connection->closed = 1;
  }
  uint32_t wanted = (hears || sent ? EPOLLIN : 0) | (sent ? 0 : EPOLLOUT);
  if (wanted != connection->watched) {
    struct epoll_event event = {.events = wanted, .data.ptr = connection};
    epoll_ctl(loop->epoll, connection->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, connection->socket, &event);
    connection->watched = wanted;
  }
  return 1;
}

static void accept_all(Loop *loop) {
  for (;;) {
    int socket = accept4(loop->socket, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) return;
    int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Connection *connection = enter(loop, socket);
    if (loop->protocol->greet) loop->protocol->greet(connection);
    if (!serve(loop, connection, 0)) leave(loop, connection);
  }
}

static void *run(void *argument) {
  Loop *loop = argument;
  struct epoll_event events[256];
  for (;;) {
    int count = epoll_wait(loop->epoll, events, 256, -1);
    for (int i = 0; i < count; i++) {
      Connection *connection = events[i].data.ptr;
      if (!connection) accept_all(loop);
      else if (!serve(loop, connection, events[i].events)) leave(loop, connection);
    }
  }
  return NULL;
}

static int listen_on(uint16_t port) {
  int on = 1, socket_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (socket_ < 0) die("socket");
  setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(socket_, (struct sockaddr *)&address, sizeof address) < 0 || listen(socket_, 4096) < 0) die("listen");
  return socket_;
}

static void start(const Protocol *protocol, uint16_t port) {
  struct sockaddr_in address;
  socklen_t size = sizeof address;
  Loop *loop = memory(sizeof *loop);
  *loop = (Loop){protocol, listen_on(port), epoll_create1(EPOLL_CLOEXEC), NULL};
  if (protocol->prepare) protocol->prepare();
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->socket, &event);
  getsockname(loop->socket, (struct sockaddr *)&address, &size);
  printf("%s %d\n", protocol->name, ntohs(address.sin_port));
  pthread_t thread;
  if (pthread_create(&thread, NULL, run, loop) != 0) die("pthread_create");
}

int main(int count, char **arguments) {
  signal(SIGPIPE, SIG_IGN);
  for (int i = 1; i + 1 < count; i += 2) {
    size_t p = 0;
    while (p < sizeof PROTOCOLS / sizeof *PROTOCOLS && strcmp(PROTOCOLS[p]->name, arguments[i]) != 0) p++;
    if (p == sizeof PROTOCOLS / sizeof *PROTOCOLS) {
      fprintf(stderr, "blast: no protocol %s\n", arguments[i]);
      return 2;
    }
    start(PROTOCOLS[p], (uint16_t)atoi(arguments[i + 1]));
  }
  puts("ready");
  fflush(stdout);
  while (getchar() != EOF) {}
  return 0;
}
