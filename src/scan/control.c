/* Signals and keys. */
#include "scan/control.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const struct {
    char key;
    enum control_wish wish;
} keys[] = {
    {' ', CONTROL_SHOW},  {'\n', CONTROL_SHOW},  {'\r', CONTROL_SHOW},  {'p', CONTROL_PAUSE},
    {'P', CONTROL_PAUSE}, {'+', CONTROL_FASTER}, {'=', CONTROL_FASTER}, {'-', CONTROL_SLOWER},
    {'?', CONTROL_HELP},  {'h', CONTROL_HELP},
};

void control_init(struct control *control, int signal_fd, int keyboard_fd)
{
    control->signal_fd = signal_fd;
    keyboard_init(&control->keyboard, keyboard_fd);
}

void control_fini(struct control *control)
{
    keyboard_suspend(&control->keyboard);
}

/* After a stop by whatever means the shell may have changed the terminal, or given it to us. */
static enum control_wish continue_here(struct control *control)
{
    control->keyboard.open = false;
    keyboard_resume(&control->keyboard);
    return CONTROL_NONE;
}

static enum control_wish take_signal(struct control *control)
{
    struct signalfd_siginfo signal;
    if (read(control->signal_fd, &signal, sizeof signal) != sizeof signal)
        return CONTROL_NONE;
    switch (signal.ssi_signo) {
    case SIGTSTP:
        return CONTROL_SUSPEND;
    case SIGCONT:
        return continue_here(control);
    default:
        return CONTROL_END;
    }
}

static enum control_wish take_key(struct control *control)
{
    char key = keyboard_read(&control->keyboard);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (keys[i].key == key)
            return keys[i].wish;
    return CONTROL_NONE;
}

/* A terminal that is gone would be ready to read for ever. */
static enum control_wish give_up_keyboard(struct control *control)
{
    control->keyboard.fd = -1;
    control->keyboard.open = false;
    return CONTROL_NONE;
}

enum control_wish control_wait(struct control *control, int timeout_ms)
{
    bool listening = control->keyboard.open;
    struct pollfd ready[] = {
        {.fd = control->signal_fd, .events = POLLIN},
        {.fd = listening ? control->keyboard.fd : -1, .events = POLLIN},
    };
    if (poll(ready, 2, timeout_ms) <= 0)
        return CONTROL_NONE;
    if (ready[0].revents & POLLIN)
        return take_signal(control);
    if (ready[1].revents & (POLLHUP | POLLERR | POLLNVAL))
        return give_up_keyboard(control);
    return take_key(control);
}

void control_suspend(struct control *control)
{
    keyboard_suspend(&control->keyboard);
    raise(SIGSTOP);
    keyboard_resume(&control->keyboard);
}
