/* Keys that are pressed while a scan runs: a terminal that gives each at once and does not show it.
 *
 * The terminal is as it was before whenever the program does not read it: after the end, and while
 * it is stopped by ctrl-z. */
#ifndef SCAN_KEYBOARD_H
#define SCAN_KEYBOARD_H

#include <stdbool.h>
#include <termios.h>

struct keyboard {
    int fd;    /* -1: there is none */
    bool open; /* it gives keys; else the terminal is as it was */
    struct termios before;
};

/* `fd` is no keyboard unless it is a terminal. Opens it as keyboard_resume does. */
void keyboard_init(struct keyboard *keyboard, int fd);

/* Asks the terminal for keys, unless it belongs to another program at the moment. */
void keyboard_resume(struct keyboard *keyboard);

/* Makes the terminal what it was. */
void keyboard_suspend(struct keyboard *keyboard);

/* The next key that was pressed; 0 if there is none. */
char keyboard_read(struct keyboard *keyboard);

#endif
