/* What the protocols of blast share: text that is made once, and connections that send it. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define MIB (1024UL * 1024UL)
#define INPUT_OCTETS (32 * 1024)
#define SCRATCH_OCTETS (32 * 1024)
#define PIECES 768

/* ---- text.c: octets that are made once and sent many times */

typedef struct {
  char *at;
  size_t size, room;
} Text;

void die(const char *what);
void *memory(size_t size);
void append(Text *text, const char *from, size_t size);
void appendf(Text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* `from` with a dot before every line that begins with one. */
void append_stuffed(Text *text, const char *from, size_t size);
void discard(Text *text);
/* A number that is the same on every machine and in every run. */
uint64_t chance(void);
/* Words, exactly `size` octets of them. */
void words(char *to, size_t size);
/* Lines of words, with CR LF, of `size` octets in all. With `dots` every twentieth line begins with one or two. */
void prose(Text *text, size_t size, int dots);

/* ---- blast.c: connections */

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
  size_t parsed, received, scratched;
  int first, last;
  int closing, closed;
  uint32_t watched;
  /* What a protocol remembers: how many things, of which size, which of them, and the things themselves. */
  uint64_t count, size, current;
  /* Octets that are passed over before the next line. */
  uint64_t skip;
  /* What HTTP remembers of a request: the length of its body, whether it is in chunks, whether it is the last. */
  uint64_t expected;
  int chunked, last_one;
  const void *content;
  struct Connection *next;
  /* What is before this is zero at first. */
  Piece pieces[PIECES];
  char input[INPUT_OCTETS];
  char scratch[SCRATCH_OCTETS];
} Connection;

struct Protocol {
  const char *name;
  void (*prepare)(void);
  void (*greet)(Connection *connection);
  /* Answers one line, with at most 8 pieces and 1,024 octets of scratch. */
  void (*answer)(Connection *connection, char *line);
  /* Takes out of `size` octets what is no line, and gives how many are left. With this a client is heard while it is
     answered, and until it closes: a close with something unread would reset the connection. */
  size_t (*sift)(Connection *connection, char *at, size_t size);
  /* Is called when all that was to be passed over (`skip`) has been. */
  void (*skipped)(Connection *connection);
};

typedef struct {
  const char *verb;
  void (*answer)(Connection *connection, char *argument);
} Verb;

/* Sends what stays where it is. */
void say(Connection *connection, const char *at, size_t size, uint64_t repeat);
/* Sends what is copied. */
void sayf(Connection *connection, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define SAY(connection, literal) say(connection, literal, sizeof literal - 1, 1)
/* Gives the line to the answer of its verb: the rest, behind the space, is the argument. False when there is none. */
int answer_verb(const Verb *verbs, size_t count, Connection *connection, char *line);

extern const Protocol gopher, http, nntp, pop3, telnet;
