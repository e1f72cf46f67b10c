#include "blast.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void die(const char *what) {
  perror(what);
  exit(1);
}

void *memory(size_t size) {
  void *p = calloc(1, size ? size : 1);
  if (!p) die("calloc");
  return p;
}

void append(Text *text, const char *from, size_t size) {
  if (text->size + size > text->room) {
    text->room = (text->size + size) * 3 / 2 + 64;
    text->at = realloc(text->at, text->room);
    if (!text->at) die("realloc");
  }
  if (size > 0) memcpy(text->at + text->size, from, size);
  text->size += size;
}

void appendf(Text *text, const char *format, ...) {
  char line[1024];
  va_list arguments;
  va_start(arguments, format);
  int size = vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  append(text, line, (size_t)size);
}

void append_stuffed(Text *text, const char *from, size_t size) {
  for (const char *end = from + size; from < end;) {
    const char *line_end = memchr(from, '\n', (size_t)(end - from));
    size_t length = line_end ? (size_t)(line_end - from) + 1 : (size_t)(end - from);
    if (*from == '.') append(text, ".", 1);
    append(text, from, length);
    from += length;
  }
}

void discard(Text *text) {
  free(text->at);
  *text = (Text){0};
}

static uint64_t state = 88172645463325252ULL;

uint64_t chance(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static const char *WORDS[] = {"loopback", "packet", "window", "buffer", "stream", "article", "mailbox", "header",
                              "segment", "listener", "selector", "option", "subnet", "gateway", "octet", "protocol",
                              "the", "a", "of", "with", "and", "measures", "carries", "sends", "holds", "reads"};

void words(char *to, size_t size) {
  size_t at = 0;
  while (at < size) {
    for (const char *word = WORDS[chance() % (sizeof WORDS / sizeof *WORDS)]; *word && at < size;) to[at++] = *word++;
    if (at < size) to[at++] = ' ';
  }
}

void prose(Text *text, size_t size, int dots) {
  char line[128];
  for (int number = 0; size >= 2; number++) {
    size_t length = size <= 80 ? size - 2 : 40 + chance() % 37;
    words(line, length);
    if (dots && number % 20 == 7 && length > 0) line[0] = '.';
    if (dots && number % 60 == 27 && length > 1) line[1] = '.';
    memcpy(line + length, "\r\n", 2);
    append(text, line, length + 2);
    size -= length + 2;
  }
}
