/* What the user wants while a scan runs: signals, and keys on a terminal. */
#ifndef SCAN_CONTROL_H
#define SCAN_CONTROL_H

#include "scan/keyboard.h"

enum control_wish {
    CONTROL_NONE,
    CONTROL_END,     /* ctrl-c, SIGTERM, SIGHUP */
    CONTROL_SUSPEND, /* ctrl-z: see control_suspend */
    CONTROL_SHOW,    /* space, enter: a status that stays */
    CONTROL_PAUSE,   /* p: stop probing, or go on */
    CONTROL_FASTER,  /* + */
    CONTROL_SLOWER,  /* - */
    CONTROL_HELP,    /* ? or h: which keys there are */
};

struct control {
    int signal_fd; /* a signalfd; -1: none */
    struct keyboard keyboard;
};

/* `keyboard_fd` need not be a terminal. The terminal is given back by control_fini. */
void control_init(struct control *control, int signal_fd, int keyboard_fd);
void control_fini(struct control *control);

/* Sleeps for `timeout_ms` milliseconds, or until there is a wish. */
enum control_wish control_wait(struct control *control, int timeout_ms);

/* Gives the terminal back, stops the program as ctrl-z does, and returns when it goes on. */
void control_suspend(struct control *control);

#endif
