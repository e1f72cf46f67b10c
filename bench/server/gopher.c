/* Gopher: /s… a text of 500 octets, /m<n> a menu of n lines, /b<n> n octets. */
#include "blast.h"
#include <stdlib.h>
#include <string.h>

typedef struct Menu {
  uint64_t lines;
  Text text;
  struct Menu *next;
} Menu;

static Menu *menus;
static Text document;
static char *binary;

static void prepare(void) {
  prose(&document, 500, 0);
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
  Menu *menu = memory(sizeof *menu);
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

static void answer(Connection *connection, char *line) {
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
    SAY(connection, "3not found\t\terror.host\t1\r\n.\r\n");
  }
}

const Protocol gopher = {"gopher", prepare, NULL, answer};
