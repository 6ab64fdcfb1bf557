/* Pipes that carry much. */
#ifndef BASE_PIPE_H
#define BASE_PIPE_H

/* Lets the pipe behind `fd` hold more than the kernel's 64 KiB, so that writer and reader work at
 * the same time and need not wait for each other at every piece. No effect if it is no pipe, is as
 * wide already, or the kernel refuses. */
void pipe_widen(int fd);

#endif
