/* Keys, one at a time. */
#include "scan/keyboard.h"

#include <unistd.h>

void keyboard_init(struct keyboard *keyboard, int fd)
{
    *keyboard = (struct keyboard){.fd = isatty(fd) ? fd : -1};
    keyboard_resume(keyboard);
}

/* A program in the background that changed the terminal would be stopped for it. */
static bool is_ours(const struct keyboard *keyboard)
{
    return keyboard->fd >= 0 && tcgetpgrp(keyboard->fd) == getpgrp();
}

void keyboard_resume(struct keyboard *keyboard)
{
    struct termios keys;
    if (keyboard->open || !is_ours(keyboard) || tcgetattr(keyboard->fd, &keys) < 0)
        return;
    if (keys.c_lflag & ICANON) /* else it is as we left it when we were stopped */
        keyboard->before = keys;
    keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    keys.c_cc[VMIN] = 0;
    keys.c_cc[VTIME] = 0;
    keyboard->open = tcsetattr(keyboard->fd, TCSADRAIN, &keys) == 0;
}

void keyboard_suspend(struct keyboard *keyboard)
{
    if (keyboard->open && is_ours(keyboard))
        tcsetattr(keyboard->fd, TCSADRAIN, &keyboard->before);
    keyboard->open = false;
}

char keyboard_read(struct keyboard *keyboard)
{
    char key;
    if (!keyboard->open || !is_ours(keyboard) || read(keyboard->fd, &key, 1) != 1)
        return 0;
    return key;
}
