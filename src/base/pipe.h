/* Pipes that carry much, and pipes that are full. */
#ifndef BASE_PIPE_H
#define BASE_PIPE_H

/* Lets the pipe behind `fd` hold more than the kernel's 64 KiB, so that writer and reader work at
 * the same time and need not wait for each other at every piece. No effect if it is no pipe, is as
 * wide already, or the kernel refuses. */
void pipe_widen(int fd);

/* Waits until a non-blocking pipe (or terminal, or socket) has room for more bytes, or its reader
 * is gone. */
void pipe_wait_for_room(int fd);

#endif
