/* What no client can beat: says all that a workload has to say, and throws away what comes. PROTOCOL WORKLOAD key=value… */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ROOM (256 * 1024)

static long port, n, size, conc = 1;
static char input[ROOM];
static unsigned long octets;

static void die(const char *what) {
  perror(what);
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

/* ---- what is said */

static char *said;
static size_t length, room;

static void add(const char *format, ...) {
  if (length + 128 > room && !(said = realloc(said, room = (length + 128) * 2))) die("realloc");
  va_list arguments;
  va_start(arguments, format);
  length += (size_t)vsnprintf(said + length, 128, format, arguments);
  va_end(arguments);
}

static void add_each(const char *verb, long count) {
  for (long i = 1; i <= count; i++) add("%s %ld\r\n", verb, i);
}

/* ---- connections */

static int connected(void) {
  int on = 1, socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (connect(socket_, (struct sockaddr *)&address, sizeof address) < 0) die("connect");
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket_;
}

/* Takes what is there. False at the end. */
static int take(int socket) {
  ssize_t count = read(socket, input, sizeof input);
  if (count < 0 && errno != EAGAIN) die("read");
  if (count > 0) octets += (unsigned long)count;
  return count != 0;
}

/* Says everything while it reads until the end. */
static void until_end(void) {
  int socket = connected(), open = 1;
  size_t written = 0;
  fcntl(socket, F_SETFL, O_NONBLOCK);
  while (open) {
    struct pollfd poll_ = {socket, (short)(POLLIN | (written < length ? POLLOUT : 0)), 0};
    poll(&poll_, 1, -1);
    if (poll_.revents & POLLOUT) {
      ssize_t count = write(socket, said + written, length - written);
      if (count < 0 && errno != EAGAIN) die("write");
      if (count > 0) written += (size_t)count;
    }
    if (poll_.revents & (POLLIN | POLLHUP | POLLERR)) open = take(socket);
  }
  close(socket);
}

/* The same on `conc` connections at once. */
static void all_until_end(void) {
  struct epoll_event events[256];
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  long open = conc;
  for (long i = 0; i < conc; i++) {
    int socket = connected();
    struct epoll_event event = {.events = EPOLLIN, .data.fd = socket};
    if (write(socket, said, length) != (ssize_t)length) die("write");
    epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event);
  }
  while (open > 0) {
    int count = epoll_wait(epoll, events, 256, -1);
    for (int i = 0; i < count; i++) {
      if (take(events[i].data.fd)) continue;
      close(events[i].data.fd);
      open--;
    }
  }
}

static void hear(int socket, char answer_end) {
  ssize_t count = read(socket, input, sizeof input);
  if (count <= 0 || input[count - 1] != answer_end) die("read");
  octets += (unsigned long)count;
}

/* Each line waits for the answer to the one before, which ends so. */
static void lockstep(char answer_end) {
  int socket = connected();
  hear(socket, answer_end);
  for (const char *line = said, *end; line < said + length; line = end) {
    end = (const char *)memchr(line, '\n', (size_t)(said + length - line)) + 1;
    if (write(socket, line, (size_t)(end - line)) < 0) die("write");
    hear(socket, answer_end);
  }
}

/* The same without a greeting: what is said, over and over. */
static void again_and_again(long times, char answer_end) {
  int socket = connected();
  for (long i = 0; i < times; i++) {
    if (write(socket, said, length) < 0) die("write");
    hear(socket, answer_end);
  }
}

/* What is said, and `size` octets more; then one answer. */
static void pour(char answer_end) {
  int socket = connected();
  if (write(socket, said, length) < 0) die("write");
  for (long left = size; left > 0;) {
    ssize_t count = write(socket, input, left < ROOM ? (size_t)left : ROOM);
    if (count < 0) die("write");
    left -= count;
  }
  hear(socket, answer_end);
}

/* ---- workloads */

static void pop3(const char *workload) {
  int one_by_one = strcmp(workload, "latency") == 0, at_once = strcmp(workload, "conc") == 0;
  if (one_by_one) add("USER m10x100\r\nPASS x\r\n");
  else add("USER m%ldx%ld\r\nPASS x\r\n", n, size ? size : 2000);
  if (one_by_one) for (long i = 0; i < n; i++) add("STAT\r\n");
  else if (strcmp(workload, "list") == 0) add("LIST\r\nQUIT\r\n");
  else add_each("RETR", n / conc), add("QUIT\r\n");
  if (one_by_one) lockstep('\n');
  else (at_once ? all_until_end : until_end)();
}

static void nntp(const char *workload) {
  int one_by_one = strcmp(workload, "latency") == 0, at_once = strcmp(workload, "conc") == 0;
  int bodies = strcmp(workload, "body") == 0;
  if (!one_by_one) add("GROUP %c%ldx%ld\r\n", bodies ? 'b' : 't', n, size ? size : 2000);
  if (one_by_one) for (long i = 0; i < n; i++) add("DATE\r\n");
  else if (strncmp(workload, "over", 4) == 0) add("OVER 1-%ld\r\nQUIT\r\n", n);
  else if (strcmp(workload, "active") == 0) add("LIST ACTIVE\r\nQUIT\r\n");
  else add_each(bodies ? "BODY" : "ARTICLE", n / conc), add("QUIT\r\n");
  if (one_by_one) lockstep('\n');
  else (at_once ? all_until_end : until_end)();
}

static void telnet(const char *workload) {
  int one_by_one = strcmp(workload, "latency") == 0, at_once = strcmp(workload, "conc") == 0;
  if (one_by_one || at_once) for (long i = 0; i < n / conc; i++) add("line %ld\r\n", i);
  else add("%s %ld\r\n", strcmp(workload, "iac") == 0 ? "iac" : "prose", size);
  if (at_once) add("quit\r\n");
  if (one_by_one) lockstep(' ');
  else (at_once ? all_until_end : until_end)();
}

static void http(const char *workload) {
  int one_by_one = strcmp(workload, "latency") == 0, upload = strcmp(workload, "upload") == 0;
  int many = strcmp(workload, "many") == 0 || strcmp(workload, "conc") == 0;
  if (strncmp(workload, "xmlrpc", 6) == 0 || strcmp(workload, "once") == 0) exit(77);
  if (many) for (long i = 1; i < n / conc; i++) add("GET /s HTTP/1.1\r\nHost: x\r\n\r\n");
  if (one_by_one) add("GET /s HTTP/1.1\r\nHost: x\r\n\r\n");
  else if (many) add("GET /s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  else if (upload) add("PUT /u HTTP/1.1\r\nHost: x\r\nContent-Length: %ld\r\n\r\n", size);
  else add("GET /%c%ld HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", *workload == 'c' ? 'c' : 'n', size);
  if (one_by_one) again_and_again(n, '\n');
  else if (upload) pour('\n'), octets = (unsigned long)size;
  else (many ? all_until_end : until_end)();
}

int main(int count, char **words) {
  static const struct {
    const char *key;
    long *value;
  } keys[] = {{"port=", &port}, {"n=", &n}, {"size=", &size}, {"conc=", &conc}};
  if (count < 3) return 2;
  for (int i = 3; i < count; i++)
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
      if (strncmp(words[i], keys[k].key, strlen(keys[k].key)) == 0) *keys[k].value = atol(words[i] + strlen(keys[k].key));
  double began = now();
  if (strcmp(words[1], "pop3") == 0) pop3(words[2]);
  else if (strcmp(words[1], "nntp") == 0) nntp(words[2]);
  else if (strcmp(words[1], "telnet") == 0) telnet(words[2]);
  else if (strcmp(words[1], "http") == 0) http(words[2]);
  else return 77;
  printf("{\"items\":%ld,\"wire\":%lu,\"ms\":%.1f}\n", n, octets, now() - began);
  return 0;
}
