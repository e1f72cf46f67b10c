/*
 * HTTP/1.1: GET /s… a small JSON text of 100 octets, /n<n> n octets with their length, /c<n> the same in chunks of 64 KiB.
 * POST and PUT take any body: /u… says how many octets came; /x answers an XML-RPC call by 42, /x<n> by a list of n structs.
 */
#include "blast.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SMALL 100
#define CHUNK (64 * 1024UL)

/* Where a connection is in a request (`current`): the chunks of a body are lines with octets between them. */
enum { REQUEST, HEADER, CHUNKS, TRAILER };

typedef struct Answer {
  uint64_t items;
  Text text;
  struct Answer *next;
} Answer;

static Answer *answers;
static Text small, chunk;
static char *binary;

static void prepare(void) {
  char text[SMALL - 14];
  words(text, sizeof text);
  appendf(&small, "{\"words\": \"%.*s\"}\n", (int)sizeof text, text);
  binary = memory(MIB);
  for (size_t i = 0; i < MIB; i += 8) {
    uint64_t octets = chance();
    memcpy(binary + i, &octets, 8);
  }
  appendf(&chunk, "%lx\r\n", CHUNK);
  append(&chunk, binary, CHUNK);
  append(&chunk, "\r\n", 2);
}

/* ---- what is answered */

static void send_small(Connection *connection, uint64_t number) {
  (void)number;
  SAY(connection, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\nServer: blast\r\n"
                  "Date: Tue, 04 Mar 2025 10:00:00 GMT\r\n\r\n");
  say(connection, small.at, small.size, 1);
}

static void send_octets(Connection *connection, uint64_t octets) {
  sayf(connection, "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %lu\r\n\r\n", octets);
  say(connection, binary, MIB, octets / MIB);
  say(connection, binary, octets % MIB, 1);
}

static void send_chunks(Connection *connection, uint64_t octets) {
  SAY(connection, "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
  say(connection, chunk.at, chunk.size, octets / CHUNK);
  if (octets % CHUNK) {
    sayf(connection, "%lx\r\n", octets % CHUNK);
    say(connection, binary, octets % CHUNK, 1);
    SAY(connection, "\r\n");
  }
  SAY(connection, "0\r\n\r\n");
}

/* Always 20 octets, so that the length is known. */
static void tell_received(Connection *connection, uint64_t number) {
  (void)number;
  sayf(connection, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 20\r\n\r\n%019lu\n", connection->count);
}

static const Text *answer_of(uint64_t items) {
  for (Answer *answer = answers; answer; answer = answer->next)
    if (answer->items == items) return &answer->text;
  Answer *answer = memory(sizeof *answer);
  *answer = (Answer){items, {0}, answers};
  Text *text = &answer->text;
  appendf(text, "<?xml version=\"1.0\"?>\n<methodResponse><params><param><value>");
  if (items == 0) appendf(text, "<int>42</int>");
  else appendf(text, "<array><data>");
  for (uint64_t i = 0; i < items; i++) {
    char name[40] = {0};
    words(name, 20 + chance() % 19);
    appendf(text, "<value><struct><member><name>name</name><value><string>%s</string></value></member>", name);
    appendf(text, "<member><name>size</name><value><int>%lu</int></value></member>", i);
    appendf(text, "<member><name>modified</name><value><dateTime.iso8601>20250304T10:00:00</dateTime.iso8601></value></member>");
    appendf(text, "</struct></value>\n");
  }
  if (items > 0) appendf(text, "</data></array>");
  appendf(text, "</value></param></params></methodResponse>\n");
  answers = answer;
  return text;
}

static void send_response(Connection *connection, uint64_t items) {
  const Text *text = answer_of(items);
  sayf(connection, "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %lu\r\n\r\n", text->size);
  say(connection, text->at, text->size, 1);
}

static void tell_nothing(Connection *connection, uint64_t number) {
  (void)number;
  SAY(connection, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
}

typedef struct {
  char letter;
  void (*send)(Connection *connection, uint64_t number);
} Route;

static const Route ROUTES[] = {{'s', send_small},    {'n', send_octets},   {'c', send_chunks},
                               {'u', tell_received}, {'x', send_response}, {0, tell_nothing}};

/* ---- what is asked */

static void reply(Connection *connection) {
  const Route *route = connection->content;
  route->send(connection, connection->size);
  connection->closing = connection->last_one;
  connection->current = REQUEST;
}

/* METHOD /<letter><number> HTTP/1.1 */
static void read_request(Connection *connection, const char *line) {
  const char *path = strchr(line, '/');
  const Route *route = ROUTES;
  while (route->letter && path && route->letter != path[1]) route++;
  connection->content = route;
  connection->size = path && path[1] ? strtoul(path + 2, NULL, 10) : 0;
  connection->count = connection->expected = connection->chunked = connection->last_one = 0;
  connection->current = HEADER;
}

/* What stands behind a field's name, or NULL. */
static const char *value_of(const char *line, const char *name) {
  size_t length = strlen(name);
  return strncasecmp(line, name, length) == 0 ? line + length + strspn(line + length, " ") : NULL;
}

static void read_field(Connection *connection, const char *line) {
  const char *value;
  if ((value = value_of(line, "content-length:"))) connection->expected = strtoul(value, NULL, 10);
  else if ((value = value_of(line, "transfer-encoding:"))) connection->chunked = strcasecmp(value, "chunked") == 0;
  else if ((value = value_of(line, "connection:"))) connection->last_one = strcasecmp(value, "close") == 0;
}

static void begin_body(Connection *connection) {
  connection->count = connection->skip = connection->expected;
  if (connection->chunked) connection->current = CHUNKS;
  else if (connection->skip == 0) reply(connection);
}

static void read_chunk(Connection *connection, const char *line) {
  uint64_t size = strtoul(line, NULL, 16);
  connection->count += size;
  if (size == 0) connection->current = TRAILER;
  else connection->skip = size + 2;
}

static void answer(Connection *connection, char *line) {
  switch (connection->current) {
  case REQUEST: if (*line) read_request(connection, line); break;
  case HEADER: *line ? read_field(connection, line) : begin_body(connection); break;
  case CHUNKS: read_chunk(connection, line); break;
  default: if (!*line) reply(connection);
  }
}

static void skipped(Connection *connection) {
  if (connection->current == HEADER) reply(connection);
}

const Protocol http = {"http", prepare, NULL, answer, NULL, skipped};
