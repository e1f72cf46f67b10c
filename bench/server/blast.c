/*
 * blast: a neutral server for benchmarks. It answers from memory with writev, one thread and one epoll per protocol,
 * on loopback only, so that what is measured is the client.
 *
 *   gcc -O2 -o blast blast.c -lpthread
 *   ./blast gopher 0        prints "gopher PORT" for each protocol, then "ready"; ends with its standard input
 *
 * A protocol is one function, `answer(connection, line)`, one row in PROTOCOLS, and `prepare` when it needs data.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define MIB (1024UL * 1024UL)
#define LINE_MAX_OCTETS 4096
#define PIECES 16
#define VECTORS 64

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void *memory(size_t size) {
  void *p = malloc(size ? size : 1);
  if (!p) die("malloc");
  return p;
}

/* ---- octets that are made once and sent many times */

typedef struct {
  char *at;
  size_t size, room;
} Text;

static void append(Text *text, const char *from, size_t size) {
  if (text->size + size > text->room) {
    text->room = (text->size + size) * 3 / 2 + 64;
    text->at = realloc(text->at, text->room);
    if (!text->at) die("realloc");
  }
  memcpy(text->at + text->size, from, size);
  text->size += size;
}

static void appendf(Text *text, const char *format, ...) {
  char line[1024];
  va_list arguments;
  va_start(arguments, format);
  int size = vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  append(text, line, (size_t)size);
}

/* The same on every machine and in every run. */
static uint64_t state = 88172645463325252ULL;
static uint64_t chance(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static const char *WORDS[] = {"loopback", "packet", "window", "buffer", "stream", "article", "mailbox", "header",
                              "segment", "listener", "selector", "option", "subnet", "gateway", "octet", "protocol",
                              "the", "a", "of", "with", "and", "measures", "carries", "sends", "holds", "reads"};

/* Words, exactly `size` octets of them. */
static void words(char *to, size_t size) {
  size_t at = 0;
  while (at < size) {
    for (const char *word = WORDS[chance() % (sizeof WORDS / sizeof *WORDS)]; *word && at < size;) to[at++] = *word++;
    if (at < size) to[at++] = ' ';
  }
}

/* Lines of words, with CR LF, of `size` octets in all. */
static void prose(Text *text, size_t size) {
  char line[128];
  while (size >= 2) {
    size_t length = size <= 80 ? size - 2 : 40 + chance() % 37;
    words(line, length);
    memcpy(line + length, "\r\n", 2);
    append(text, line, length + 2);
    size -= length + 2;
  }
}

/* ---- connections */

typedef struct Protocol Protocol;

/* Something to send, `repeat` times; `offset` of it has gone. */
typedef struct {
  const char *at;
  size_t size, offset;
  uint64_t repeat;
} Piece;

typedef struct Connection {
  int socket;
  const Protocol *protocol;
  char line[LINE_MAX_OCTETS];
  size_t received;
  Piece pieces[PIECES];
  int first, last;
  int closing;
  uint32_t watched;
} Connection;

struct Protocol {
  const char *name;
  void (*prepare)(void);
  void (*greet)(Connection *connection);
  void (*answer)(Connection *connection, char *line);
};

static void say(Connection *connection, const char *at, size_t size, uint64_t repeat) {
  if (size == 0 || repeat == 0) return;
  if (connection->last == PIECES) {
    fputs("blast: an answer has too many pieces\n", stderr);
    exit(1);
  }
  connection->pieces[connection->last++] = (Piece){at, size, 0, repeat};
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
  return 1;
}

/* ---- Gopher: /s… a text of 500 octets, /m<n> a menu of n lines, /b<n> n octets */

typedef struct Menu {
  uint64_t lines;
  Text text;
  struct Menu *next;
} Menu;

static Menu *menus;
static Text document;
static char *binary;

static void prepare_gopher(void) {
  prose(&document, 500);
  append(&document, ".\r\n", 3);
  binary = memory(MIB);
  for (size_t i = 0; i < MIB; i += 8) {
    uint64_t octets = chance();
    memcpy(binary + i, &octets, 8);
  }
}

static const Text *menu_of(uint64_t lines) {
  static const char types[] = "01i09Ihs";
  for (Menu *menu = menus; menu; menu = menu->next)
    if (menu->lines == lines) return &menu->text;
  Menu *menu = calloc(1, sizeof *menu);
  if (!menu) die("calloc");
  menu->lines = lines;
  for (uint64_t i = 0; i < lines; i++) {
    char name[80];
    size_t length = 20 + chance() % 40;
    words(name, length);
    name[length] = 0;
    appendf(&menu->text, "%c%s %lu\t/dir%lu/item%lu.txt\tgopher.example.org\t70\r\n", types[i % 8], name, i, i % 100, i);
  }
  append(&menu->text, ".\r\n", 3);
  menu->next = menus;
  menus = menu;
  return &menu->text;
}

static void answer_gopher(Connection *connection, char *line) {
  static const char missing[] = "3not found\t\terror.host\t1\r\n.\r\n";
  connection->closing = 1;
  line[strcspn(line, "\t")] = 0;
  if (*line == '/') line++;
  uint64_t number = strtoul(*line ? line + 1 : line, NULL, 10);
  if (*line == 'm') {
    const Text *menu = menu_of(number);
    say(connection, menu->at, menu->size, 1);
  } else if (*line == 'b') {
    say(connection, binary, MIB, number / MIB);
    say(connection, binary, number % MIB, 1);
  } else if (*line == 's') {
    say(connection, document.at, document.size, 1);
  } else {
    say(connection, missing, sizeof missing - 1, 1);
  }
}

static const Protocol PROTOCOLS[] = {{"gopher", prepare_gopher, NULL, answer_gopher}};

/* ---- the loop of a protocol */

typedef struct {
  const Protocol *protocol;
  int socket, epoll;
} Loop;

static void leave(Connection *connection) {
  close(connection->socket);
  free(connection);
}

/* Answers every whole line. False when the line is too long. */
static int answer_lines(Connection *connection) {
  for (;;) {
    char *end = memchr(connection->line, '\n', connection->received);
    if (!end) return connection->received < sizeof connection->line;
    size_t used = (size_t)(end - connection->line) + 1;
    *end = 0;
    if (end > connection->line && end[-1] == '\r') end[-1] = 0;
    connection->protocol->answer(connection, connection->line);
    memmove(connection->line, connection->line + used, connection->received -= used);
    if (connection->closing) return 1;
  }
}

/* False when the connection is over. */
static int serve(const Loop *loop, Connection *connection, uint32_t events) {
  if (events & EPOLLIN) {
    ssize_t count = recv(connection->socket, connection->line + connection->received,
                         sizeof connection->line - connection->received, 0);
    if (count == 0 || (count < 0 && errno != EAGAIN)) return 0;
    if (count > 0) connection->received += (size_t)count;
    if (!answer_lines(connection)) return 0;
  }
  int sent = flush_pieces(connection);
  if (sent < 0 || (sent == 1 && connection->closing)) return 0;
  uint32_t wanted = sent ? EPOLLIN : EPOLLOUT;
  if (wanted != connection->watched) {
    struct epoll_event event = {.events = wanted, .data.ptr = connection};
    epoll_ctl(loop->epoll, connection->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, connection->socket, &event);
    connection->watched = wanted;
  }
  return 1;
}

static void accept_all(const Loop *loop) {
  for (;;) {
    int socket = accept4(loop->socket, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) return;
    int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Connection *connection = calloc(1, sizeof *connection);
    if (!connection) die("calloc");
    connection->socket = socket;
    connection->protocol = loop->protocol;
    if (loop->protocol->greet) loop->protocol->greet(connection);
    if (!serve(loop, connection, 0)) leave(connection);
  }
}

static void *run(void *argument) {
  const Loop *loop = argument;
  struct epoll_event events[256];
  for (;;) {
    int count = epoll_wait(loop->epoll, events, 256, -1);
    for (int i = 0; i < count; i++) {
      Connection *connection = events[i].data.ptr;
      if (!connection) accept_all(loop);
      else if (!serve(loop, connection, events[i].events)) leave(connection);
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
  *loop = (Loop){protocol, listen_on(port), epoll_create1(EPOLL_CLOEXEC)};
  if (protocol->prepare) protocol->prepare();
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->socket, &event);
  getsockname(loop->socket, (struct sockaddr *)&address, &size);
  printf("%s %d\n", protocol->name, ntohs(address.sin_port));
  pthread_t thread;
  if (pthread_create(&thread, NULL, run, loop) != 0) die("pthread_create");
}

int main(int count, char **words_) {
  signal(SIGPIPE, SIG_IGN);
  for (int i = 1; i + 1 < count; i += 2) {
    size_t p = 0;
    while (p < sizeof PROTOCOLS / sizeof *PROTOCOLS && strcmp(PROTOCOLS[p].name, words_[i]) != 0) p++;
    if (p == sizeof PROTOCOLS / sizeof *PROTOCOLS) {
      fprintf(stderr, "blast: no protocol %s\n", words_[i]);
      return 2;
    }
    start(&PROTOCOLS[p], (uint16_t)atoi(words_[i + 1]));
  }
  puts("ready");
  fflush(stdout);
  while (getchar() != EOF) {}
  return 0;
}
