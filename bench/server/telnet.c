/*
 * Telnet: it offers ECHO, asks for a terminal, says "welcome" and a prompt, and answers every line with one. Three more
 * commands send as many octets as they are asked for (whole MiB), and close: `prose` is text with some IAC in it, `iac` has
 * one every 16 octets, `clean` and `cleaniac` are the same without Telnet, as a client should give them. `show` is `prose`
 * with a prompt behind it.
 */
#include "blast.h"
#include <stdlib.h>
#include <string.h>

#define IAC 255
#define PROMPT "$ "

/* What is sent, and what it means. */
typedef struct {
  Text wire, clean;
} Load;

static Load plain, heavy;

/* One octet as it goes over the wire: IAC is doubled, a CR that ends no line has a NUL behind it. */
static void append_octet(Text *wire, const char *at) {
  append(wire, at, 1);
  if ((unsigned char)*at == IAC) append(wire, at, 1);
  if (*at == '\r' && at[1] != '\n') append(wire, "", 1);
}

/* What stands before the end of a line that has it: offers of what is agreed, a message of a game, go ahead. */
static void append_extras(Text *wire, size_t line) {
  if (line % 120 == 60) append(wire, "\xff\xfb\x01\xff\xfd\x03", 6);
  if (line % 800 == 400) append(wire, "\xff\xfa\xc9" "Core.Ping" "\xff\xf0", 14);
  if (line % 300 == 299) append(wire, "\xff\xf9", 2);
}

/* Every 12th line has the octet 255 in it, every 240th a lone CR. */
static void make_plain(Load *load) {
  size_t line = 0, column = 0;
  prose(&load->clean, MIB, 0);
  for (char *at = load->clean.at, *end = at + MIB; at < end; at++, column++) {
    if (column == 20 && line % 12 == 5) *at = (char)IAC;
    if (column == 25 && line % 240 == 100) *at = '\r';
    if (*at == '\r' && at[1] == '\n') append_extras(&load->wire, line);
    append_octet(&load->wire, at);
    if (*at == '\n') column = 0, line++;
  }
}

/* By turns the octet 255, and the refusal of an option that nobody uses, to which there is nothing to say. */
static void make_heavy(Load *load) {
  size_t due = 0, turn = 0;
  prose(&load->clean, MIB, 0);
  for (char *at = load->clean.at, *end = at + MIB; at < end; at++, due++) {
    if (due >= 16 && *at != '\r' && *at != '\n') {
      if (turn % 2 == 0) *at = (char)IAC;
      else append(&load->wire, turn % 4 == 1 ? "\xff\xfc\x05" : "\xff\xfe\x05", 3);
      turn++;
      due = 0;
    }
    append_octet(&load->wire, at);
  }
}

static void prepare(void) {
  make_plain(&plain);
  make_heavy(&heavy);
}

/* ---- what a client sends: everything but data is taken out */

enum { DATA, AFTER_CR, AFTER_IAC, OPTION, SUBNEGOTIATION, SUBNEGOTIATION_IAC };

static int next_state(int state, unsigned char octet) {
  switch (state) {
  case AFTER_IAC: return octet == 250 ? SUBNEGOTIATION : octet > 250 && octet < IAC ? OPTION : DATA;
  case SUBNEGOTIATION: return octet == IAC ? SUBNEGOTIATION_IAC : SUBNEGOTIATION;
  case SUBNEGOTIATION_IAC: return octet == 240 ? DATA : SUBNEGOTIATION;
  case OPTION: return DATA;
  default: return octet == IAC ? AFTER_IAC : octet == '\r' ? AFTER_CR : DATA;
  }
}

static size_t sift(Connection *connection, char *at, size_t size) {
  size_t kept = 0;
  int state = (int)connection->current;
  for (size_t i = 0; i < size; i++) {
    unsigned char octet = (unsigned char)at[i];
    int next = next_state(state, octet), data = state <= AFTER_CR && octet != IAC && !(state == AFTER_CR && octet == 0);
    if (data || (state == AFTER_IAC && octet == IAC)) at[kept++] = at[i];
    state = next;
  }
  connection->current = (uint64_t)state;
  return kept;
}

/* ---- what it is told */

static void send_text(Connection *connection, const Text *text, const char *octets) {
  say(connection, text->at, text->size, strtoul(octets, NULL, 10) / MIB);
  connection->closing = 1;
}

static void send_prose(Connection *connection, char *octets) {
  send_text(connection, &plain.wire, octets);
}

static void send_iac(Connection *connection, char *octets) {
  send_text(connection, &heavy.wire, octets);
}

static void send_clean(Connection *connection, char *octets) {
  send_text(connection, &plain.clean, octets);
}

static void send_clean_iac(Connection *connection, char *octets) {
  send_text(connection, &heavy.clean, octets);
}

static void show(Connection *connection, char *octets) {
  send_prose(connection, octets);
  SAY(connection, PROMPT);
  connection->closing = 0;
}

static void quit(Connection *connection, char *argument) {
  (void)argument;
  SAY(connection, "bye\r\n");
  connection->closing = 1;
}

static const Verb VERBS[] = {{"prose", send_prose},        {"iac", send_iac}, {"clean", send_clean},
                             {"cleaniac", send_clean_iac}, {"show", show},    {"quit", quit}};

static void greet(Connection *connection) {
  SAY(connection, "\xff\xfd\x18\xff\xfb\x01" "welcome\r\n" PROMPT);
}

static void answer(Connection *connection, char *line) {
  if (!answer_verb(VERBS, sizeof VERBS / sizeof *VERBS, connection, line)) sayf(connection, "%.200s: ok\r\n" PROMPT, line);
}

const Protocol telnet = {"telnet", prepare, greet, answer, sift};
