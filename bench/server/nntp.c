/*
 * NNTP: the group t<n>x<size> has n articles of text of exactly `size` octets, b<n>x<size> has n yEnc articles with
 * bodies of `size` octets, in 8 kinds; the first million of any group has an overview. 50,000 groups are listed.
 */
#include "blast.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define KINDS 8
#define OVERVIEWS 1000000UL
#define GROUPS 50000
#define YENC_LINE 128

/* On the wire, with the final dot: the body begins at `body`. */
typedef struct {
  Text text;
  size_t body;
} Article;

typedef struct Group {
  uint64_t size;
  int kind;
  Article articles[KINDS];
  struct Group *next;
} Group;

static Group *groups;
static Text overviews, active;
static size_t *overview_at;

/* The octets of an article in its overview: who adds them up knows that all were read. */
static uint64_t octets_of(uint64_t number) {
  return 500 + number * 7919 % 800000;
}

static void make_overviews(void) {
  static const char *parents[] = {"<parent1@news.example.org> <parent2.abcdef@news.example.org>", "",
                                  "<parent1@news.example.org>", "<parent3@news.example.org>"};
  overview_at = memory((OVERVIEWS + 1) * sizeof *overview_at);
  for (uint64_t i = 1; i <= OVERVIEWS; i++) {
    char subject[128];
    size_t length = 20 + chance() % 60;
    unsigned some = (unsigned)chance();
    words(subject, length);
    subject[length] = 0;
    overview_at[i - 1] = overviews.size;
    appendf(&overviews, "%lu\t%s%s [%lu/100] yEnc\t\"Poster %u\" <poster%u@example.org>\t", i, i % 3 ? "Re: " : "", subject,
            i % 100, some % 5000, some % 5000);
    appendf(&overviews, "Tue, %u Mar 2025 %02u:%02u:%02u +0000\t<%08x%lu.%lu@news.example.org>\t", 1 + some % 28, some % 24,
            (some >> 5) % 60, (some >> 11) % 60, some, i, i % 97);
    appendf(&overviews, "%s\t%lu\t%u\tXref: news.example.org alt.bin.bench:%lu\r\n", parents[i % 4], octets_of(i),
            5 + some % 6000, i);
  }
  overview_at[OVERVIEWS] = overviews.size;
}

static void prepare(void) {
  for (int i = 0; i < GROUPS; i++) appendf(&active, "alt.binaries.bench.group%d %d 1 y\r\n", i, 1000000 + i);
}

static uint32_t crc32_of(const unsigned char *at, size_t size) {
  uint32_t crc = ~0U;
  for (size_t i = 0; i < size; i++) {
    crc ^= at[i];
    for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ 0xedb88320U : crc >> 1;
  }
  return ~crc;
}

/* Lines of yEnc, exactly `room` octets of them; gives how many octets they encode, and their CRC. */
static size_t yenc(Text *text, size_t room, uint32_t *crc) {
  unsigned char *plain = memory(room);
  size_t size = 0, column = 0;
  while (room > 2) {
    unsigned char octet = (unsigned char)chance(), encoded = (unsigned char)(octet + 42);
    int critical = encoded == 0 || encoded == '\n' || encoded == '\r' || encoded == '=';
    if (critical && room < 4) continue;
    char pair[] = {'=', (char)(encoded + 64)};
    char one = (char)encoded;
    append(text, critical ? pair : &one, critical ? 2 : 1);
    plain[size++] = octet;
    room -= critical ? 2 : 1;
    column += critical ? 2 : 1;
    if (room <= 2 || (column >= YENC_LINE && room >= 5)) {
      append(text, "\r\n", 2);
      room -= 2;
      column = 0;
    }
  }
  *crc = crc32_of(plain, size);
  free(plain);
  return size;
}

/* A body of exactly `size` octets. */
static void make_binary(Text *text, uint64_t size, int kind) {
  static const char begin[] = "=ybegin line=128 size=%010lu name=bench%d.bin\r\n", end[] = "=yend size=%010lu crc32=%08x\r\n";
  uint32_t crc;
  Text lines = {0};
  size_t around = (size_t)(snprintf(NULL, 0, begin, 0UL, kind) + snprintf(NULL, 0, end, 0UL, 0U));
  size_t octets = yenc(&lines, size - around, &crc);
  appendf(text, begin, octets, kind);
  append(text, lines.at, lines.size);
  appendf(text, end, octets, crc);
  discard(&lines);
}

static void make_article(Article *article, const Group *group, int kind) {
  Text head = {0}, body = {0};
  appendf(&head, "Path: news.example.org!not-for-mail\r\nFrom: Poster <poster@example.org>\r\nNewsgroups: alt.bin.bench\r\n");
  appendf(&head, "Subject: article %d\r\nDate: Tue, 4 Mar 2025 10:00:00 +0000\r\nMessage-ID: <a%d@news.example.org>\r\n", kind,
          kind);
  appendf(&head, "Lines: 40\r\n\r\n");
  if (group->kind == 'b') make_binary(&body, group->size, kind);
  else prose(&body, group->size - head.size, 1);
  append(&article->text, head.at, head.size);
  article->body = article->text.size;
  append_stuffed(&article->text, body.at, body.size);
  append(&article->text, ".\r\n", 3);
  discard(&head);
  discard(&body);
}

static const Group *group_of(int kind, uint64_t size) {
  for (Group *group = groups; group; group = group->next)
    if (group->size == size && group->kind == kind) return group;
  Group *group = memory(sizeof *group);
  group->size = size;
  group->kind = kind;
  for (int i = 0; i < KINDS; i++) make_article(&group->articles[i], group, i);
  group->next = groups;
  groups = group;
  return group;
}

static void group(Connection *connection, char *argument) {
  uint64_t count = 0, size = 0;
  char kind = 0;
  if (sscanf(argument, "%c%lux%lu", &kind, &count, &size) < 3 || (kind != 't' && kind != 'b') || count < 1 || size < 500) {
    SAY(connection, "411 a group is t<count>x<size> or b<count>x<size>\r\n");
    return;
  }
  connection->count = count;
  connection->current = 1;
  connection->content = group_of(kind, size);
  sayf(connection, "211 %lu 1 %lu %s\r\n", count, count, argument);
}

static void over(Connection *connection, char *argument) {
  uint64_t last, first = *argument ? strtoul(argument, &argument, 10) : connection->current;
  if (*argument != '-') last = first;
  else last = argument[1] ? strtoul(argument + 1, NULL, 10) : connection->count;
  if (!connection->content) {
    SAY(connection, "412 no group\r\n");
    return;
  }
  if (last > connection->count) last = connection->count;
  if (last > OVERVIEWS) last = OVERVIEWS;
  if (first < 1 || first > last) {
    SAY(connection, "423 no such articles\r\n");
    return;
  }
  if (!overview_at) make_overviews();
  SAY(connection, "224 overview follows\r\n");
  say(connection, overviews.at + overview_at[first - 1], overview_at[last] - overview_at[first - 1], 1);
  SAY(connection, ".\r\n");
}

/* The article of this number or message-id; without one, the refusal has been said. */
static const Article *article_of(Connection *connection, const char *argument, const char *code) {
  if (!connection->content) {
    SAY(connection, "412 no group\r\n");
    return NULL;
  }
  uint64_t number = *argument ? strtoul(argument + (*argument == '<' ? 2 : 0), NULL, 10) : connection->current;
  if (number < 1 || number > connection->count) {
    SAY(connection, "423 no such article\r\n");
    return NULL;
  }
  connection->current = number;
  sayf(connection, "%s %lu <a%lu@news.example.org>\r\n", code, number, number);
  return &((const Group *)connection->content)->articles[number % KINDS];
}

static void article(Connection *connection, char *argument) {
  const Article *article = article_of(connection, argument, "220");
  if (article) say(connection, article->text.at, article->text.size, 1);
}

static void head(Connection *connection, char *argument) {
  const Article *article = article_of(connection, argument, "221");
  if (!article) return;
  say(connection, article->text.at, article->body - 2, 1);
  SAY(connection, ".\r\n");
}

static void body(Connection *connection, char *argument) {
  const Article *article = article_of(connection, argument, "222");
  if (article) say(connection, article->text.at + article->body, article->text.size - article->body, 1);
}

static void stat_(Connection *connection, char *argument) {
  article_of(connection, argument, "223");
}

static void list(Connection *connection, char *argument) {
  if (strncasecmp(argument, "OVERVIEW.FMT", 12) == 0) {
    SAY(connection, "215 order of fields\r\nSubject:\r\nFrom:\r\nDate:\r\nMessage-ID:\r\nReferences:\r\n:bytes\r\n:lines\r\nXref:full\r\n.\r\n");
    return;
  }
  SAY(connection, "215 list follows\r\n");
  say(connection, active.at, active.size, 1);
  SAY(connection, ".\r\n");
}

static void date(Connection *connection, char *argument) {
  (void)argument;
  SAY(connection, "111 20250304100000\r\n");
}

static void capabilities(Connection *connection, char *argument) {
  (void)argument;
  SAY(connection, "101 capabilities\r\nVERSION 2\r\nREADER\r\nOVER\r\nLIST ACTIVE OVERVIEW.FMT\r\nIMPLEMENTATION blast\r\n.\r\n");
}

static void mode(Connection *connection, char *argument) {
  (void)argument;
  SAY(connection, "201 no posting\r\n");
}

static void quit(Connection *connection, char *argument) {
  (void)argument;
  SAY(connection, "205 bye\r\n");
  connection->closing = 1;
}

static const Verb VERBS[] = {{"ARTICLE", article}, {"BODY", body}, {"HEAD", head}, {"STAT", stat_},
                             {"DATE", date},       {"OVER", over}, {"XOVER", over}, {"GROUP", group},
                             {"LIST", list},       {"MODE", mode}, {"QUIT", quit}, {"CAPABILITIES", capabilities}};

static void greet(Connection *connection) {
  SAY(connection, "201 blast\r\n");
}

static void answer(Connection *connection, char *line) {
  if (!answer_verb(VERBS, sizeof VERBS / sizeof *VERBS, connection, line)) SAY(connection, "500 unknown command\r\n");
}

const Protocol nntp = {"nntp", prepare, greet, answer};
