/*
 * POP3: the maildrop of the user m<n>x<size> has n messages of exactly `size` octets, in 16 kinds; any password will do.
 * Messages above 8 MiB are of one kind, and are made of a piece that is sent again and again.
 */
#include "blast.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KINDS 16
#define LARGE (8 * MIB)

/* On the wire: `whole` with the status line and the header, and what repeats, and the tail. */
typedef struct {
  Text whole, tail;
  size_t header, body;
  uint64_t repeat;
} Message;

typedef struct Maildrop {
  uint64_t count, size;
  Message messages[KINDS];
  Text list, uidl;
  struct Maildrop *next;
} Maildrop;

static Maildrop *maildrops;
static Text repeated;

static void prepare(void) {
  Text text = {0};
  prose(&text, MIB, 1);
  append_stuffed(&repeated, text.at, text.size);
  discard(&text);
}

static void header_of(Text *text, int kind) {
  appendf(text, "Received: from a%d.example.org (a%d.example.org [192.0.2.%d]) by mx.example.net with ESMTP id %08x;\r\n",
          kind, kind, kind, (unsigned)chance());
  appendf(text, "\tTue, 4 Mar 2025 10:%02d:00 +0000\r\nFrom: \"Sender %d\" <sender%d@example.org>\r\n", kind, kind, kind);
  appendf(text, "To: user@example.net\r\nSubject: Message %d of the maildrop\r\n", kind);
  appendf(text, "Date: Tue, 4 Mar 2025 10:%02d:00 +0000\r\nMessage-ID: <m%d.%08x@example.org>\r\n", kind, kind,
          (unsigned)chance());
  appendf(text, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n");
}

static void make_message(Message *message, uint64_t size, int kind) {
  Text header = {0}, body = {0};
  header_of(&header, kind);
  if (header.size + 2 > size) header.size = 0;
  uint64_t left = size - header.size;
  message->repeat = size > LARGE ? (left - 2) / MIB : 0;
  prose(&body, left - message->repeat * MIB, 1);
  appendf(&message->whole, "+OK %lu octets\r\n", size);
  message->header = message->whole.size;
  append(&message->whole, header.at, header.size);
  message->body = message->whole.size;
  append_stuffed(message->repeat ? &message->tail : &message->whole, body.at, body.size);
  append(message->repeat ? &message->tail : &message->whole, ".\r\n", 3);
  discard(&header);
  discard(&body);
}

static void uid_of(char *to, size_t room, uint64_t number, uint64_t size) {
  snprintf(to, room, "uid%08lx%lu", (number * 2654435761UL) & 0xffffffff, size);
}

static const Maildrop *maildrop_of(uint64_t count, uint64_t size) {
  for (Maildrop *drop = maildrops; drop; drop = drop->next)
    if (drop->count == count && drop->size == size) return drop;
  Maildrop *drop = memory(sizeof *drop);
  drop->count = count;
  drop->size = size;
  for (int kind = 0; kind < (size > LARGE ? 1 : KINDS); kind++) make_message(&drop->messages[kind], size, kind);
  appendf(&drop->list, "+OK %lu messages (%lu octets)\r\n", count, count * size);
  appendf(&drop->uidl, "+OK\r\n");
  for (uint64_t i = 1; i <= count; i++) {
    char uid[64];
    uid_of(uid, sizeof uid, i, size);
    appendf(&drop->list, "%lu %lu\r\n", i, size);
    appendf(&drop->uidl, "%lu %s\r\n", i, uid);
  }
  append(&drop->list, ".\r\n", 3);
  append(&drop->uidl, ".\r\n", 3);
  drop->next = maildrops;
  maildrops = drop;
  return drop;
}

/* The message of this number; without one, the refusal has been said. */
static const Message *message_of(Connection *connection, uint64_t number) {
  const Maildrop *drop = connection->content;
  if (!drop || number < 1 || number > drop->count) {
    SAY(connection, "-ERR no such message\r\n");
    return NULL;
  }
  return &drop->messages[drop->size > LARGE ? 0 : number % KINDS];
}

static void retr(Connection *connection, char *argument) {
  const Message *message = message_of(connection, strtoul(argument, NULL, 10));
  if (!message) return;
  say(connection, message->whole.at, message->whole.size, 1);
  say(connection, repeated.at, repeated.size, message->repeat);
  say(connection, message->tail.at, message->tail.size, 1);
}

/* The lines of a large message are not given. */
static void top(Connection *connection, char *argument) {
  char *rest;
  const Message *message = message_of(connection, strtoul(argument, &rest, 10));
  if (!message) return;
  const char *from = message->whole.at + message->header, *to = message->whole.at + message->body;
  const char *end = message->whole.at + message->whole.size - (message->repeat ? 0 : 3);
  for (uint64_t lines = strtoul(rest, NULL, 10); lines > 0 && to < end; lines--)
    to = (const char *)memchr(to, '\n', (size_t)(end - to)) + 1;
  SAY(connection, "+OK\r\n");
  say(connection, from, (size_t)(to - from), 1);
  SAY(connection, ".\r\n");
}

static void list(Connection *connection, char *argument) {
  const Maildrop *drop = connection->content;
  uint64_t number = strtoul(argument, NULL, 10);
  if (drop && !*argument) say(connection, drop->list.at, drop->list.size, 1);
  else if (message_of(connection, number)) sayf(connection, "+OK %lu %lu\r\n", number, drop->size);
}

static void uidl(Connection *connection, char *argument) {
  const Maildrop *drop = connection->content;
  uint64_t number = strtoul(argument, NULL, 10);
  char uid[64];
  if (drop && !*argument) {
    say(connection, drop->uidl.at, drop->uidl.size, 1);
  } else if (message_of(connection, number)) {
    uid_of(uid, sizeof uid, number, drop->size);
    sayf(connection, "+OK %lu %s\r\n", number, uid);
  }
}

static void stat_(Connection *connection, char *argument) {
  (void)argument;
  const Maildrop *drop = connection->content;
  if (drop) sayf(connection, "+OK %lu %lu\r\n", drop->count, drop->count * drop->size);
  else SAY(connection, "-ERR who are you?\r\n");
}

static void user(Connection *connection, char *argument) {
  uint64_t count = 0, size = 0;
  if (sscanf(argument, "m%lux%lu", &count, &size) < 2 || count < 1 || count > 2000000 || size < 2) {
    SAY(connection, "-ERR a user is m<count>x<size>\r\n");
    return;
  }
  connection->count = count;
  connection->size = size;
  SAY(connection, "+OK\r\n");
}

static void pass(Connection *connection, char *argument) {
  (void)argument;
  if (connection->count > 0) connection->content = maildrop_of(connection->count, connection->size);
  stat_(connection, argument);
}

static void capa(Connection *connection, char *argument) {
  (void)argument;
  SAY(connection, "+OK\r\nUSER\r\nUIDL\r\nTOP\r\nPIPELINING\r\nRESP-CODES\r\nIMPLEMENTATION blast\r\n.\r\n");
}

static void fine(Connection *connection, char *argument) {
  (void)argument;
  SAY(connection, "+OK\r\n");
}

static void quit(Connection *connection, char *argument) {
  (void)argument;
  SAY(connection, "+OK bye\r\n");
  connection->closing = 1;
}

static const Verb VERBS[] = {{"RETR", retr}, {"STAT", stat_}, {"TOP", top},   {"LIST", list}, {"UIDL", uidl}, {"USER", user},
                             {"PASS", pass}, {"CAPA", capa},  {"NOOP", fine}, {"DELE", fine}, {"RSET", fine}, {"QUIT", quit}};

static void greet(Connection *connection) {
  SAY(connection, "+OK blast\r\n");
}

static void answer(Connection *connection, char *line) {
  if (!answer_verb(VERBS, sizeof VERBS / sizeof *VERBS, connection, line)) SAY(connection, "-ERR unknown command\r\n");
}

const Protocol pop3 = {"pop3", prepare, greet, answer};
